"""The groups that work in the admin, and what each may do; docs/roles.md is written from what stands here.

They are granted after each ``migrate``, not in a migration: Django makes the permissions of a table only then.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_permission_codename
from django.utils.translation import gettext_lazy as _

RESEARCHERS = "Researchers"
EDITORS = "Editors"
REVIEWERS = "Reviewers"
ADMINISTRATORS = "Administrators"

#: The apps whose models are records and their parts.
APPS = ("actors", "events")
#: The apps that everybody may only look at.
LOOKED_AT = ("exchange",)

LOOK = ("view",)
WORK = ("view", "add", "change", "delete")


@dataclass(frozen=True)
class Role:
    """What a group may do: ``records`` with records and their parts, ``beside`` with single other tables."""

    description: Any
    records: tuple[str, ...]
    is_reviewer: bool = False
    beside: tuple[str, ...] = ("records.view_comment",)


#: What readers send has their addresses with it: for those who decide about it.
_EDITING = ("records.view_comment", "readers.view_correction", "readers.change_correction")
_REVIEWING = (*_EDITING, "records.view_review")

ROLES = {
    RESEARCHERS: Role(_("Look at all records at the desk, drafts included, and comment on them."), LOOK),
    EDITORS: Role(
        _("All that researchers may; create and change records, submit them, delete what was never published."),
        WORK,
        beside=_EDITING,
    ),
    REVIEWERS: Role(
        _("All that editors may; publish and withdraw what is not their own, and review changes to published records."),
        WORK,
        is_reviewer=True,
        beside=_REVIEWING,
    ),
    ADMINISTRATORS: Role(
        _("All that reviewers may; make accounts, put them into groups, shut them, end sessions, turn webhooks off."),
        WORK,
        is_reviewer=True,
        beside=(
            *_REVIEWING,
            "auth.view_user",
            "auth.add_user",
            "auth.change_user",
            "auth.view_group",
            "sessions.view_session",
            "sessions.delete_session",
            "readers.view_webhook",
            "readers.change_webhook",
        ),
    ),
}


def permissions_in(app_config: AppConfig, role: Role) -> list[str]:
    """The code names of the permissions that a role has in an app."""
    label = app_config.label
    verbs = role.records if label in APPS else LOOK if label in LOOKED_AT else ()
    tables = [model._meta for model in app_config.get_models() if not model.__name__.endswith("Event")] if verbs else []
    names = [get_permission_codename(verb, table) for table in tables for verb in verbs]
    return names + [name for app, _dot, name in (one.partition(".") for one in role.beside) if app == label]


def grant_roles(*, app_config: AppConfig, **_kwargs: Any) -> None:
    """Give each group the permissions of an app's models, after each ``migrate``.

    What a site took from these groups comes back: other rights belong in a group of another name.
    """
    from django.contrib.auth.management import create_permissions  # apps must be ready
    from django.contrib.auth.models import Group, Permission  # apps must be ready

    # Django makes the permissions at the same signal, after us where our app stands before its own.
    create_permissions(app_config, verbosity=0)
    for name, role in ROLES.items():
        names = permissions_in(app_config, role)
        if names:
            group, _created = Group.objects.get_or_create(name=name)
            group.permissions.add(
                *Permission.objects.filter(content_type__app_label=app_config.label, codename__in=names)
            )


def may_publish(user: Any) -> bool:
    """Whether the user may publish and withdraw what they may change; asks the database once for each user object."""
    if user.is_superuser:
        return bool(user.is_active)
    if not hasattr(user, "_is_reviewer"):
        reviewing = [name for name, role in ROLES.items() if role.is_reviewer]
        user._is_reviewer = user.is_active and user.groups.filter(name__in=reviewing).exists()
    return bool(user._is_reviewer)
