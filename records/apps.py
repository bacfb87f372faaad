from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from records.roles import grant_roles


class RecordsConfig(AppConfig):
    name = "records"
    verbose_name = _("Records")

    def ready(self) -> None:
        autodiscover_modules("publication", "warnings", "merging", "desk", "bulk")
        post_migrate.connect(grant_roles, dispatch_uid="records.roles")
