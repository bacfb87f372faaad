"""Actors, their names, identifiers and memberships, and the offices that persons hold over time."""

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.querysets import ActorQuerySet, OfficeQuerySet, TenureQuerySet
from partialdates.fields import PartialDateField
from partialdates.models import partial_date_constraints, partial_date_indexes
from records.history import tracked
from records.models import Identified, Part, Record, one_of
from records.search import Folded, Lines, SearchVectorColumn, Signs
from records.triggers import KeepKind, KeepSame, NoCycle, RequireKind

# BCP 47 (RFC 5646) as far as names and texts need it: language, script, region, variant.
validate_language = RegexValidator(
    r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-[a-z0-9]{5,8})*$",
    _("Give a language tag such as en, zh, zh-Hant or sr-Latn (BCP 47)."),
)


class ActorKind(models.TextChoices):
    """What sort of actor it is."""

    PERSON = "person", _("person")
    STATE = "state", _("state")
    ORGANISATION = "organisation", _("organisation")
    BODY = "body", _("body")


class NameKind(models.TextChoices):
    """What a name is to its bearer."""

    PREFERRED = "preferred", _("preferred in its language")
    NATIVE = "native", _("native")
    ALIAS = "alias", _("alias")
    TRANSLITERATION = "transliteration", _("transliteration")
    ACRONYM = "acronym", _("acronym")
    FORMER = "former", _("former")


@tracked
class Actor(Record):
    """Whoever can meet or speak: a person, state, organisation, or body (an organ of a state or organisation)."""

    shown_elsewhere = ("kind", "name")
    listed_at = ("parent", "successor")

    kind = models.CharField(_("kind"), max_length=12, choices=ActorKind.choices)
    name = models.CharField(
        _("name"), max_length=200, help_text=_("The name on the site, in English; all others are listed below.")
    )
    home_state = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="nationals",
        help_text=_("The state, or the international organisation, that a person or body belongs to."),
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent body"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        help_text=_("The body, state or organisation that a body is an organ of."),
    )
    born = PartialDateField(_("born or founded"))
    died = PartialDateField(_("died or dissolved"))
    successor = models.ForeignKey(
        "self",
        verbose_name=_("succeeded by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
    )
    description = models.TextField(_("description"), blank=True, help_text=_("One or two sentences for readers."))
    search = SearchVectorColumn("name", "description")

    objects = ActorQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("actor")
        verbose_name_plural = _("actors")
        ordering = ["name", "id"]
        triggers: ClassVar[list[Any]] = [
            *Record.Meta.triggers,
            KeepKind(name="keep_kind"),
            NoCycle(
                field="parent", message=_("A body cannot be part of itself or of its own parts. Choose another parent.")
            ),
            RequireKind(
                field="home_state",
                kinds=(ActorKind.STATE, ActorKind.ORGANISATION),
                message=_("An actor belongs to a state or an international organisation. Choose one of these."),
            ),
            RequireKind(
                field="parent",
                kinds=(ActorKind.STATE, ActorKind.ORGANISATION, ActorKind.BODY),
                message=_("A person cannot be the parent of a body. Choose a body, a state or an organisation."),
            ),
        ]
        constraints = [
            *Record.Meta.constraints,
            one_of("actor_kind_is_known", "kind", ActorKind),
            models.CheckConstraint(
                name="actor_has_name",
                condition=~Q(name=""),
                violation_error_message=_("Give the actor a name."),
            ),
            models.CheckConstraint(
                name="actor_not_its_own_home",
                condition=Q(home_state__isnull=True) | ~Q(home_state=F("id")),
                violation_error_message=_("An actor does not belong to itself. Leave the field empty for a state."),
            ),
            models.CheckConstraint(
                name="actor_not_its_own_successor",
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                violation_error_message=_("An actor cannot succeed itself."),
            ),
            models.CheckConstraint(
                name="actor_person_has_no_parent",
                condition=~Q(kind="person") | Q(parent__isnull=True),
                violation_error_message=_("A person has no parent body. Record an office or a membership instead."),
            ),
            *partial_date_constraints("born", "actor"),
            *partial_date_constraints("died", "actor"),
        ]
        indexes = [
            GinIndex(OpClass(Folded("name"), name="gin_trgm_ops"), name="actor_name_trigrams"),
            GinIndex(Signs(Folded("name")), name="actor_name_signs"),
            models.Index(OpClass(Folded("name"), name="text_pattern_ops"), name="actor_name_beginnings"),
            GinIndex(fields=["search"], name="actor_search"),
            models.Index(fields=["kind", "name", "id"], name="actor_by_kind_and_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("events:actor-detail", args=[self.uid])


@tracked
class ActorName(Part):
    """A name of an actor in one language and script. Search finds the actor by any of them."""

    owners = ("actor",)
    public_through = ("actor",)

    actor = models.ForeignKey(Actor, verbose_name=_("actor"), on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("name"), max_length=300)
    language = models.CharField(
        _("language"),
        max_length=35,
        blank=True,
        validators=[validate_language],
        help_text=_("As zh, ru, en, zh-Hant (BCP 47)."),
    )
    kind = models.CharField(_("kind of name"), max_length=16, choices=NameKind.choices, default=NameKind.ALIAS)
    span = PartialDateField(_("in use"), help_text=_("When the name was borne, if not always: 1991/.. or ../2019-02."))
    is_verified = models.BooleanField(
        _("seen in a source"),
        default=True,
        help_text=_("Off: from general knowledge, still to be confirmed by a source."),
    )
    search = SearchVectorColumn(("text", "language"))

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        ordering = ["actor", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "text", "language"],
                name="actor_name_once_per_language",
                violation_error_message=_("This name is already listed in this language."),
            ),
            one_of("actor_name_kind_is_known", "kind", NameKind),
            models.CheckConstraint(
                name="actor_name_has_text", condition=~Q(text=""), violation_error_message=_("Type the name.")
            ),
            *partial_date_constraints("span", "actor_name"),
        ]
        indexes = [
            GinIndex(OpClass(Folded("text"), name="gin_trgm_ops"), name="actor_name_text_trigrams"),
            GinIndex(Signs(Folded("text")), name="actor_name_text_signs"),
            models.Index(OpClass(Folded("text"), name="text_pattern_ops"), name="actor_name_text_beginnings"),
            GinIndex(fields=["search"], name="actor_name_search"),
        ]

    def __str__(self) -> str:
        return self.text


@tracked
class ActorIdentifier(Part):
    """The id of an actor in another scheme: ``wikidata``, ``iso3166-1``, ``cow``, ``gw``, ..."""

    owners = ("actor",)
    public_through = ("actor",)

    actor = models.ForeignKey(Actor, verbose_name=_("actor"), on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.SlugField(_("scheme"), max_length=40, help_text=_("wikidata, iso3166-1, cow, gw, viaf, …"))
    value = models.CharField(_("identifier"), max_length=200)

    class Meta:
        verbose_name = _("identifier")
        verbose_name_plural = _("identifiers")
        ordering = ["scheme", "value"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "value"],
                name="identifier_belongs_to_one_actor",
                violation_error_message=_("This identifier already belongs to another actor. Is it the same one?"),
            ),
            models.CheckConstraint(
                name="identifier_is_not_empty",
                condition=~Q(scheme="") & ~Q(value=""),
                violation_error_message=_("Give both the scheme and the identifier."),
            ),
        ]
        indexes = [models.Index(Upper("value"), name="identifier_by_value")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Tier(models.IntegerChoices):
    """The protocol rank of an office."""

    HEAD_OF_STATE = 1, _("head of state")
    HEAD_OF_GOVERNMENT = 2, _("head of government")
    MINISTER = 3, _("minister or equal")
    DEPUTY_MINISTER = 4, _("deputy minister or envoy")
    SENIOR_OFFICIAL = 5, _("senior official")
    OFFICIAL = 6, _("official")


@tracked
class Office(Identified):
    """A post of a body, whoever holds it: "Secretary" of the Security Council of the Russian Federation."""

    owners = ("body",)
    public_through = ("body",)
    shown_elsewhere = ("name", "body", "tier")

    body = models.ForeignKey(
        Actor,
        verbose_name=_("body"),
        on_delete=models.PROTECT,
        related_name="offices",
        help_text=_("The body, state or organisation that the office is a post of."),
    )
    name = models.CharField(
        _("office"), max_length=200, help_text=_("In English, without the name of the body: Secretary.")
    )
    aliases = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("other wordings"),
        default=list,
        blank=True,
        help_text=_("As sources word it, in any language, one a line."),
    )
    tier = models.PositiveSmallIntegerField(
        _("protocol tier"),
        choices=Tier.choices,
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(6)],
        help_text=_("Rank in diplomatic protocol, 1 (head of state) to 6 (official)."),
    )
    search = SearchVectorColumn("name", Lines("aliases"))

    objects = OfficeQuerySet.as_manager()

    class Meta(Identified.Meta):
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["body", "name", "id"]
        triggers: ClassVar[list[Any]] = [
            *Identified.Meta.triggers,
            RequireKind(
                field="body",
                kinds=(ActorKind.STATE, ActorKind.ORGANISATION, ActorKind.BODY),
                message=_("An office is a post of a body, a state or an organisation, not of a person."),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "name"],
                name="office_once_per_body",
                violation_error_message=_("This body already has an office of this name."),
            ),
            models.CheckConstraint(
                name="office_has_name", condition=~Q(name=""), violation_error_message=_("Name the office.")
            ),
            models.CheckConstraint(
                name="office_tier_between_1_and_6",
                condition=Q(tier__isnull=True) | Q(tier__range=(1, 6)),
                violation_error_message=_("The protocol tier is a number from 1 (head of state) to 6 (official)."),
            ),
        ]
        indexes = [GinIndex(fields=["search"], name="office_search")]

    def __str__(self) -> str:
        return f"{self.name}, {self.body.name}"


@tracked
class Tenure(Identified):
    """One person holding one office over a span.

    ``span`` is what is known of start and end: ``2008-05/2024-05-12``; ``2013-03/..``, still held; ``/2008``, start
    unknown.
    ``observed`` is the span for which sources show the office held when its ends were not seen.
    """

    owners = ("person",)
    public_through = ("person", "office__body")
    shown_elsewhere = ("person", "office", "span", "is_acting")
    listed_at = ("office",)

    person = models.ForeignKey(Actor, verbose_name=_("person"), on_delete=models.CASCADE, related_name="tenures")
    office = models.ForeignKey(Office, verbose_name=_("office"), on_delete=models.PROTECT, related_name="tenures")
    span = PartialDateField(
        _("held"), help_text=_("Start/end: 2008-05/2024-05-12. Still held: 2013-03/.. End unknown: 2018-03/")
    )
    observed = PartialDateField(
        _("seen held"), help_text=_("First and last day on which sources show the office held.")
    )
    is_acting = models.BooleanField(_("acting"), default=False)
    note = models.TextField(_("note"), blank=True)

    objects = TenureQuerySet.as_manager()

    class Meta(Identified.Meta):
        verbose_name = _("tenure")
        verbose_name_plural = _("tenures")
        ordering = ["person", "span_sort", "id"]
        triggers: ClassVar[list[Any]] = [
            *Identified.Meta.triggers,
            KeepSame(name="keep_same"),
            RequireKind(field="person", kinds=(ActorKind.PERSON,), message=_("Only a person holds an office.")),
        ]
        constraints = [
            ExclusionConstraint(
                name="tenure_not_held_twice_at_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("office", RangeOperators.EQUAL),
                    ("span_core", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person certainly held this office already in part of that time."),
            ),
            *partial_date_constraints("span", "tenure"),
            *partial_date_constraints("observed", "tenure"),
        ]
        indexes = [
            *partial_date_indexes("span", "tenure"),
        ]

    def __str__(self) -> str:
        return f"{self.person.name}: {self.office}"


@tracked
class Membership(Part):
    """A state, person or body as a member of an organisation or body over a span."""

    owners = ("member", "organisation")
    public_through = ("member", "organisation")

    member = models.ForeignKey(Actor, verbose_name=_("member"), on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        Actor, verbose_name=_("organisation"), on_delete=models.PROTECT, related_name="members"
    )
    role = models.CharField(_("as"), max_length=100, blank=True, help_text=_("Member, permanent member, observer, …"))
    span = PartialDateField(_("during"))

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["organisation", "member", "id"]
        triggers: ClassVar[list[Any]] = [
            RequireKind(
                field="organisation",
                kinds=(ActorKind.ORGANISATION, ActorKind.BODY),
                message=_("One can be a member of an organisation or a body only."),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="membership_not_in_itself",
                condition=~Q(member=F("organisation")),
                violation_error_message=_("An organisation cannot be a member of itself."),
            ),
            ExclusionConstraint(
                name="membership_not_twice_at_once",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    (Upper("role"), RangeOperators.EQUAL),
                    ("span_core", RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This membership is already recorded for part of that time."),
            ),
            *partial_date_constraints("span", "membership"),
        ]

    def __str__(self) -> str:
        return f"{self.member.name} in {self.organisation.name}"
