"""Webhooks of readers at the desk: seen, turned off, and given back to their owners. Their secrets are never here."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from readers.hooks import services
from readers.models import OffReason, Webhook


@admin.register(Webhook)
class WebhookAdmin(admin.ModelAdmin):
    """All webhooks, read-only. Of an address only the host is shown: what stands behind it may be a secret."""

    list_display = ("host", "owner", "is_on", "off_reason", "failing_since", "created_at")
    list_filter = ("is_on", "off_reason")
    list_select_related = ("search__user",)
    search_fields = ("search__user__username",)
    fields = ("host", "owner", "created_at", "is_on", "off_reason", "off_at", "failing_since", "tries", "retry_at")
    readonly_fields = fields
    actions = ("turn_off", "allow")
    ordering = ("-created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_turn_off_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("readers.change_webhook"))

    @admin.display(description=_("host"))
    def host(self, webhook: Webhook) -> str:
        return urlsplit(webhook.address).netloc

    @admin.display(description=_("owner"), ordering="search__user__username")
    def owner(self, webhook: Webhook) -> str:
        return str(webhook.search.user)

    @admin.action(description=_("Turn off; the owner gets a letter"), permissions=["turn_off"])
    def turn_off(self, request: HttpRequest, webhooks: Any) -> None:
        """Turn off what is on."""
        done = sum(services.turn_off(one, OffReason.DESK) for one in webhooks)
        said = ngettext("%(n)d webhook is off.", "%(n)d webhooks are off.", done) % {"n": done}
        self.message_user(request, said, messages.SUCCESS)

    @admin.action(description=_("Let the owner turn it on again"), permissions=["turn_off"])
    def allow(self, request: HttpRequest, webhooks: Any) -> None:
        """Take back that the desk turned them off; they stay off until their owners turn them on."""
        done = sum(services.allow(one) for one in webhooks)
        said = ngettext("%(n)d owner may turn it on.", "%(n)d owners may turn theirs on.", done) % {"n": done}
        self.message_user(request, said, messages.SUCCESS)
