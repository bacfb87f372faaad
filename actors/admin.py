"""Actors, offices and tenures at the desk."""

from dataclasses import asdict
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, IntegerField, When
from django.http import HttpRequest, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actors.models import Actor, ActorIdentifier, ActorKind, ActorName, Membership, NameKind, Office, Tenure
from actors.proposals import propose
from actors.similar import actors_like
from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate
from records.admin import (
    OF_ALL_RECORDS,
    Choice,
    IdentifiedAdmin,
    PartInline,
    by_link,
    desk_search,
    in_names,
    in_span,
    through,
)
from records.admin.finding import found
from records.admin.merging import MergingAdmin
from records.admin.similar import SimilarAdmin, day_typed

#: How actors are found, by themselves and through the rows that link to them.
ACTOR_NAMES = (in_names(Actor), in_names(ActorName, "text", owner="actor"))
OFFICE_NAMES = (in_names(Office), through(Office, "body", *ACTOR_NAMES))


class ActorNameInline(PartInline):
    model = ActorName
    fieldsets = (
        (None, {"fields": ("text", "language", "kind", "is_verified")}),
        (gettext_lazy("When it was borne"), {"fields": ("span",)}),
    )


class ActorIdentifierInline(PartInline):
    model = ActorIdentifier
    fields = ("scheme", "value")


class TenureInline(PartInline):
    model = Tenure
    fk_name = "person"
    fieldsets = (
        (None, {"fields": ("office", "span", "is_acting")}),
        (gettext_lazy("More"), {"fields": ("observed", "note")}),
    )
    autocomplete_fields = ("office",)
    related = ("person", "office__body")


class MembershipInline(PartInline):
    model = Membership
    fk_name = "member"
    fields = ("organisation", "role", "span")
    autocomplete_fields = ("organisation",)
    related = ("member", "organisation")


@admin.register(Actor)
class ActorAdmin(SimilarAdmin, MergingAdmin):
    """Persons, states, organisations and bodies."""

    other_names = ((ActorName, "actor", "text"),)
    search = desk_search(*ACTOR_NAMES)
    list_display = ("name", "kind", "home_state", "native_names", "state_shown", "in_charge", "changed")
    list_filter = ("state", "kind")
    narrowing = (by_link(Actor, "home_state"), by_link(Actor, "parent"), *OF_ALL_RECORDS)
    list_select_related = ("home_state",)
    ordering = ("name", "id")
    autocomplete_fields = ("home_state", "parent", "successor")
    fieldsets = (
        (gettext_lazy("Who"), {"fields": ("name", "kind", "home_state", "parent", "description")}),
        (gettext_lazy("When"), {"fields": ("born", "died", "successor")}),
        (gettext_lazy("What is not confirmed"), {"fields": ("open_points",)}),
    )
    inlines = (ActorNameInline, TenureInline, MembershipInline, ActorIdentifierInline)
    layout: tuple[Any, ...] = (
        gettext_lazy("Who"),
        ActorNameInline,
        gettext_lazy("When"),
        TenureInline,
        MembershipInline,
        ActorIdentifierInline,
    )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.proposal_view)
        return [path("<int:key>/proposal/", view, name="actors_actor_proposal"), *super().get_urls()]

    def proposal_view(self, request: HttpRequest, key: int) -> JsonResponse:
        """The offices that the actor may have held on the day ``on`` and its side, as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        actor = get_object_or_404(Actor.objects.with_home(), pk=key)
        proposal = propose(actor, day_typed(request.GET.get("on", "").replace("\x00", " ")))
        tenures = self.admin_site.get_model_admin(Tenure)
        offices = [asdict(choice) for choice in tenures.choices_of(list(proposal.tenures))]
        said = ", ".join([*(office["text"] for office in offices), *([proposal.side] if proposal.side else [])])
        return JsonResponse(
            {
                "side": proposal.side,
                "offices": offices,
                "words": _("Proposed: %s") % said if said else "",
                "undo": _("Undo"),
            }
        )

    similar_fields = r"name|names-\d+-text"

    def keys_like(self, typed: QueryDict, *, but: int | None) -> list[int]:
        names = [*typed.getlist("name"), *typed.getlist("names-text")]
        return [key for key, _alike in actors_like(names, but=but)]

    def typed_of(self, record: Actor) -> QueryDict:
        typed = QueryDict(mutable=True)
        names = ActorName.objects.filter(actor=record).values_list("text", flat=True)
        typed.setlist("name", [record.name, *names])
        return typed

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Only persons hold offices; the kind of a new actor is not known yet."""
        inlines = super().get_inlines(request, obj)
        is_person = obj is None or obj.kind == ActorKind.PERSON
        return [inline for inline in inlines if is_person or inline is not TenureInline]

    @admin.display(description=gettext_lazy("native name"))
    def native_names(self, actor: Actor) -> str:
        """The names in the actor's own language, as a column."""
        return ", ".join(name.text for name in actor.names.all() if name.kind == NameKind.NATIVE)

    def narrowed(self, request: HttpRequest, queryset: Any) -> Any:
        """Only a state or an organisation can be a home, only a person can hold an office."""
        kinds = [kind for kind in request.GET.get("kind", "").split(",") if kind]
        return queryset.filter(kind__in=kinds) if kinds else queryset

    def for_list(self, queryset: Any) -> Any:
        return queryset.with_names()

    def for_choosing(self, queryset: Any) -> Any:
        return queryset.with_home().with_names()

    def choices_of(self, records: list[Any]) -> list[Choice]:
        """Each with native name, kind, home and the office held last: ten John Smiths can be told apart."""
        offices = _latest_offices(records)
        return [
            Choice.of(
                actor,
                self.native_names(actor),
                actor.get_kind_display(),
                actor.home_state,
                offices.get(actor.pk),
            )
            for actor in records
        ]


def _latest_offices(actors: list[Any]) -> dict[int, str]:
    """The office that each person held last, with its span."""
    persons = [actor.pk for actor in actors if actor.kind == ActorKind.PERSON]
    latest: dict[int, str] = {}
    if persons:
        for tenure in Tenure.objects.filter(person__in=persons).with_office().latest_first():
            latest.setdefault(tenure.person_id, _office_and_span(tenure))
    return latest


def _office_and_span(tenure: Tenure) -> str:
    span = tenure.span or tenure.observed
    return _("%(office)s (%(span)s)") % {"office": tenure.office, "span": span.text} if span else str(tenure.office)


@admin.register(Office)
class OfficeAdmin(IdentifiedAdmin):
    """Posts of bodies."""

    search = desk_search(*OFFICE_NAMES)
    list_display = ("name", "body", "tier", "version")
    narrowing = (by_link(Office, "body"),)
    list_filter = ("tier",)
    list_select_related = ("body",)
    ordering = ("body__name", "name", "id")
    autocomplete_fields = ("body",)
    fieldsets = ((None, {"fields": ("name", "body", "tier", "aliases")}),)

    def for_choosing(self, queryset: Any) -> Any:
        return queryset.with_body()

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [Choice.of(office, office.get_tier_display() if office.tier else "") for office in records]


@admin.register(Tenure)
class TenureAdmin(IdentifiedAdmin):
    """Who held which office when. The citations of a tenure are added by the app that owns them."""

    search = desk_search(through(Tenure, "person", *ACTOR_NAMES), through(Tenure, "office", *OFFICE_NAMES))
    list_display = ("person", "office", "held", "is_acting", "version")
    list_filter = ("is_acting", "office__tier")
    narrowing = (by_link(Tenure, "person"), by_link(Tenure, "office"), *in_span("span"))
    list_select_related = ("person", "office__body")
    ordering = ("person__name", "span_sort", "id")
    autocomplete_fields = ("person", "office")
    fieldsets = ((None, {"fields": ("person", "office", "span", "is_acting", "observed", "note")}),)

    @admin.display(description=gettext_lazy("held"), ordering="span_sort")
    def held(self, tenure: Tenure) -> str:
        """The span in words, as a column."""
        return tenure.span.text

    def narrowed(self, request: HttpRequest, queryset: Any) -> Any:
        """A participant can only have acted in an office of its own."""
        person = request.GET.get("person", "")
        return queryset.filter(person=person) if person.isascii() and person.isdigit() else queryset

    def choosable(self, request: HttpRequest, typed: str) -> Any:
        """Those that may have been held on the day ``on`` first, then the latest."""
        try:
            day = PartialDate.parse(request.GET.get("on", ""))
        except InvalidPartialDate:
            day = PartialDate.UNKNOWN
        held_then = Tenure.objects.possibly_held_on(day.earliest, day.latest).values("pk")
        queryset = self.narrowed(request, self.get_queryset(request))
        if typed:
            queryset = found(self.search, queryset, typed)
        rank = Case(When(pk__in=held_then, then=0), default=1, output_field=IntegerField())
        return self.for_choosing(queryset.order_by(rank, F("span_sort").desc(), "id"))

    def for_choosing(self, queryset: Any) -> Any:
        return queryset.with_office()

    def choices_of(self, records: list[Any]) -> list[Choice]:
        """Each by its office and body; whose it was and when."""
        return [
            Choice(str(tenure.pk), str(tenure.office), " · ".join([tenure.person.name, tenure.span.text]))
            for tenure in records
        ]
