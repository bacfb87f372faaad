"""What an import remembers, so that the second run changes nothing and never overwrites an editor."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from records.history import tracked
from records.uids import LENGTH


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
