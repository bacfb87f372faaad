"""Who else has the form of a record open: a note beside it, never a lock, and no change of the record.

The shared cache holds a table of a few places for each record. Whoever opens the form takes a free place, which one of
two at the same moment gets; nobody ever writes what another one wrote.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

#: How long somebody is there after opening a form, when no script of it says that they still are.
OPENED = 5 * 60
#: How long after the last word of the script. A browser lets a page in the background speak once a minute.
SILENCE = 90
#: How often the script says so, and asks for the others.
BEAT = 15
#: So many are told of at one record; whoever comes later sees them, and is not seen.
PLACES = 8


@dataclass(frozen=True)
class Presence:
    """Somebody at the form of a record; ``page`` tells the page they opened last from those before."""

    user: Any
    name: str
    since: datetime
    page: str


def arrive(record: Any, user: Any, *, page: str, lasting: int = OPENED) -> list[Presence]:
    """Note that the user has the form open, and answer who else has, the first to come first.

    Who was there already is there since then.
    """
    table = _table(record)
    place = _place_of(user, table)
    if place is not None:
        cache.set(place, Presence(user.pk, user.get_username(), table[place].since, page), lasting)
    else:
        arrived = Presence(user.pk, user.get_username(), timezone.now(), page)
        any(cache.add(free, arrived, lasting) for free in _places(record) if free not in table)
    return _others(table, user)


def leave(record: Any, user: Any, *, page: str | None = None) -> None:
    """Note that the user left the form; with ``page`` only when no later page of theirs has it open."""
    table = _table(record)
    place = _place_of(user, table)
    if place is not None and page in {None, table[place].page}:
        cache.delete(place)


def others_at(record: Any, user: Any) -> list[Presence]:
    """Who else has the form open, the first to come first."""
    return _others(_table(record), user)


def _places(record: Any) -> list[str]:
    return [f"editing:{record.uid}:{number}" for number in range(PLACES)]


def _table(record: Any) -> dict[str, Presence]:
    return {place: one for place, one in cache.get_many(_places(record)).items() if isinstance(one, Presence)}


def _place_of(user: Any, table: dict[str, Presence]) -> str | None:
    return next((place for place, one in sorted(table.items()) if one.user == user.pk), None)


def _others(table: dict[str, Presence], user: Any) -> list[Presence]:
    # Two windows of one person, opened at the same moment, may have two places.
    others = {one.user: one for _place, one in sorted(table.items(), reverse=True) if one.user != user.pk}
    return sorted(others.values(), key=lambda one: (one.since, one.name))


def words_for(others: list[Presence]) -> Iterator[str]:
    """A sentence about each of them."""
    for one in others:
        since = one.since.strftime("%H:%M")
        yield _("%(name)s is editing this (since %(time)s UTC).") % {"name": one.name, "time": since}


class PresenceAdmin(admin.ModelAdmin):
    """An admin whose forms say who else is at them."""

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_editing"
        view = self.admin_site.admin_view(self.editing_view)
        return [path("<path:object_id>/editing/", view, name=name), *super().get_urls()]

    def editing_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer who else is editing the record; a POST says that the user is (or, with ``leave``, is no more)."""
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        may_change = self.has_change_permission(request, record)
        if not self.has_view_or_change_permission(request, record) or (request.method == "POST" and not may_change):
            raise PermissionDenied
        if request.method == "POST":
            page = request.POST.get("page", "")[:20]
            if "leave" in request.POST:
                leave(record, request.user, page=page)
                return HttpResponse(status=204)
            others = arrive(record, request.user, page=page, lasting=SILENCE)
        else:
            others = others_at(record, request.user)
        return JsonResponse({"words": list(words_for(others))})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and object_id is not None and response.status_code == 302:
            saved = self.get_object(request, unquote(object_id))
            if saved is not None and response.headers.get("Location") != self._form_of(saved):
                leave(saved, request.user)
        return response

    def presence_at(self, request: HttpRequest, record: Any) -> dict[str, Any] | None:
        """What the form shows of who is at it, the user from now on too; ``None`` on one that changes nothing."""
        if record is None or record.pk is None or not self.has_change_permission(request, record):
            return None
        page = get_random_string(12)
        others = arrive(record, request.user, page=page)
        url = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_editing", args=[record.pk])
        return {"words": list(words_for(others)), "url": url, "page": page, "beat": BEAT}

    def _form_of(self, record: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[quote(record.pk)])
