"""How the addresses of the desk describe themselves in OpenAPI: made from the forms that they fill in."""

from functools import cache
from http import HTTPStatus
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema

from records.api.problems import CONTENT_TYPE, type_of
from records.api.serializers import ProblemSerializer
from records.api.writing.desk import Desk, Rows
from records.api.writing.fields import schema_of
from records.api.writing.services import MOST_AT_ONCE, has_workflow
from records.models import State

#: Marks a schema that is written once, under this name, and referred to elsewhere.
NAMED = "x-name"

_TEXT = {"type": "string"}
_VERSION = {"type": "integer", "minimum": 1}
_ADDRESS = {"type": "string", "format": "uri"}
_MOMENT = {"type": ["string", "null"], "format": "date-time"}
_DATE = {
    "type": "object",
    "required": ["edtf", "earliest", "latest", "certain", "text"],
    "properties": {
        "edtf": _TEXT,
        "earliest": {"type": ["string", "null"], "format": "date"},
        "latest": {"type": ["string", "null"], "format": "date"},
        "certain": {"type": "boolean"},
        "text": _TEXT,
    },
}
_DATE_GIVEN = {"anyOf": [_TEXT, {"type": "object", "properties": {"edtf": _TEXT}}, {"type": "null"}]}
_LINK = {
    "type": "object",
    "required": ["uid", "url", "label"],
    "properties": {"uid": _TEXT, "url": _ADDRESS, "label": _TEXT},
}
_LINK_GIVEN = {"anyOf": [_TEXT, {"type": "object", "required": ["uid"], "properties": {"uid": _TEXT}}]}
_REASON = {
    "type": ["string", "null"],
    "maxLength": 500,
    "description": "Why; it stands in the history. Null says nothing.",
}
_OTHERS = {"type": "array", "items": _TEXT, "description": "Similar records that a new one is known not to be."}
_SIMILAR = {"type": "array", "items": _LINK, "description": "Of a new record: others that may be the same."}
_WARNINGS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "message", "fingerprint", "confirmed"],
        "properties": {
            "code": _TEXT,
            "message": _TEXT,
            "fingerprint": _TEXT,
            "confirmed": {"type": ["string", "null"]},
        },
    },
}


class DeskSchema(AutoSchema):
    """The operations of a `DeskView`."""

    view: Any

    def get_operation_id(self) -> str:
        return f"{self._verb()}_{self._kind()[0].replace(' ', '_')}"

    def get_summary(self) -> str:
        words = {
            "create": _("Create: %(kind)s"),
            "create_many": _("Create many: %(kind)s"),
            "read_draft_of": _("Read with drafts: %(kind)s"),
            "change": _("Change: %(kind)s"),
            "delete": _("Delete: %(kind)s"),
            "submit": _("Submit for review: %(kind)s"),
            "publish": _("Publish: %(kind)s"),
            "return": _("Back to draft: %(kind)s"),
            "withdraw": _("Withdraw: %(kind)s"),
            "merge": _("Merge into another: %(kind)s"),
            "confirm_warning_of": _("Confirm a warning: %(kind)s"),
        }
        return words[self._verb()] % {"kind": self._kind()[0]}

    def get_description(self) -> str:  # type: ignore[override]
        return str(getattr(self.view, self.method.lower()).__doc__ or "")

    def get_tags(self) -> list[str]:
        return ["desk"]

    def get_auth(self) -> list[dict[str, Any]]:
        return [auth for auth in super().get_auth() if auth]

    def _verb(self) -> str:
        if step := getattr(self.view, "step", ""):
            return str(step)
        names = {"/bulk/": "create_many", "/merge/": "merge", "/confirm/": "confirm_warning_of"}
        for end, name in names.items():
            if self.path.endswith(end):
                return name
        return {"POST": "create", "GET": "read_draft_of", "PATCH": "change", "DELETE": "delete"}[self.method]

    def _kind(self) -> tuple[str, str]:
        options = self.view.model._meta
        return str(options.verbose_name), options.object_name

    def _get_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def parameter(name: str, place: str, description: str, schema: Any = _TEXT, **more: Any) -> None:
            found.append({"name": name, "in": place, "description": description, "schema": schema, **more})

        verb = self._verb()
        if "{uid}" in self.path:
            parameter("uid", "path", _("The id of the record."), required=True)
        if self.method == "GET":
            return found
        yes = {"type": "string", "enum": ["true", "false"], "default": "false"}
        parameter("dry_run", "query", _("Try all of it, answer as if it were done, and keep nothing."), yes)
        if verb == "create_many":
            parameter("partial", "query", _("Keep those that can be created, though others cannot."), yes)
        if verb in ("create", "create_many"):
            words = {"type": "string", "enum": ["tell", "refuse"], "default": "tell"}
            parameter("similar", "query", _("What becomes of a record like others: told of, or refused."), words)
            parameter(
                "Idempotency-Key", "header", _("Any text of your own; sent again, the same creates nothing more."),
                {"type": "string", "pattern": '^"?[!-~]{1,255}"?$'}, example="8e03978e-40d5-43dd-bc93-6894a57f9324",
            )  # fmt: skip
        else:
            parameter("If-Match", "header", _("The `ETag` by which you know the record."), required=True, example='"7"')
        parameter("Readout-Reason", "header", _("Why, for a request without a body; in UTF-8."))
        return found

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:  # noqa: ARG002 the framework's
        if self.method in ("GET", "DELETE"):
            return None
        verb = self._verb()
        given, _told = _schemas(self.view.model, self.view.told_by)
        bodies: dict[str, tuple[dict[str, Any], Any]] = {
            "create": (given, self.view.example),
            "change": (given, {**_first_of(self.view.example), "reason": "The source says so."}),
            "create_many": (
                {
                    "type": "object",
                    "required": ["records"],
                    "additionalProperties": False,
                    "properties": {
                        "records": {"type": "array", "minItems": 1, "maxItems": MOST_AT_ONCE, "items": given},
                        "reason": _REASON,
                    },
                },
                {"records": [self.view.example], "reason": "Communiqués of 2023"},
            ),
            "confirm_warning_of": (
                _CONFIRM,
                {"fingerprint": "8c1f90ab5f1d9c0b7a3e42d68c1f90ab", "word": "The source says so."},
            ),
            "merge": (_MERGE, {"into": "0123456789", "into_version": 3, "reason": "The same talks."}),
        }
        only_reason = {"type": "object", "additionalProperties": False, "properties": {"reason": _REASON}}
        schema, example = bodies.get(verb, (only_reason, {"reason": "The talks did not take place."}))
        return {
            "required": verb in bodies or verb == "withdraw",
            "content": {"application/json": {"schema": schema, "example": example}},
        }

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        verb = self._verb()
        _given, told = _schemas(self.view.model, self.view.told_by)
        etag = {"schema": _TEXT, "description": _("Send it as `If-Match` with the next change."), "example": '"7"'}
        bodies: dict[str, Any] = {}
        answers = {"create": ("201", told), "create_many": ("201", _report(told)), "merge": ("200", _merged(told))}
        status, schema = answers.get(verb, ("200", told))
        if verb == "delete":
            bodies["204"] = {"description": _("It is deleted.")}
        else:
            headers = {} if verb == "create_many" else {"ETag": etag}
            if verb == "create":
                headers["Location"] = {"schema": _ADDRESS}
            content = {"application/json": {"schema": schema}}
            bodies[status] = {"description": _("As it is now."), "headers": headers, "content": content}
            if verb == "create_many":
                bodies["200"] = {"description": _("With `partial`: some could not be created."), "content": content}
            if self.method == "GET":
                bodies["304"] = {"description": _("The copy that `If-None-Match` names is still good.")}
        for number, description in self._problems(verb).items():
            answer = self._get_response_for_code(ProblemSerializer, number, [CONTENT_TYPE], direction)
            answer["content"][CONTENT_TYPE]["example"] = {
                "type": type_of(int(number)),
                "title": HTTPStatus(int(number)).phrase,
                "status": int(number),
                "detail": description,
                "instance": self.path.replace("{uid}", "0123456789"),
            }
            bodies[number] = {**answer, "description": description}
        return bodies

    def _problems(self, verb: str) -> dict[str, str]:
        problems = {
            "400": _("What was sent cannot be written; `errors` says what is wrong with each place of it."),
            "401": _("There is no token, or none that is good."),
            "403": _("The token may only read, or its owner may not do this."),
            "406": _("The format that `Accept` asks for is not there."),
            "429": _("Too many requests; `Retry-After` says how many seconds to wait."),
            "500": _("A fault of ours. It has been written to the log."),
            "503": _("The question took longer than the time limit."),
        }
        if "{uid}" in self.path:
            problems["404"] = _("No record has this id.")
        if verb == "delete":
            problems["405"] = _("The record was public once: withdraw it.")
        if self.method != "GET":
            problems["409"] = _("The record as it is does not allow this, or somebody else is changing it right now.")
        if self.method in ("POST", "PATCH"):
            problems["413"] = _("More was sent than is read.")
            problems["415"] = _("Send JSON.")
        if "{uid}" in self.path and self.method != "GET":
            problems["412"] = _("The record changed since; `version` and `ETag` are those of now.")
            problems["428"] = _("Name the version that you know with `If-Match`.")
        if verb in ("create", "create_many"):
            problems["422"] = _("The key came with another request before.")
        return dict(sorted(problems.items()))


_CONFIRM = {
    "type": "object",
    "required": ["fingerprint", "word"],
    "additionalProperties": False,
    "properties": {"fingerprint": _TEXT, "word": _TEXT},
}
_MERGE = {
    "type": "object",
    "required": ["into", "into_version", "reason"],
    "additionalProperties": False,
    "properties": {
        "into": _TEXT,
        "into_version": _VERSION,
        "keep": {
            "type": "object",
            "additionalProperties": {"type": "string", "enum": ["survivor", "absorbed", "both"]},
        },
        "seen": _TEXT,
        "reason": _REASON,
    },
}


def _merged(told: dict[str, Any]) -> dict[str, Any]:
    plan = {"type": "object", "required": ["seen", "fields", "moved", "combined", "names", "conflicts", "notes"]}
    return {"type": "object", "required": ["record", "plan"], "properties": {"record": told, "plan": plan}}


def _report(told: dict[str, Any]) -> dict[str, Any]:
    item = {
        "type": "object",
        "required": ["status", "record", "errors"],
        "properties": {
            "status": {"type": "string", "enum": ["created", "refused"]},
            "record": {"anyOf": [told, {"type": "null"}]},
            "errors": {"type": "object", "additionalProperties": {"type": "array", "items": _TEXT}},
            "similar": _SIMILAR,
        },
    }
    number = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["created", "refused", "items"],
        "properties": {"created": number, "refused": number, "items": {"type": "array", "items": item}},
    }


def _first_of(example: dict[str, Any]) -> dict[str, Any]:
    return dict([next(iter(example.items()))])


@cache
def _schemas(model: Any, told_by: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of a document that is sent, and of one that is answered."""
    desk = Desk(model, user=get_user_model()(is_superuser=True, is_active=True, is_staff=True), told_by=told_by)
    name = model._meta.object_name
    given = {
        NAMED: f"{name}Written",
        "type": "object",
        "additionalProperties": False,
        "properties": {**_fields(desk, is_told=False), "reason": _REASON, "other_than": _OTHERS},
    }
    around: dict[str, Any] = {
        "uid": _TEXT,
        "url": _ADDRESS,
        "public_url": {"type": ["string", "null"], "format": "uri"},
        "form_url": _ADDRESS,
        "version": _VERSION,
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
    }
    if has_workflow(model):
        state = {"type": "string", "enum": [str(value) for value in State.values]}
        around |= {"state": state, "published_at": _MOMENT, "withdrawal_reason": _TEXT}
    around |= {"warnings": _WARNINGS, "similar": _SIMILAR}
    properties = around | _fields(desk, is_told=True)
    told = {
        NAMED: f"{name}AtDesk",
        "type": "object",
        "required": [one for one in properties if one in around and one != "similar"],
        "properties": properties,
    }
    return given, told


def _fields(desk: Desk, *, is_told: bool) -> dict[str, Any]:
    found = {one.name: _described(one.field, is_told=is_told) for one in desk.entries}
    lists = [rows for rows in desk.rows if not rows.within]
    return (
        found
        | {rows.name: _rows(desk, rows, is_told=is_told) for rows in lists}
        | {
            rows.name: _rows(desk, rows, is_told=is_told)
            for rows in desk.rows
            if rows.within and rows.name not in found
        }
    )


def _described(field: Any, *, is_told: bool) -> dict[str, Any]:
    link, date = (_LINK, _DATE) if is_told else (_LINK_GIVEN, _DATE_GIVEN)
    words = str(getattr(field, "help_text", "") or field.label or "")
    return {**schema_of(field, link, date, is_told=is_told), "description": words}


def _rows(desk: Desk, rows: Rows, *, is_told: bool) -> dict[str, Any]:
    if rows.only:
        (entry,) = rows.entries
        described = schema_of(
            entry.field, _LINK if is_told else _LINK_GIVEN, _DATE if is_told else _DATE_GIVEN, is_told=is_told
        )
        return {"type": "array", "items": described["anyOf"][0] if "anyOf" in described and is_told else described}
    own = {"type": "string"} if rows.has_uids else {"type": "integer"}
    properties = {"id": own} | {one.name: _described(one.field, is_told=is_told) for one in rows.entries}
    for inner in desk.rows_within(rows):
        properties[inner.name] = _rows(desk, inner, is_told=is_told)
    item: dict[str, Any] = {"type": "object", "properties": properties}
    if not is_told:
        item["additionalProperties"] = False
    return {"type": "array", "items": item, "description": str(rows.model._meta.verbose_name_plural)}


def name_documents(result: dict[str, Any], **_asked: Any) -> dict[str, Any]:
    """Write each schema that has a name once, among the components."""
    components = result.setdefault("components", {}).setdefault("schemas", {})

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(one) for one in value]
        if not isinstance(value, dict):
            return value
        one = {key: named(inner) for key, inner in value.items() if key != NAMED}
        if NAMED not in value:
            return one
        components[value[NAMED]] = one
        return {"$ref": f"#/components/schemas/{value[NAMED]}"}

    for path, operations in result["paths"].items():
        if "/desk/" in path:
            result["paths"][path] = named(operations)
    result["components"]["schemas"] = dict(sorted(components.items()))
    return result
