"""What is new, corrected or gone in the saved searches of an account: found once, worded when a letter is handed over.

A letter holds keys and versions. Its words are read from what is public at the moment it goes out.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from events.wording import address_on_site, kind_of, lines_of, name_of
from readers import holdings
from readers.differences import changes_in_words
from readers.models import Letter, SavedSearch
from readers.searches import VIEWS, address_of, filters_of, found
from records.history import event_model
from records.models import State

#: Records of each sort named in a letter; the rest is counted.
MOST = 50


@dataclass(frozen=True)
class Entry:
    """One record in a letter: ``lines`` say what it is, or what changed. ``address`` is empty for what has no page."""

    title: str
    address: str
    lines: list[str]


@dataclass(frozen=True)
class Section:
    """The news of one search."""

    name: str
    address: str
    new: list[Entry]
    changed: list[Entry]
    gone: list[Entry]
    more: int

    @property
    def parts(self) -> list[tuple[str, list[Entry]]]:
        """Headings with their entries, without the empty ones."""
        named = ((_("New"), self.new), (_("Changed"), self.changed), (_("No longer in this list"), self.gone))
        return [(heading, entries) for heading, entries in named if entries]


def write_letter(user: Any, day: date) -> Letter | None:
    """Write the letter of the day for an account, and note what was told; ``None`` when there is nothing to say.

    Both in one transaction, with the searches locked: who comes second finds them told. A process that dies before
    the end wrote neither.
    """
    try:
        with transaction.atomic():
            searches = SavedSearch.objects.select_for_update().filter(user=user, is_by_mail=True).order_by("pk")
            due = [one for one in searches if one.told_on is None or one.told_on < day]
            items = [item for search in due if (item := _news_of(search, day)) is not None]
            return Letter.objects.create(user=user, day=day, items=items) if items else None
    except IntegrityError:
        # A search saved today after the letter of the day: nothing was noted, so that tomorrow's tells of it.
        return None


def _news_of(search: SavedSearch, day: date) -> dict[str, Any] | None:
    """What happened in a search since it was told, which is noted; ``None`` for nothing that readers see."""
    filters = filters_of(search.list, search.query)
    if not filters.is_valid():
        # A topic or actor of its filters is not public now. The account says so; what was told stays as it was.
        return None
    now = holdings.read(found(filters))
    news = holdings.difference(bytes(search.told), now)
    search.told, search.told_on = now, day
    search.save(update_fields=["told", "told_on"])
    if not news:
        return None
    changed: list[list[int]] = []
    more = max(0, len(news.changed) - MOST)
    records = {record.pk: record for record in filters.queryset.filter(pk__in=[key for key, _was in news.changed])}
    for key, version in news.changed:
        if len(changed) < MOST and key in records and changes_in_words(records[key], version):
            changed.append([key, version])
    gone = _once_public(search, news.gone)
    if not (news.new or changed or gone):
        return None
    return {
        "search": search.pk,
        "new": news.new[-MOST:],
        "changed": changed,
        "gone": gone[:MOST],
        "more": max(0, len(news.new) - MOST) + more + max(0, len(gone) - MOST),
    }


def _once_public(search: SavedSearch, keys: list[int]) -> list[list[Any]]:
    """Each key with its uid, also of what was deleted."""
    events = event_model(VIEWS[search.list].model).objects.filter(pgh_obj_id__in=keys)
    return [list(row) for row in events.order_by("pgh_obj_id").values_list("pgh_obj_id", "uid").distinct()]


def sections_of(letter: Letter) -> list[Section]:
    """The letter in words, by what is public now. Searches deleted or silenced meanwhile are left out."""
    searches = SavedSearch.objects.in_bulk([item["search"] for item in letter.items])
    told = [(searches.get(item["search"]), item) for item in letter.items]
    return [_section(search, item) for search, item in told if search is not None and search.is_by_mail]


def _section(search: SavedSearch, item: dict[str, Any]) -> Section:
    view = VIEWS[search.list]
    versions = dict(item["changed"])
    wanted = [*item["new"], *versions, *(key for key, _uid in item["gone"])]
    public = {record.pk: record for record in view.read(view.model.objects.public().filter(pk__in=wanted))}
    hidden = {record.pk: record for record in view.model.objects.filter(pk__in=set(wanted) - set(public))}
    gone = [_departed(uid, public.get(key), hidden.get(key)) for key, uid in item["gone"]]
    # What was new or changed and is hidden by now is told as gone.
    late = [record for key, record in hidden.items() if key in item["new"] or key in versions]
    return Section(
        name=search.name,
        address=address_on_site(address_of(search)),
        new=[_entry(public[key], lines_of(public[key])) for key in item["new"] if key in public],
        changed=[
            _entry(public[key], changes_in_words(public[key], version))
            for key, version in versions.items()
            if key in public
        ],
        gone=[*gone, *(_departed(record.uid, None, record) for record in late)],
        more=item["more"],
    )


def _entry(record: Any, lines: list[str]) -> Entry:
    title = f"{kind_of(record)}: {name_of(record)}"
    return Entry(title, address_on_site(record.get_absolute_url()), lines)


def _departed(uid: str, public: Any, hidden: Any) -> Entry:
    """What became of a record that left a list. What is hidden is called by its id, and gives its public reason."""
    if public is not None:
        return _entry(public, [_("It no longer meets the filters.")])
    title = _("Record %(uid)s") % {"uid": uid}
    if hidden is None:
        return Entry(title, "", [_("It was deleted.")])
    if hidden.merged_into_id is not None:
        survivor = hidden.merged_into
        if survivor.is_public:
            address = address_on_site(survivor.get_absolute_url())
            return Entry(title, address, [_("It was merged into “%(record)s”.") % {"record": name_of(survivor)}])
        return Entry(title, "", [_("It is no longer public.")])
    if hidden.state == State.WITHDRAWN:
        address = address_on_site(hidden.get_absolute_url())
        return Entry(title, address, [_("It was withdrawn: %(reason)s") % {"reason": hidden.withdrawal_reason}])
    return Entry(title, "", [_("It is no longer public.")])
