"""Lists that stay quick however many records there are: counted up to a bound, narrowed by fields that are typed.

A list of a million rows is never counted whole, and no filter offers every actor as a link: a related record is chosen
as in a form.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.paginator import Paginator
from django.db import OperationalError, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate
from records import discussion
from records.admin.choosing import RecordSelect, preload_choices
from records.limits import at_most
from records.models import Assignment
from records.refusals import was_given_up

#: A list is counted and paged up to here. Nobody turns two hundred pages; one narrows, or sorts the other way round.
COUNTED = 10_000
#: Seconds after which one question of a list is given up: meanwhile somebody could have typed another word.
PATIENCE = 4


class BoundedPaginator(Paginator):
    """Pages of the first `COUNTED` rows; what lies beyond is only known to be there (``is_more``)."""

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: COUNTED + 1].count())

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self._found, COUNTED)

    @property
    def is_more(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._found > COUNTED


class DeskChangeList(ChangeList):
    """A list that reads what its columns need together with its rows, and knows whether it goes on beyond its pages."""

    def apply_select_related(self, qs: Any) -> Any:
        model_admin: Any = self.model_admin
        queryset = model_admin.for_list(super().apply_select_related(qs))
        return with_assignee(queryset) if "in_charge" in self.list_display else queryset

    def get_results(self, request: HttpRequest) -> None:
        """Count and read the page; a list that takes too long is empty and says so (``is_too_slow``)."""
        self.counted, self.is_too_slow = COUNTED, False
        try:
            with patience():
                super().get_results(request)
                # Read here, where somebody watches the clock, and not while the page is drawn.
                len(self.result_list)
        except TooSlow:
            self.is_too_slow = True
            self.queryset = self.queryset.none()
            super().get_results(request)
        self.is_more = self.paginator.is_more


class TooSlow(Exception):
    """The database was asked for more than it could say in time."""

    def __str__(self) -> str:
        return _("This takes too long: add a word or a filter.")


@contextmanager
def patience() -> Iterator[None]:
    """Give up a question of more than `PATIENCE`, with `TooSlow`, and leave the transaction as it was before."""
    try:
        with at_most(PATIENCE), transaction.atomic():
            yield
    except OperationalError as error:
        if not was_given_up(error):
            raise
        raise TooSlow from error


def with_assignee(queryset: Any) -> Any:
    """Each record with the name of whoever is in charge, as ``assignee``."""
    assigned = Assignment.objects.filter(record=OuterRef("uid")).values("user__username")
    return queryset.annotate(assignee=Subquery(assigned[:1]))


@dataclass(frozen=True)
class Narrow:
    """A question that a list can be asked: the parameter, how it is typed, and which rows are left.

    ``field`` makes the form field when the list is shown; it gets the site of the admin.
    """

    name: str
    field: Callable[[Any], forms.Field]
    narrow: Callable[[Any, Any], Any]


def by_record(name: str, link: Any, narrow: Callable[[Any, Any], Any], *, label: Any = "") -> Narrow:
    """Narrow by a record that the foreign key ``link`` (a field of a model) leads to."""

    def field(admin_site: Any) -> forms.Field:
        made: Any = link.formfield(
            required=False,
            label=label or capfirst(link.verbose_name),
            help_text="",
            widget=RecordSelect(link, admin_site),
        )
        return made

    return Narrow(name, field, narrow)


def by_link(model: Any, name: str, *, label: Any = "") -> Narrow:
    """Narrow by what the foreign key ``name`` of the record itself leads to."""
    return by_record(name, model._meta.get_field(name), lambda rows, one: rows.filter(**{name: one}), label=label)


def by_row(row: Any, owner: str, name: str, *, parameter: str = "", label: Any = "") -> Narrow:
    """Narrow to the records with a row of the model ``row`` whose foreign key ``name`` leads there."""
    return by_record(
        parameter or name,
        row._meta.get_field(name),
        lambda rows, one: rows.filter(pk__in=row.objects.filter(**{name: one}).values(owner)),
        label=label,
    )


class DayField(forms.CharField):
    """A day, month or year, as dates are typed everywhere at the desk."""

    widget = forms.TextInput(attrs={"size": 12, "placeholder": "2023-02"})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return PartialDate.parse(text)
        except InvalidPartialDate as error:
            raise forms.ValidationError(str(error)) from error


def since(name: str, label: Any, narrow: Callable[[Any, Any], Any]) -> Narrow:
    """Narrow by the first day that is typed."""
    return Narrow(
        name, lambda _site: DayField(label=label, required=False), lambda rows, typed: narrow(rows, typed.earliest)
    )


def until(name: str, label: Any, narrow: Callable[[Any, Any], Any]) -> Narrow:
    """Narrow by the last day that is typed."""
    return Narrow(
        name, lambda _site: DayField(label=label, required=False), lambda rows, typed: narrow(rows, typed.latest)
    )


def in_span(field: str = "date") -> tuple[Narrow, Narrow]:
    """Narrow to what may have happened from one day to another, both included."""
    return (
        since("from", gettext_lazy("From"), lambda rows, day: rows.possibly_within(day, None, field)),
        until("to", gettext_lazy("To"), lambda rows, day: rows.possibly_within(None, day, field)),
    )


class MemberField(forms.ModelChoiceField):
    """Somebody who works at the desk, by name."""

    def __init__(self, label: Any) -> None:
        super().__init__(discussion.members(), to_field_name="username", label=label, required=False)


def _member_field(label: Any) -> Callable[[Any], forms.Field]:
    return lambda _site: MemberField(label)


def _midnight(day: date | None) -> datetime:
    # A whole day as a moment, so that the index on the moment serves; open below means ever.
    return datetime.combine(day or date.min, time.min, tzinfo=UTC)


#: What every list of records can be asked.
OF_ALL_RECORDS = (
    Narrow(
        "assigned",
        _member_field(gettext_lazy("In charge")),
        lambda rows, user: rows.filter(uid__in=Assignment.objects.filter(user=user).values("record")),
    ),
    Narrow("by", _member_field(gettext_lazy("Created by")), lambda rows, user: rows.filter(created_by=user)),
    since("changed", gettext_lazy("Changed since"), lambda rows, day: rows.filter(updated_at__gte=_midnight(day))),
)


class NarrowingFilter(admin.ListFilter):
    """One form for all that is typed or chosen; a wrong answer is said beside its field, and finds nothing."""

    title = gettext_lazy("what is typed")
    template = "admin/narrowing_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        self.questions: dict[str, Narrow] = {one.name: one for one in model_admin.narrowing}
        for name in self.questions:
            if name in params:
                value = params.pop(name)[-1].replace("\x00", "")
                if value.strip():
                    self.used_parameters[name] = value
        self.form = forms.Form(self.used_parameters, auto_id="narrow_%s")
        self.form.fields = {name: one.field(model_admin.admin_site) for name, one in self.questions.items()}
        self.admin_site = model_admin.admin_site
        members = [field for field in self.form.fields.values() if isinstance(field, MemberField)]
        if members:
            # Read once for all of them.
            names = discussion.members().order_by("username").values_list("username", flat=True)
            choices = [("", gettext_lazy("anybody")), *((name, name) for name in names)]
            for field in members:
                field.choices = choices

    def has_output(self) -> bool:
        return bool(self.questions)

    def expected_parameters(self) -> list[str | None]:
        return list(self.questions)

    def choices(self, changelist: Any) -> Any:
        """What the template needs beside the form: the rest of the list's state, and the way without all this."""
        preload_choices(self.admin_site, [self.form])
        others = [
            (name, value)
            for name, values in sorted(changelist.filter_params.items())
            if name not in self.questions and name != PAGE_VAR
            for value in (values if isinstance(values, list) else [values])
        ]
        clear = urlencode(others)
        yield {"others": others, "clear": f"?{clear}" if clear else "?", "is_used": bool(self.used_parameters)}

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        if not self.form.is_valid():
            return queryset.none()
        for name, one in self.questions.items():
            value = self.form.cleaned_data[name]
            if value is not None and value != "":
                queryset = one.narrow(queryset, value)
        return queryset


def state_of(request: HttpRequest) -> str:
    """The state of a list as a query string: filters, search and order, without the page it is on."""
    kept = request.GET.copy()
    for name in (PAGE_VAR, "e"):
        kept.pop(name, None)
    for name in [name for name, values in kept.lists() if not any(values)]:
        kept.pop(name)
    return urlencode(sorted((name, value) for name, values in kept.lists() for value in values))
