"""The box under participants and speakers that takes them as lines, shows whom they mean, and adds them as rows.

The preview is the same with and without a script; a script only saves the way to the server and back. Nothing is saved
before the form is.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actors.models import Actor, Tenure
from events import pasting
from events.models import ParticipationAttendance, ParticipationRole
from events.models.statements import SpeakerRole
from records.admin import Choice, mark_of
from records.admin.showing_again import Amendment, ShowingAgainAdmin, add_rows, rows_sent
from records.admin.similar import day_typed

#: What is picked for a line that keeps the name as given.
NAME = "name"


@dataclass(frozen=True)
class PasteBox:
    """What can be pasted into which rows. ``columns`` are the fields of a row beside actor, role and name."""

    prefix: str
    title: Any
    help: Any
    roles: Any
    default_role: str
    attendances: Any = None
    columns: tuple[str, ...] = ()
    office: str = "offices"
    is_once_per_role: bool = False


PARTICIPANTS = PasteBox(
    prefix="participations",
    title=gettext_lazy("Paste participants"),
    help=gettext_lazy(
        "One a line, with ; or a tab between: name; role; state, office or number of people in any order. "
        "“Wang Yi; host; CN” or “3 officials; guest; RU”. Names may be in any script. "
        "Where it could be mistaken, write side: …, for: … (on behalf of), as: … (capacity). "
        "Ctrl+Enter shows the preview."
    ),
    roles=ParticipationRole,
    default_role=ParticipationRole.PARTICIPANT,
    attendances=ParticipationAttendance,
    columns=("side", "on_behalf_of", "capacity", "head_count", "attendance"),
)
SPEAKERS = PasteBox(
    prefix="speakers",
    title=gettext_lazy("Paste speakers"),
    help=gettext_lazy(
        "One a line, with ; or a tab between: name; role; state. “Wang Yi; speaker; CN”. Names may be in any script; "
        "the state only tells namesakes apart. Ctrl+Enter shows the preview."
    ),
    roles=SpeakerRole,
    default_role=SpeakerRole.SPEAKER,
    office="tenure",
    is_once_per_role=True,
)

#: The classes of the preview and what they are called.
STATUSES = {
    "found": gettext_lazy("found"),
    "several": gettext_lazy("choose one"),
    "like": gettext_lazy("look again"),
    "unknown": gettext_lazy("not known"),
    "there": gettext_lazy("there already"),
    "unread": gettext_lazy("not read"),
}


@dataclass(frozen=True)
class Option:
    """One thing that a line can become: ``row`` is what its row would hold, for a script."""

    value: str
    choice: Choice
    row: dict[str, Any]
    notes: tuple[str, ...] = ()
    is_picked: bool = False
    is_there: bool = False

    @property
    def json(self) -> str:
        """The row as a script reads it."""
        return json.dumps(self.row)

    @property
    def sent(self) -> dict[str, Any]:
        """The row as a form sends it."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return value["id"]
            return [plain(one) for one in value] if isinstance(value, list) else value

        return {name: plain(value) for name, value in self.row.items()}


@dataclass(frozen=True)
class PreviewLine:
    """A line of the preview; without ``options`` there is nothing to add."""

    meant: pasting.Meant
    options: tuple[Option, ...] = ()

    @property
    def words(self) -> str:
        """What the status is called."""
        return str(STATUSES[self.meant.status])

    @property
    def is_choice(self) -> bool:
        """Whether one of several options is to be chosen, and not one taken or left."""
        return self.meant.status in {"several", "like"}

    @property
    def create_url(self) -> str:
        """Where the actor that nobody knows can be created."""
        query = urlencode({"name": self.meant.name[:200], "kind": "person"})
        return f"{reverse('admin:actors_actor_add')}?{query}"


class PastingAdmin(ShowingAgainAdmin):
    """An admin one of whose kinds of rows can be pasted as lines."""

    paste_box: PasteBox

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["events/admin/pasting.css"]}
        js: ClassVar[list[str]] = ["events/admin/pasting.js"]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.paste_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_paste"
        return [path("paste/", view, name=name), *super().get_urls()]

    def may_paste(self, request: HttpRequest) -> bool:
        """Whether the user may fill in the form, and look at the actors that a line may mean."""
        may_save = self.has_add_permission(request) or self.has_change_permission(request)
        return may_save and request.user.has_perm("actors.view_actor")

    def paste_view(self, request: HttpRequest) -> HttpResponse:
        """The preview of the lines that were sent with the rows of the form, as a piece of the page; saves nothing."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.may_paste(request):
            raise PermissionDenied
        context = {"preview": self.preview(request.POST), "box": self.paste_box}
        return HttpResponse(render_to_string("admin/events/paste_preview.html", context, request))

    def preview(self, sent: QueryDict) -> dict[str, Any]:
        """Whom the pasted lines mean, and what can be added of them; a constant number of queries."""
        text = sent.get("paste", "")
        if len(text) > pasting.LONGEST_TEXT:
            refusal = _("This is too long: paste at most %d characters at once.") % pasting.LONGEST_TEXT
            return {"lines": [], "seen": "", "refusal": refusal}
        box = self.paste_box
        lines = pasting.read_lines(text, pasting.Words.of(box.roles, box.attendances))
        meant = pasting.resolve(
            lines,
            date=day_typed(sent.get("date", "").replace("\x00", " ")),
            taken=list(_taken(sent, box.prefix)),
            default_role=box.default_role if box.is_once_per_role else None,
        )
        position = _next_position(sent, box.prefix)
        shown = []
        for one in meant:
            options = tuple(self._options(one, position))
            position += 1 if options and position else 0
            shown.append(PreviewLine(one, options))
        return {
            "lines": shown,
            "seen": _digest(text),
            "refusal": "" if lines else _("There is nothing to read yet: paste one participant a line."),
            "can_add": any(one.options for one in shown),
            "summary": _summary(shown),
        }

    def _options(self, meant: pasting.Meant, position: int) -> Iterator[Option]:
        if meant.status in {"unread", "there"}:
            return
        line, box = meant.line, self.paste_box
        columns: dict[str, Any] = {
            "capacity": meant.capacity,
            "head_count": meant.head_count or "",
            "attendance": line.attendance or (ParticipationAttendance.CONFIRMED if box.attendances else ""),
        }
        common = {name: value for name, value in columns.items() if name in box.columns}
        common |= {"role": line.role or box.default_role, "position": position}
        lost = [str(value) for name, value in columns.items() if value and name not in box.columns]
        notes = (_("Has no place here and is left out: %s.") % ", ".join(lost),) if lost else ()
        free = [one for one in meant.candidates if not one.is_there]
        picked = free[0] if len(free) == 1 and meant.status in {"found", "like"} else None
        for candidate in meant.candidates:
            row = {**common, "actor": asdict(self._actor_choice(candidate))}
            if "side" in box.columns:
                row["side"] = candidate.side
            if "on_behalf_of" in box.columns and candidate.on_behalf_of is not None:
                row["on_behalf_of"] = asdict(Choice.of(candidate.on_behalf_of))
            offices = self.admin_site.get_model_admin(Tenure).choices_of(list(candidate.offices))
            if box.office == "offices":
                row["offices"] = [asdict(one) for one in offices]
            elif len(offices) == 1:
                row[box.office] = asdict(offices[0])
            remarks = [candidate.remark] if candidate.remark and "on_behalf_of" in box.columns else []
            yield Option(
                str(candidate.actor.pk),
                self._actor_choice(candidate),
                row,
                (*self._told(row), *remarks, *notes),
                is_picked=candidate is picked,
                is_there=candidate.is_there,
            )
        if meant.status != "found":
            row = {**common, "name_as_given": meant.name}
            if "side" in box.columns:
                row["side"] = meant.side
            label = Choice("", _("Keep the name as given: %s") % meant.name)
            yield Option(NAME, label, row, (*self._told(row), *notes), is_picked=picked is None)

    def _actor_choice(self, candidate: pasting.Candidate) -> Choice:
        """The actor as an editor tells it from its namesakes, with the office held on the day."""
        actor = candidate.actor
        actors = self.admin_site.get_model_admin(Actor)
        details = [actors.native_names(actor), actor.get_kind_display(), actor.home_state, *candidate.offices[:2]]
        words = [one.office if isinstance(one, Tenure) else one for one in details if one]
        return Choice(str(actor.pk), str(actor), " · ".join(str(word) for word in words), mark_of(actor))

    def _told(self, row: dict[str, Any]) -> Iterator[str]:
        """What the row would hold beside its name, in words."""
        yield str(dict(self.paste_box.roles.choices).get(row["role"], row["role"]))
        if row.get("side"):
            yield _("side: %s") % row["side"]
        if row.get("on_behalf_of"):
            yield _("on behalf of: %s") % row["on_behalf_of"]["text"]
        if row.get("head_count"):
            yield ngettext("%d person", "%d people", row["head_count"]) % row["head_count"]
        if row.get("capacity"):
            yield _("capacity: %s") % row["capacity"]
        if row.get("attendance") and row["attendance"] != ParticipationAttendance.CONFIRMED:
            yield str(ParticipationAttendance(row["attendance"]).label)

    # Without a script

    def amendments(self) -> dict[str, Amendment]:
        return {**super().amendments(), "_paste_look": self._look, "_paste_add": self._add}

    def _look(self, request: HttpRequest, sent: Any) -> None:
        if not self.may_paste(request):
            raise PermissionDenied
        request.paste_preview = self.preview(sent)  # type: ignore[attr-defined]

    def _add(self, request: HttpRequest, sent: Any) -> None:
        """Add what is picked as rows; show the preview again when the lines changed since it was made."""
        self._look(request, sent)
        preview = request.paste_preview  # type: ignore[attr-defined]
        if sent.get("paste-seen", "") != preview["seen"]:
            self.message_user(request, _("The lines changed: look at the preview again."), messages.WARNING)
            return
        rows, left = [], []
        for line in preview["lines"]:
            pick = sent.get(f"paste-pick-{line.meant.line.number}", "")
            option = next((one for one in line.options if one.value == pick and not one.is_there), None)
            if option is None:
                left.append(line.meant.line.text)
            else:
                rows.append(option.sent)
        add_rows(sent, self.paste_box.prefix, rows)
        sent["paste"] = "\n".join(left)
        request.paste_preview = self.preview(sent) if left else None  # type: ignore[attr-defined]
        self.message_user(request, added_words(len(rows)), messages.SUCCESS if rows else messages.WARNING)

    def render_change_form(
        self,
        request: HttpRequest,
        context: Any,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        box = self.paste_box
        for one in context["inline_admin_formsets"]:
            if one.formset.prefix == box.prefix and one.has_add_permission and self.may_paste(request):
                one.opts.below = "admin/events/paste_box.html"
                one.opts.paste = {
                    "box": box,
                    "url": reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_paste"),
                    "text": request.POST.get("paste", ""),
                    "most": pasting.LONGEST_TEXT,
                    "added_one": added_words(1),
                    "added_many": ngettext(
                        "%d row was added to the form. Nothing is saved yet.",
                        "%d rows were added to the form. Nothing is saved yet.",
                        2,
                    ),
                    "preview": getattr(request, "paste_preview", None),
                }
        return super().render_change_form(request, context, add=add, change=change, form_url=form_url, obj=obj)


def added_words(number: int) -> str:
    """What is said once rows were added."""
    if not number:
        return _("Nothing was added.")
    return (
        ngettext(
            "%d row was added to the form. Nothing is saved yet.",
            "%d rows were added to the form. Nothing is saved yet.",
            number,
        )
        % number
    )


def _taken(sent: QueryDict, prefix: str) -> Iterator[tuple[int, str]]:
    for number in range(min(rows_sent(sent, prefix), 2000)):
        actor = sent.get(f"{prefix}-{number}-actor", "")
        if actor.isascii() and actor.isdigit() and len(actor) < 18 and not sent.get(f"{prefix}-{number}-DELETE"):
            yield int(actor), sent.get(f"{prefix}-{number}-role", "")


def _next_position(sent: QueryDict, prefix: str) -> int:
    """The place below all others; 0 where rows stand in the order in which they were added."""
    places = [sent.get(f"{prefix}-{number}-position", "") for number in range(min(rows_sent(sent, prefix), 2000))]
    highest = max((int(place) for place in places if place.isascii() and place.isdigit() and len(place) < 5), default=0)
    return highest + 1 if highest else 0


def _digest(text: str) -> str:
    # Line ends are not the same in a form that was sent and in one that is read by a script.
    return hashlib.sha256("\n".join(text.splitlines()).encode()).hexdigest()[:16]


def _summary(lines: list[PreviewLine]) -> str:
    counts = {status: sum(line.meant.status == status for line in lines) for status in STATUSES}
    return ", ".join(f"{number} {STATUSES[status]}" for status, number in counts.items() if number)
