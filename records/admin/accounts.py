"""Accounts and sessions at the desk: an administrator makes and shuts accounts, and gives nobody more than is theirs.

A session's key is a credential: no page carries it, and a session is named by a hash of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

#: What only a superuser gives: an administrator could give themselves everything.
GIVEN_BY_SUPERUSERS = frozenset({"is_superuser", "user_permissions"})
#: More sessions than that are no list to look through.
SHOWN = 500


class PlainChoices(admin.ModelAdmin):
    """Groups to tick and permissions in a list: Django's pair of boxes tells screen readers too little."""

    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        is_short = db_field.related_model is Group
        kwargs["widget"] = forms.CheckboxSelectMultiple() if is_short else forms.SelectMultiple(attrs={"size": 14})
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PlainGroupAdmin(PlainChoices, GroupAdmin):
    """Django's admin of groups."""


class GuardedUserAdmin(PlainChoices, UserAdmin):
    """Django's admin of accounts, without the ways by which who may change accounts could become a superuser.

    Accounts sign the history: they are shut by making them inactive, and only a superuser deletes one. When somebody
    came and logged in is a fact, and nobody types it.
    """

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = (*super().get_readonly_fields(request, obj), "last_login", "date_joined")
        return fields if request.user.is_superuser else (*fields, *sorted(GIVEN_BY_SUPERUSERS))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_touch(request, obj)

    @staticmethod
    def _may_touch(request: HttpRequest, account: Any) -> bool:
        """Whoever sets the password of a superuser is one; a right given one by one came from a superuser."""
        return bool(request.user.is_superuser) or account is None or not account.is_superuser


admin.site.unregister([Group, get_user_model()])
admin.site.register(Group, PlainGroupAdmin)
admin.site.register(get_user_model(), GuardedUserAdmin)


@dataclass(frozen=True)
class OpenSession:
    """A session of somebody who logged in, as the page names it."""

    name: str
    user: Any
    began: datetime
    ends: datetime
    is_own: bool


def name_of(session: Any) -> str:
    """What names a session on the page and tells nobody its key."""
    return salted_hmac("records.admin.accounts", session.session_key, algorithm="sha256").hexdigest()[:32]


@admin.register(Session)
class SessionAdmin(admin.ModelAdmin):
    """Who is logged in, and a button that ends it."""

    change_list_template = "admin/sessions.html"

    def get_urls(self) -> list[Any]:
        # Django's pages of a row have its key in their address and its contents on them.
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="sessions_session_changelist"),
            path("end/", view(self.end_view), name="sessions_session_end"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Who is logged in"),
            "opts": self.opts,
            "sessions": self._open(request),
            "shown": SHOWN,
            "can_end": self.has_delete_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/sessions.html", context)

    def end_view(self, request: HttpRequest) -> HttpResponse:
        """End the session that was named; ending one that is over changes nothing."""
        if not self.has_delete_permission(request):
            raise PermissionDenied
        named = request.POST.get("session", "")
        ended = next((one for one in _current() if constant_time_compare(name_of(one), named)), None)
        if ended is not None:
            ended.delete()
            self.message_user(request, _("The session was ended."), messages.SUCCESS)
        elif request.method == "POST":
            self.message_user(request, _("That session is over already."), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:sessions_session_changelist"))

    def _open(self, request: HttpRequest) -> list[OpenSession]:
        """Sessions with an account, the latest first; two queries."""
        owners = [(session, session.get_decoded().get(SESSION_KEY)) for session in _current()]
        users = {
            str(user.pk): user for user in get_user_model().objects.filter(pk__in={key for _s, key in owners if key})
        }
        return [
            OpenSession(
                name=name_of(session),
                user=users[key],
                began=session.expire_date - timedelta(seconds=settings.SESSION_COOKIE_AGE),
                ends=session.expire_date,
                is_own=session.session_key == request.session.session_key,
            )
            for session, key in owners
            if key in users
        ]


def _current() -> Any:
    return Session.objects.filter(expire_date__gt=timezone.now()).order_by("-expire_date")[:SHOWN]
