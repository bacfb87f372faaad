from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartialdatesConfig(AppConfig):
    name = "partialdates"
    verbose_name = _("Partial dates")
