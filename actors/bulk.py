"""What is done to many actors at once."""

from django.utils.translation import gettext_lazy as _

from actors.models import Actor
from records.bulk import SetField, register

register(
    SetField(Actor, "home_state", _("Set the home state of selected %(verbose_name_plural)s…"), empty=_("none")),
    SetField(Actor, "parent", _("Set the parent body of selected %(verbose_name_plural)s…"), empty=_("none")),
)
