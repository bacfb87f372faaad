"""Questions about actors, offices and tenures."""

from datetime import date
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Q

from records.querysets import IdentifiedQuerySet, RecordQuerySet


class ActorQuerySet(RecordQuerySet):
    """Actors by kind and by what they belong to."""

    def persons(self) -> Self:
        """Human beings."""
        return self.filter(kind="person")

    def states(self) -> Self:
        """States, including those that ended."""
        return self.filter(kind="state")

    def belonging_to(self, states: list[int]) -> Self:
        """Actors whose home is one of the states or organisations, and these themselves."""
        return self.filter(Q(home_state__in=states) | Q(pk__in=states))

    def of_country(self, codes: list[str]) -> Self:
        """Actors that are, or whose public home state is, one of the countries (ISO 3166-1 alpha-2), by identifier."""
        from actors.models import ActorIdentifier  # the models import this module

        states = ActorIdentifier.objects.public().filter(scheme="iso3166-1", value__in=codes).values("actor")
        return self.filter(Q(pk__in=states) | Q(home_state__in=states))

    def members_of(self, organisations: list[int]) -> Self:
        """Members of one of the organisations, present and former."""
        from actors.models import Membership  # the models import this module

        rows = Membership.objects.public().filter(organisation__in=organisations)
        return self.filter(pk__in=rows.order_by().values("member"))

    def in_tiers(self, tiers: list[str]) -> Self:
        """Persons who hold or held an office of one of the tiers."""
        from actors.models import Tenure  # the models import this module

        return self.filter(pk__in=Tenure.objects.public().filter(office__tier__in=tiers).order_by().values("person"))

    def named_in(self, tags: list[str]) -> Self:
        """Actors with a name in one of the languages (basic filtering of RFC 4647)."""
        from actors.models import ActorName  # the models import this module

        condition = Q()
        for tag in tags:
            condition |= Q(language__iexact=tag) | Q(language__istartswith=f"{tag}-")
        return self.filter(pk__in=ActorName.objects.public().filter(condition).order_by().values("actor"))

    def with_meeting(self, has_one: bool = True) -> Self:
        """Actors that took part in a meeting, or in none. Who was absent took no part."""
        # Meetings are above actors in the house; the rows that point here are known by the name they gave themselves.
        participations: Any = self.model._meta.get_field("participations").related_model
        took_part = Exists(
            participations.objects.public(given=("actor",)).present().order_by().filter(actor=OuterRef("pk"))
        )
        return self.filter(took_part if has_one else ~took_part)

    def with_names(self) -> Self:
        """Each with its names, the display order of the model."""
        return self.prefetch_related("names")

    def with_home(self) -> Self:
        """Each with the state or organisation it belongs to."""
        return self.select_related("home_state")


class OfficeQuerySet(IdentifiedQuerySet):
    """Offices."""

    def public_by_uid(self, uids: list[str]) -> dict[str, Any]:
        """As for all; each with its body, without which no page can name it."""
        return super(OfficeQuerySet, self.with_body()).public_by_uid(uids)

    def of_bodies(self, bodies: list[int]) -> Self:
        """Posts of one of the bodies, states or organisations."""
        return self.filter(body__in=bodies)

    def of_states(self, states: list[int]) -> Self:
        """Posts of one of the states or organisations, or of a body that belongs to it."""
        return self.filter(Q(body__in=states) | Q(body__home_state__in=states))

    def with_body(self) -> Self:
        """Each with the body it is a post of."""
        return self.select_related("body")


class TenureQuerySet(IdentifiedQuerySet):
    """Who held which office when."""

    def of_bodies(self, bodies: list[int]) -> Self:
        """Tenures of posts of one of the bodies, states or organisations."""
        return self.filter(office__body__in=bodies)

    def of_states(self, states: list[int]) -> Self:
        """Tenures of posts of one of the states or organisations, or of a body that belongs to it."""
        return self.filter(Q(office__body__in=states) | Q(office__body__home_state__in=states))

    def with_office(self) -> Self:
        """Each with its person, office and body."""
        return self.select_related("person", "office", "office__body")

    def latest_first(self) -> Self:
        """By start, the latest first; those of unknown span (stored as the last day of the calendar) before them."""
        return self.order_by(F("span_sort").desc(), "id")

    def possibly_held_on(self, start: date | None, end: date | None) -> Self:
        """Tenures that may cover some day of ``start``..``end`` (both included).

        A tenure whose span is unknown may have covered any day. One that sources saw held within the window counts too.
        """
        return self.filter(
            Q(pk__in=self.possibly_within(start, end, field="span").values("pk"))
            | Q(pk__in=self.possibly_within(start, end, field="observed").values("pk"))
            | Q(span="")
        )
