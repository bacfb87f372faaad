"""Places, and the series that regular meetings belong to."""

from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import validate_language
from events.querysets import PlaceQuerySet, SeriesQuerySet
from records.history import tracked
from records.models import Part, Record, one_of
from records.search import Folded, SearchVectorColumn
from records.triggers import NoCycle


class PlaceKind(models.TextChoices):
    """How large a place is."""

    COUNTRY = "country", _("country")
    REGION = "region", _("region")
    CITY = "city", _("city or town")
    VENUE = "venue", _("venue")


@tracked
class Place(Record):
    """A country, region, city or venue. A filter by a place includes the places in it."""

    shown_elsewhere = ("name", "kind", "country", "latitude", "longitude")
    listed_at = ("parent",)

    name = models.CharField(
        _("name"), max_length=200, help_text=_("In English; names in other languages are listed below.")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=PlaceKind.choices, default=PlaceKind.CITY)
    country = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Give the two-letter code of ISO 3166-1, as RU."))],
        help_text=_("ISO 3166-1 alpha-2 code. Empty for places in no country."),
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("lies in"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, null=True, blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)], help_text=_("Degrees north, WGS 84."),
    )  # fmt: skip
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, null=True, blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)], help_text=_("Degrees east, WGS 84."),
    )  # fmt: skip
    search = SearchVectorColumn("name")

    objects = PlaceQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["name", "id"]
        triggers: ClassVar[list[Any]] = [
            *Record.Meta.triggers,
            NoCycle(field="parent", message=_("A place cannot lie in itself. Choose another one.")),
        ]
        constraints = [
            *Record.Meta.constraints,
            one_of("place_kind_is_known", "kind", PlaceKind),
            models.CheckConstraint(
                name="place_has_name", condition=~Q(name=""), violation_error_message=_("Give the place a name.")
            ),
            models.CheckConstraint(
                name="place_country_is_two_letters",
                condition=Q(country="") | Q(country__regex=r"^[A-Z]{2}$"),
                violation_error_message=_("Give the country as the two-letter code of ISO 3166-1, as RU."),
            ),
            models.CheckConstraint(
                name="place_coordinates_are_a_pair",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                violation_error_message=_("Give both latitude (-90 to 90) and longitude (-180 to 180), or neither."),
            ),
            models.UniqueConstraint(
                fields=["name", "kind", "country", "parent"],
                name="place_once_where_it_lies",
                nulls_distinct=False,
                violation_error_message=_("There is already a place of this name and kind there."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="place_search"),
            GinIndex(OpClass(Folded("name"), name="gin_trgm_ops"), name="place_trigrams"),
            models.Index(fields=["country", "name", "id"], name="place_by_country"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("events:place-detail", args=[self.uid])


@tracked
class PlaceName(Part):
    """A name of a place in one language."""

    owners = ("place",)
    public_through = ("place",)

    place = models.ForeignKey(Place, verbose_name=_("place"), on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("name"), max_length=200)
    language = models.CharField(
        _("language"), max_length=35, validators=[validate_language], help_text=_("As zh, ru (BCP 47).")
    )
    search = SearchVectorColumn(("text", "language"))

    class Meta:
        verbose_name = _("place name")
        verbose_name_plural = _("place names")
        ordering = ["place", "language", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "language", "text"],
                name="place_name_once_per_language",
                violation_error_message=_("This name is already listed in this language."),
            ),
            models.CheckConstraint(
                name="place_name_has_text_and_language",
                condition=~Q(text="") & ~Q(language=""),
                violation_error_message=_("Give both the name and its language."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="place_name_search"),
            GinIndex(OpClass(Folded("text"), name="gin_trgm_ops"), name="place_name_trigrams"),
        ]

    def __str__(self) -> str:
        return self.text


@tracked
class Series(Record):
    """A regular format whose meetings are numbered or follow each other: a consultation mechanism, a yearly summit."""

    shown_elsewhere = ("name",)

    name = models.CharField(_("name"), max_length=250)
    description = models.TextField(_("description"), blank=True)

    objects = SeriesQuerySet.as_manager()
    search = SearchVectorColumn("name", "description")

    class Meta(Record.Meta):
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["name", "id"]
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="series_has_name", condition=~Q(name=""), violation_error_message=_("Give the series a name.")
            ),
            models.UniqueConstraint(
                fields=["name"],
                name="series_name_is_unique",
                violation_error_message=_("There is already a series of this name."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="series_search"),
            GinIndex(OpClass(Folded("name"), name="gin_trgm_ops"), name="series_trigrams"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("events:series-detail", args=[self.uid])
