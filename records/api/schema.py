"""How the views describe themselves in OpenAPI: names, summaries, and the problem documents that may come back."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

from records.api.pagination import or_chosen
from records.api.problems import CONTENT_TYPE, type_of
from records.api.serializers import ProblemSerializer
from records.api.then import AS_OF

_COUNTS = {
    "facets": gettext_lazy("Count the values of %(records)s"),
    "histogram": gettext_lazy("Count %(records)s over time"),
}


class ApiSchema(AutoSchema):
    """The operations of a `RecordViewSet`, in words made from the names of its model."""

    view: Any

    def get_operation_id(self) -> str:
        names = self._names()
        if names is None:
            return super().get_operation_id()
        one, many = names
        action = self.view.action
        if action in _COUNTS:
            return f"{action}_of_{many.replace(' ', '_')}"
        return f"list_{many.replace(' ', '_')}" if self._is_list() else f"get_{one.replace(' ', '_')}"

    def get_summary(self) -> str | None:
        names = self._names()
        if names is None:
            return super().get_summary()
        if self.view.action in _COUNTS:
            return str(_COUNTS[self.view.action]) % {"records": names[1]}
        return (
            _("List %(records)s") % {"records": names[1]}
            if self._is_list()
            else _("One of the %(records)s") % {"records": names[1]}
        )

    def get_auth(self) -> list[dict[str, Any]]:
        """Reading may be done with a token or without; whatever changes something needs one."""
        known = [auth for auth in super().get_auth() if auth]
        return known if self._changes() else [*known, {}]

    def _changes(self) -> bool:
        return self.method not in SAFE_METHODS and not getattr(self.view, "only_reads", False)

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        return [] if self._names() is None else self.view.described_parameters()

    def get_description(self) -> str:  # type: ignore[override]
        action = getattr(self.view, "action", "")
        return str((getattr(self.view, action).__doc__ if action in _COUNTS else self.view.__doc__) or "")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if not self._changes():
            answer = bodies["200"]
            answer["headers"] = {**answer.get("headers", {}), **_headers()}
            bodies["304"] = {"description": _("The copy that `If-None-Match` names is still good.")}
        if self._is_record():
            for content in answer["content"].values():
                content["schema"] = or_chosen(content["schema"])
            bodies["308"] = _redirect()
        for status, description in self._problems().items():
            answer = self._get_response_for_code(ProblemSerializer, status, [CONTENT_TYPE], direction)
            answer["content"][CONTENT_TYPE]["example"] = self._example(int(status), description)
            bodies[status] = {**answer, "description": description, **_told_by_headers(int(status))}
        return bodies

    def _example(self, status: int, description: str) -> dict[str, Any]:
        more: dict[int, dict[str, Any]] = {
            400: {"errors": {"colour": [_("Unknown parameter.")]}, "parameters": ["format"]},
            410: {"uid": "0123456789", "reason": _("It never took place.")},
        }
        return {
            "type": type_of(status),
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": description,
            "instance": self.path.replace("{uid}", "0123456789"),
            **more.get(status, {}),
        }

    def _problems(self) -> dict[str, str]:
        problems = {
            "400": _("A parameter or a value is not known; nothing was looked up."),
            "401": _("The token is not known, expired or revoked, or there is none where one is needed."),
            "406": _("The format that `Accept` asks for is not there."),
            "429": _(
                "Too many requests from the address or with the token; `Retry-After` says how many seconds to wait."
            ),
            "500": _("A fault of ours. It has been written to the log."),
            "503": _("The question took longer than the time limit."),
        }
        if self._changes():
            problems["403"] = _("The token may only read, or its owner may not do this.")
        if self._is_record():
            problems["404"] = _("No public record has this id, or ever had.")
            problems["410"] = _("The record was public and is no more; `reason` says why.")
        return dict(sorted(problems.items()))

    def _names(self) -> tuple[str, str] | None:
        queryset = getattr(self.view, "queryset", None)
        if queryset is None:
            return None
        return str(queryset.model._meta.verbose_name), str(queryset.model._meta.verbose_name_plural)

    def _is_list(self) -> bool:
        return getattr(self.view, "action", "") == "list"

    def _is_record(self) -> bool:
        return getattr(self.view, "action", "") == "retrieve"


#: It names one moment; an empty one is refused.
_NEVER_EMPTY = {AS_OF}


def let_filters_be_empty(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Say of the parameters of lists that an empty value counts as not given, as forms of pages send it."""
    for operations in result["paths"].values():
        for operation in operations.values():
            parameters = operation.get("parameters", [])
            if not any(one["name"] == "q" for one in parameters):
                continue
            for one in parameters:
                if one["in"] == "query" and not one.get("required") and one["name"] not in _NEVER_EMPTY:
                    if one["schema"].get("type") == "array":
                        one["schema"] = {**one["schema"], "items": _or_empty(one["schema"]["items"])}
                    else:
                        one["allowEmptyValue"] = True
    return result


def _or_empty(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of one value of many; the empty one of them is left out, too."""
    if "enum" in schema and "" not in schema["enum"]:
        return {**schema, "enum": [*schema["enum"], ""]}
    if "pattern" in schema:
        return {**schema, "pattern": f"^$|{schema['pattern']}"}
    return schema


def _headers() -> dict[str, Any]:
    def header(description: str, example: str) -> dict[str, Any]:
        return {"description": description, "schema": {"type": "string"}, "example": example}

    return {
        "ETag": header(_("Names this very answer; send it as `If-None-Match`."), '"12-5f1d9c0b7a3e42d68c1f90ab"'),
        "RateLimit": header(_("Requests left, and seconds until the count starts anew."), '"address";r=599;t=42'),
        "RateLimit-Policy": header(_("Requests allowed, and in how many seconds."), '"address";q=600;w=60'),
    }


def _told_by_headers(status: int) -> dict[str, Any]:
    """The headers of a problem without which a program cannot go on."""
    headers = {
        401: {"WWW-Authenticate": {"schema": {"type": "string"}, "example": 'Bearer realm="Readout"'}},
        429: {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "example": 42}},
    }
    return {"headers": headers[status]} if status in headers else {}


def _redirect() -> dict[str, Any]:
    address = {"type": "string", "format": "uri"}
    return {
        "description": _("The record was merged into another, or its id is spelled otherwise: go to `Location`."),
        "headers": {"Location": {"required": True, "schema": address}},
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["uid", "url"],
                    "properties": {"uid": {"type": "string"}, "url": address},
                }
            }
        },
    }
