"""The groups that work in the admin, and what they may do beyond Django's permissions for each model."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_permission_codename
from django.utils.translation import gettext_lazy as _

EDITORS = "Editors"
REVIEWERS = "Reviewers"

#: For whoever documents or translates the roles.
DESCRIPTIONS = {
    EDITORS: _("Create and change records, submit them for review, and delete what was never published."),
    REVIEWERS: _("All that editors may, and publish and withdraw."),
}

#: The apps whose models both groups work on.
APPS = ("actors", "events")
#: The apps that they may only look at.
LOOKED_AT = ("exchange",)


def grant_roles(*, app_config: AppConfig, **_kwargs: Any) -> None:
    """Give both groups the permissions of an app's models, after each ``migrate``.

    What a site took from these groups comes back: other rights belong in a group of another name.
    """
    from django.contrib.auth.models import Group, Permission  # apps must be ready

    if app_config.label not in (*APPS, *LOOKED_AT):
        return
    verbs = ("view",) if app_config.label in LOOKED_AT else ("view", "add", "change", "delete")
    tables = [model._meta for model in app_config.get_models() if not model.__name__.endswith("Event")]
    names = [get_permission_codename(verb, table) for table in tables for verb in verbs]
    permissions = Permission.objects.filter(content_type__app_label=app_config.label, codename__in=names)
    for name in (EDITORS, REVIEWERS):
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(*permissions)


def may_publish(user: Any) -> bool:
    """Whether the user may publish and withdraw what they may change; asks the database once for each user object."""
    if user.is_superuser:
        return bool(user.is_active)
    if not hasattr(user, "_is_reviewer"):
        user._is_reviewer = user.is_active and user.groups.filter(name=REVIEWERS).exists()
    return bool(user._is_reviewer)
