"""How the views describe themselves in OpenAPI: names, summaries, and the problem documents that may come back."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema

from records.api.problems import CONTENT_TYPE, type_of
from records.api.serializers import ProblemSerializer


class ApiSchema(AutoSchema):
    """The operations of a `RecordViewSet`, in words made from the names of its model."""

    def get_operation_id(self) -> str:
        names = self._names()
        if names is None:
            return super().get_operation_id()
        one, many = names
        return f"list_{many.replace(' ', '_')}" if self._is_list() else f"get_{one.replace(' ', '_')}"

    def get_summary(self) -> str | None:
        names = self._names()
        if names is None:
            return super().get_summary()
        return (
            _("List %(records)s") % {"records": names[1]}
            if self._is_list()
            else _("One of the %(records)s") % {"records": names[1]}
        )

    def get_description(self) -> str:  # type: ignore[override]
        return str(self.view.__doc__ or "")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if self._names() is not None and not self._is_list():
            bodies["308"] = _redirect()
        for status, description in self._problems().items():
            answer = self._get_response_for_code(ProblemSerializer, status, [CONTENT_TYPE], direction)
            answer["content"][CONTENT_TYPE]["example"] = self._example(int(status), description)
            bodies[status] = {**answer, "description": description}
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
            "406": _("The format that `Accept` asks for is not there."),
            "429": _("Too many requests; `Retry-After` says how many seconds to wait."),
            "500": _("A fault of ours. It has been written to the log."),
            "503": _("The question took longer than the time limit."),
        }
        if self._names() is not None and not self._is_list():
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
