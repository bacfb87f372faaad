"""What readers sent that waits on the editors' desk."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from readers.corrections import waiting
from records.desk import desk_list


@desk_list("corrections", _("With a reader’s correction"))
def with_correction(records: Any, user: Any) -> Any:
    """Records that a reader finds something wrong with, and nobody has decided."""
    if not user.has_perm("readers.view_correction"):
        return records.none()
    return records.filter(uid__in=waiting().values("record"))
