"""A reconciliation service for actors (Reconciliation API 0.2 of the W3C community group), as OpenRefine uses it.

Its shapes are those of that specification and not of the rest of the API; its errors are problem documents.
"""

import json
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from actors.models import Actor, ActorIdentifier, ActorName
from actors.reconciling import LONGEST, Candidate, Query, candidates, kinds
from records.api.problems import InvalidParameters
from records.api.views import ApiView
from records.lookup import Gone, Moved, Unknown, find

#: Names matched in one request, and rows extended, at most.
MOST_QUERIES, MOST_ROWS = 50, 200
MOST_CANDIDATES = 50
#: What an actor can be extended by, beside the identifiers of the schemes in use.
_PROPERTIES = {
    "name": "Name", "kind": "Kind", "home_state": "State it belongs to", "parent": "Part of",
    "born": "Born or founded", "died": "Died or dissolved", "names": "All names", "description": "Description",
}  # fmt: skip
_IDENTIFIER = "identifier:"


class _ServiceView(ApiView):
    """Answers to any page, as the specification wants it, and sets or reads no cookies."""

    schema = None

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def site(self) -> str:
        """Scheme and host."""
        return str(self.request.build_absolute_uri("/").removesuffix("/"))

    def text(self, name: str) -> str:
        """A parameter given once and not too long."""
        given = self.request.query_params.getlist(name)
        if len(given) > 1 or any(len(one) > LONGEST for one in given):
            raise InvalidParameters({name: [_("Give it once, in %(most)s letters at most.") % {"most": LONGEST}]})
        return given[0] if given else ""


class ReconcileView(_ServiceView):
    """What the service is; a batch of names to match; or actors to extend by what is known of them."""

    parameters = frozenset({"format", "queries", "extend"})
    #: A batch of names is too long for an address, and changes nothing.
    only_reads = True
    parser_classes = [FormParser, MultiPartParser, JSONParser]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return self._answer(request.query_params)

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        return self._answer(request.data if isinstance(request.data, dict) else {})

    def _answer(self, given: Any) -> Response:
        if given.get("queries"):
            return Response(self._matched(_read(given["queries"], "queries")))
        if given.get("extend"):
            return Response(self._extended(_read(given["extend"], "extend")))
        return Response(self._manifest())

    def _manifest(self) -> dict[str, Any]:
        site, here = self.site(), self.request.path
        service = {"service_url": site, "service_path": f"{here}suggest/entity/"}
        return {
            "versions": ["0.2"],
            "name": "Readout: actors",
            "identifierSpace": f"{site}/actors/",
            "schemaSpace": f"{site}/api/v1/actors/",
            "documentation": f"{site}/api/v1/docs/",
            "view": {"url": f"{site}/actors/{{{{id}}}}/"},
            "defaultTypes": kinds(),
            "preview": {"url": f"{site}{here}preview/?id={{{{id}}}}", "width": 420, "height": 200},
            "suggest": {
                "entity": service,
                "property": {**service, "service_path": f"{here}suggest/property/"},
                "type": {**service, "service_path": f"{here}suggest/type/"},
            },
            "extend": {
                "propose_properties": {"service_url": site, "service_path": f"{here}properties/"},
                "property_settings": [],
            },
            "batchSize": MOST_QUERIES,
        }

    def _matched(self, queries: dict[str, Any]) -> dict[str, Any]:
        if len(queries) > MOST_QUERIES:
            raise InvalidParameters({"queries": [_("At most %(most)s at once.") % {"most": MOST_QUERIES}]})
        return {key: {"result": [_told(one) for one in candidates(_query(key, said))]} for key, said in queries.items()}

    def _extended(self, said: dict[str, Any]) -> dict[str, Any]:
        ids, wanted = said.get("ids"), said.get("properties")
        if not (isinstance(ids, list) and isinstance(wanted, list) and all(isinstance(one, dict) for one in wanted)):
            raise InvalidParameters({"extend": [_("Give “ids” and “properties”, each a list.")]})
        if len(ids) > MOST_ROWS:
            raise InvalidParameters({"extend": [_("At most %(most)s ids at once.") % {"most": MOST_ROWS}]})
        known = {one["id"]: one["name"] for one in _properties()}
        names = [str(one.get("id", "")) for one in wanted]
        if unknown := [name for name in names if name not in known]:
            message = _("There is no such property: %(names)s.") % {"names": ", ".join(unknown)}
            raise InvalidParameters({"extend": [message]}, allowed={"extend": known})
        uids = [str(one) for one in ids]
        actors = Actor.objects.public_by_uid(uids)
        whole = _with_properties([actor.pk for actor in actors.values()])
        return {
            "meta": [{"id": name, "name": known[name]} for name in names],
            "rows": {
                uid: {name: _values(whole[actors[uid].pk], name) if uid in actors else [] for name in names}
                for uid in uids
            },
        }


class SuggestEntityView(_ServiceView):
    """Actors for what was typed so far."""

    parameters = frozenset({"format", "prefix", "cursor", "type"})

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        prefix = self.text("prefix").strip()
        found = candidates(Query(prefix)) if prefix else []
        return Response(
            {
                "result": [
                    {
                        "id": one.actor.uid,
                        "name": one.actor.name,
                        "description": one.actor.description[:200],
                        "notable": [_kind(one.actor)],
                    }
                    for one in found
                ]
            }
        )


class SuggestTypeView(_ServiceView):
    """Kinds of actors for what was typed so far."""

    parameters = frozenset({"format", "prefix", "cursor"})

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        return Response({"result": _beginning(kinds(), self.text("prefix"))})


class SuggestPropertyView(_ServiceView):
    """Properties for what was typed so far."""

    parameters = frozenset({"format", "prefix", "cursor"})

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        return Response({"result": _beginning(_properties(), self.text("prefix"))})


class PropertiesView(_ServiceView):
    """What an actor can be extended by."""

    parameters = frozenset({"format", "type", "limit"})

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> Response:
        return Response({"type": self.text("type"), "properties": _properties()})


class PreviewView(_ServiceView):
    """An actor in a small frame of the program that asks."""

    parameters = frozenset({"format", "id"})

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        try:
            actor = find(self.text("id"), among=Actor.objects.select_related("home_state").prefetch_related("names"))
        except Moved as moved:
            actor = moved.record
        except (Gone, Unknown):
            raise exceptions.NotFound(_("There is no public record at this address.")) from None
        home = actor.home_state if actor.home_state is not None and actor.home_state.is_public else None
        response = render(request._request, "actors/preview.html", {"actor": actor, "home": home, "site": self.site()})
        # The page is made to stand in a frame elsewhere, and has nothing to press.
        response.xframe_options_exempt = True
        response._csp_replace = {"frame-ancestors": "*"}  # type: ignore
        return response


def _read(text: Any, name: str) -> dict[str, Any]:
    if isinstance(text, str):
        try:
            text = json.loads(text)
        except (ValueError, RecursionError):
            text = None
    if not isinstance(text, dict):
        raise InvalidParameters({name: [_("Give an object in JSON.")]})
    return text


def _query(key: str, said: Any) -> Query:
    words = said.get("query", "") if isinstance(said, dict) else None
    if not isinstance(words, str) or len(words) > LONGEST:
        message = _("%(key)s: give a “query” of %(most)s letters at most.") % {"key": key, "most": LONGEST}
        raise InvalidParameters({"queries": [message]})
    types = said.get("type") or []
    types = [types] if isinstance(types, str | dict) else types
    names = [one.get("id", "") if isinstance(one, dict) else one for one in types] if isinstance(types, list) else []
    known = [one["id"] for one in kinds()]
    if unknown := [str(name) for name in names if name not in known]:
        message = _("%(key)s: there is no type %(names)s.") % {"key": key, "names": ", ".join(unknown)}
        raise InvalidParameters({"queries": [message]}, allowed={"queries": known})
    limit = said.get("limit", 10)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise InvalidParameters({"queries": [_("%(key)s: “limit” is a whole number from 1.") % {"key": key}]})
    return Query(words, tuple(names), min(limit, MOST_CANDIDATES), tuple(_identifiers(said.get("properties"))))


def _identifiers(properties: Any) -> list[tuple[str, str]]:
    """Identifiers among the properties of a query. All others say nothing about who is meant."""
    found = []
    for one in properties if isinstance(properties, list) else ():
        if isinstance(one, dict):
            values = one.get("v")
            for value in values if isinstance(values, list) else [values]:
                text = value.get("id", "") if isinstance(value, dict) else value
                found.append((str(one.get("pid", "")).removeprefix(_IDENTIFIER), str(text)[:LONGEST]))
    return found[:20]


def _told(one: Candidate) -> dict[str, Any]:
    return {
        "id": one.actor.uid,
        "name": one.actor.name,
        "description": one.actor.description[:200],
        "type": [_kind(one.actor)],
        "score": one.score,
        "match": one.is_match,
        "features": [{"id": "name_similarity", "value": one.score}],
    }


def _kind(actor: Any) -> dict[str, str]:
    return {"id": actor.kind, "name": str(actor.get_kind_display())}


def _beginning(things: list[dict[str, str]], prefix: str) -> list[dict[str, str]]:
    said = prefix.strip().casefold()
    return [one for one in things if one["name"].casefold().startswith(said) or one["id"].casefold().startswith(said)]


def _properties() -> list[dict[str, str]]:
    schemes = ActorIdentifier.objects.public().order_by("scheme").values_list("scheme", flat=True).distinct()
    own = [{"id": name, "name": label} for name, label in _PROPERTIES.items()]
    return [*own, *({"id": f"{_IDENTIFIER}{scheme}", "name": scheme} for scheme in schemes)]


def _with_properties(keys: list[int]) -> dict[int, Any]:
    actors = Actor.objects.public().filter(pk__in=keys).with_public("home_state", "parent")
    return actors.prefetch_related(
        Prefetch("names", ActorName.objects.public()), Prefetch("identifiers", ActorIdentifier.objects.public())
    ).in_bulk()


def _values(actor: Any, name: str) -> list[dict[str, Any]]:
    if name.startswith(_IDENTIFIER):
        scheme = name.removeprefix(_IDENTIFIER)
        return [{"str": one.value} for one in actor.identifiers.all() if one.scheme == scheme]
    if name == "names":
        return [{"str": one.text} for one in actor.names.all()]
    value = getattr(actor, name)
    if isinstance(value, Actor):
        return [{"id": value.uid, "name": value.name}]
    text = getattr(value, "edtf", value)
    return [{"str": str(text)}] if text else []
