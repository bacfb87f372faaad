"""Saved searches: what they list, and the verbs of their owner."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.views.lists import LISTS, ListView
from readers import holdings
from readers.models import SavedSearch
from records.services import Refused

#: Searches of one account: each is asked once a day, and at every look at the account.
MOST = 30

VIEWS: dict[str, type[ListView]] = {view.name: view for view in LISTS.values()}


def filters_of(list_name: str, query: str) -> Any:
    """The filters of a list as its page reads them."""
    view = VIEWS[list_name]
    return view.filterset_class(QueryDict(query), queryset=view.model.objects.public())


def found(filters: Any) -> Any:
    """What filters leave, in no order; nothing while one of them is refused."""
    if not filters.is_valid():
        return filters.queryset.none()
    return filters.filter_queryset(filters.queryset.all()).order_by()


def address_of(search: SavedSearch, **more: str) -> str:
    """The list that was saved."""
    query = QueryDict(search.query, mutable=True)
    for name, value in more.items():
        query[name] = value
    path = reverse(f"events:{search.list}-list")
    return f"{path}?{query.urlencode()}" if query else path


def plain_query(list_name: str, query: str) -> str:
    """The filters of a query without what only says how the list is shown. Raises `Refused` with all that is wrong."""
    if list_name not in VIEWS:
        raise Refused(_("There is no such list."))
    filters = filters_of(list_name, query)
    if not filters.is_valid():
        raise Refused(*(message for messages in filters.errors.values() for message in messages))
    plain: str = filters.query_string(**dict.fromkeys(filters.DISPLAY))
    return plain


def save(*, user: Any, list_name: str, query: str, name: str) -> SavedSearch:
    """Save a search. What it lists now is known; news are what comes after. Raises `Refused`, ``ValidationError``."""
    query = plain_query(list_name, query)
    if user.saved_searches.count() >= MOST:
        raise Refused(_("An account keeps %(most)d searches. Delete one first.") % {"most": MOST})
    search = SavedSearch(user=user, list=list_name, query=query, name=name.strip())
    search.told = holdings.read(found(filters_of(list_name, query)))
    search.full_clean()
    with transaction.atomic():
        search.save()
    return search


def count_new(search: SavedSearch, *, most: int) -> int:
    """How many came into the list by publication since its owner looked at it, counted up to ``most`` and one more."""
    filters = filters_of(search.list, search.query)
    # A transaction dates what it publishes by its beginning.
    since = search.seen_at - timedelta(seconds=1)
    return int(found(filters).filter(published_at__gt=since).values("pk")[: most + 1].count())


def note_seen(search: SavedSearch) -> None:
    """Remember that the owner looks at the list now."""
    SavedSearch.objects.filter(pk=search.pk).update(seen_at=timezone.now())


def stop_mail(user: Any) -> int:
    """Send no more news; how many searches that concerns."""
    return SavedSearch.objects.filter(user=user, is_by_mail=True).update(is_by_mail=False)
