"""The feed of `records.feed` at an address: pages to follow for ever."""

from typing import Any

from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from records.api.problems import InvalidParameters
from records.api.telling import Teller, kinds_of
from records.api.views import ApiView
from records.feed import CursorExpired, Feed, Place

DEFAULT_LIMIT, MOST = 100, 500
CHANGES = ("created", "changed", "withdrawn", "merged", "hidden", "deleted")


class ExpiredCursor(exceptions.APIException):
    """The cursor belongs to a state of the database that is no more, as after a restore: follow anew."""

    status_code = 410
    problem_type = "cursor-expired"
    default_detail = gettext_lazy(
        "The database was restored or moved since this cursor was given. Start again without one, and remove what you "
        "are not told of until `is_stock` is false."
    )


class ChangeSerializer(serializers.Serializer[Any]):
    """What became of one record."""

    kind = serializers.CharField(help_text="The kind of record: meeting, statement, actor, ...")
    uid = serializers.CharField(help_text="Its public id.")
    url = serializers.URLField(help_text="Its address in the API.")
    change = serializers.ChoiceField(
        choices=[(one, one) for one in CHANGES],
        help_text="`created` and `changed`: it is public; keep it as it is now. All others: remove it.",
    )
    version = serializers.IntegerField(allow_null=True, help_text="Its version now; null when it is not public.")
    updated_at = serializers.DateTimeField(allow_null=True, help_text="When it was saved last, null if not public.")
    reason = serializers.CharField(help_text="Why it was withdrawn; empty otherwise.")
    survivor = serializers.DictField(
        allow_null=True,
        child=serializers.CharField(),
        help_text="`uid` and `url` of the record that it was merged into; null otherwise.",
    )
    record = serializers.DictField(
        allow_null=True, help_text="The record as at its own address, with `expand=record`; null otherwise."
    )


class ChangesPageSerializer(serializers.Serializer[Any]):
    """A page of changes."""

    next = serializers.URLField(help_text="Where to go on: at once while `has_more`, otherwise whenever you like.")
    cursor = serializers.CharField(help_text="The position behind this page, for `since`. Keep it; it stays good.")
    has_more = serializers.BooleanField(help_text="Whether more is there already.")
    is_stock = serializers.BooleanField(
        help_text="Whether the first round through all public records still goes on behind this page."
    )
    results = ChangeSerializer(many=True)


class ChangesView(ApiView):
    """What became of public records: a feed to build and keep a mirror from.

    Start without `since`: you are told of every public record there is, then of all that changed. Follow `next`, and
    keep `cursor` to go on after a pause of any length. Nothing is skipped, however many write at once; a record may
    be told of twice. Each is told as it is now, not as it was at that position. A record is told of again when others
    that it shows have changed, even where its own version has not.
    """

    parameters = frozenset({"format", "since", "kind", "limit", "expand"})
    #: The view sets of all records of the API, in the order in which the stock is told.
    viewsets: tuple[Any, ...] = ()

    @extend_schema(
        operation_id="list_changes",
        summary=gettext_lazy("Follow the changes of all records"),
        tags=["changes"],
        parameters=[
            OpenApiParameter("since", str, description=gettext_lazy("Go on behind this `cursor` of an earlier page.")),
            OpenApiParameter(
                "kind", str, many=True, description=gettext_lazy("Only these kinds of records, as `kind` names them.")
            ),
            OpenApiParameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
                description=gettext_lazy("Records on a page at most."),
            ),
            OpenApiParameter(
                "expand", str, enum=["record"], description=gettext_lazy("Give each public record as a whole.")
            ),
        ],
        responses=ChangesPageSerializer,
    )
    def get(self, request: Request) -> Response:
        feed = Feed(kinds_of(self.viewsets))
        limit, kinds, place = self._limit(), self._kinds(feed), self._place(feed)
        try:
            told, onwards, has_more = feed.read(place, limit=limit, wanted=kinds)
        except CursorExpired:
            raise ExpiredCursor from None
        cursor = onwards.as_cursor()
        query = request.query_params.copy()
        query["since"] = cursor
        return Response(
            {
                "next": request.build_absolute_uri(f"{request.path}?{query.urlencode()}"),
                "cursor": cursor,
                "has_more": has_more,
                "is_stock": onwards.stock_kind is not None,
                "results": Teller(self.viewsets, self._site).entries(told, is_whole=self._is_whole()),
            },
            # What is told now may be told otherwise in a second.
            headers={"Cache-Control": "no-cache"},
        )

    @property
    def _site(self) -> str:
        return str(self.request.build_absolute_uri("/").removesuffix("/"))

    # What was asked.

    def _one(self, name: str) -> str | None:
        given = self.request.query_params.getlist(name)
        if len(given) > 1:
            raise InvalidParameters({name: [_("Give this parameter once.")]})
        return given[0] if given else None

    def _place(self, feed: Feed) -> Place:
        since = self._one("since")
        if not since:
            return feed.start()
        try:
            return Place.read(since)
        except signing.BadSignature:
            message = _("This is not a cursor of the changes. Take it from `cursor` or `next`, or start without one.")
            raise InvalidParameters({"since": [message]}) from None

    def _kinds(self, feed: Feed) -> list[str]:
        names = [kind.name for kind in feed.kinds]
        given = self.request.query_params.getlist("kind")
        if unknown := [name for name in given if name not in names]:
            message = _("There is no such kind of record: %(names)s.") % {"names": ", ".join(unknown)}
            raise InvalidParameters({"kind": [message]}, allowed={"kind": names})
        return given

    def _limit(self) -> int:
        given = self._one("limit")
        if given is None:
            return DEFAULT_LIMIT
        if not (given.isascii() and given.isdigit() and len(given) < 5 and 1 <= int(given) <= MOST):
            raise InvalidParameters({"limit": [_("Give a whole number from 1 to %(most)s.") % {"most": MOST}]})
        return int(given)

    def _is_whole(self) -> bool:
        given = self._one("expand")
        if given not in (None, "record"):
            raise InvalidParameters(
                {"expand": [_("Only “record” can be expanded here.")]}, allowed={"expand": ["record"]}
            )
        return given is not None
