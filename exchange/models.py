"""What an import remembers, so that a second run never overwrites an editor; and selections that somebody cited."""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from records.history import tracked
from records.uids import LENGTH, new_uid


@tracked
class ImportedRecord(models.Model):
    """An entry of a data set as it was last applied: which record it became, and that record's version just after.

    A record whose version is higher now was changed by an editor since.
    """

    dataset = models.CharField(_("data set"), max_length=60)
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key in the data set"), max_length=200)
    uid = models.CharField(_("public id"), max_length=LENGTH)
    checksum = models.CharField(_("checksum of the entry"), max_length=64)
    version = models.PositiveIntegerField(_("version after the import"))
    applied_at = models.DateTimeField(_("applied at"), auto_now=True)

    class Meta:
        verbose_name = _("imported record")
        verbose_name_plural = _("imported records")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "kind", "key"], name="imported_once_per_data_set"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset}: {self.kind} {self.key}"


def _for_ever() -> list[Any]:
    return [pgtrigger.Protect(name="for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]


class FrozenRow(models.Model):
    """A record as its flat row showed it to the public at some moment. Selections that hold the same row share it.

    Whether it may still be shown is asked at each look: see `exchange.selections.looks`.
    """

    digest = models.BinaryField(_("digest"), max_length=32, unique=True, help_text=_("SHA-256 of all it holds."))
    kind = models.CharField(_("kind"), max_length=20)
    record_key = models.BigIntegerField(_("key of the record"))
    columns = ArrayField(models.CharField(max_length=60), verbose_name=_("names of the cells"))
    cells = ArrayField(models.TextField(null=True), verbose_name=_("cells"))

    class Meta:
        verbose_name = _("frozen row")
        verbose_name_plural = _("frozen rows")
        triggers: ClassVar[list[Any]] = _for_ever()

    def __str__(self) -> str:
        return f"{self.kind} {self.record_key}"


class Selection(models.Model):
    """A filter and what it found at a moment, under a short address that stays for ever. Nothing of it ever changes."""

    key = models.CharField(_("key"), max_length=LENGTH, unique=True, default=new_uid, editable=False)
    kind = models.CharField(_("kind"), max_length=20)
    query = models.TextField(_("filter"), blank=True, help_text=_("The query string of the list."))
    rows = ArrayField(models.BigIntegerField(), verbose_name=_("frozen rows"), help_text=_("In the order of the list."))
    digest = models.BinaryField(
        _("digest"), max_length=32, unique=True, help_text=_("Of the filter and the rows: the same is kept once.")
    )
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("selection")
        verbose_name_plural = _("selections")
        triggers: ClassVar[list[Any]] = _for_ever()

    def __str__(self) -> str:
        return f"{self.key} ({self.kind}, {len(self.rows)})"

    def get_absolute_url(self) -> str:
        return reverse("exchange:selection", args=[self.key])
