"""The pages of the desk that are no form of a record: the patrol of published records, and comments to somebody."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from records import discussion, patrol
from records.history import event_model
from records.models import Comment, Review

#: The latest of each kind; the others follow as these are dealt with.
SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """A published record with changes that nobody has reviewed; ``steps`` are when, who, why, the first one first."""

    record: Any
    address: str
    since: int
    steps: list[dict[str, Any]]


class DeskPageAdmin(admin.ModelAdmin):
    """A page with a table of its own in place of Django's list; nothing is added, changed or deleted here."""

    template_name: ClassVar[str]

    def get_urls(self) -> list[Any]:
        options = self.opts
        page = self.admin_site.admin_view(self.changelist_view)
        return [path("", page, name=f"{options.app_label}_{options.model_name}_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            **self.page(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.template_name, context)

    def page(self, request: HttpRequest) -> dict[str, Any]:
        """What the template shows."""
        raise NotImplementedError


@admin.register(Review)
class ReviewAdmin(DeskPageAdmin):
    """The patrol: published records that changed since somebody let them pass."""

    template_name = "admin/patrol.html"

    def page(self, request: HttpRequest) -> dict[str, Any]:
        waiting = [
            one
            for model in patrol.kinds_of_records()
            if admin.site.is_registered(model)
            and self.admin_site.get_model_admin(model).has_view_or_change_permission(request)
            for one in waiting_of(model)
        ]
        return {
            "title": _("Changes to published records"),
            "waiting": sorted(waiting, key=lambda one: one.record.updated_at, reverse=True),
            "shown": SHOWN,
        }


def waiting_of(model: Any) -> list[Waiting]:
    """The records of a kind that wait to be reviewed, the latest change first; three queries, or one."""
    records = list(patrol.unreviewed(model.objects).order_by("-updated_at", "pk")[:SHOWN])
    if not records:
        return []
    reviewed = dict(
        Review.objects.filter(record__in=[record.uid for record in records])
        .values_list("record")
        .annotate(version=Max("version"))
    )
    events = event_model(model).objects.filter(pgh_obj_id__in=[record.pk for record in records])
    columns = ("pgh_obj_id", "version", "state", "updated_by__username", "updated_at", "pgh_context__metadata")
    steps: dict[int, list[dict[str, Any]]] = {record.pk: [] for record in records}
    for event in events.order_by("pgh_id").values(*columns):
        steps[event["pgh_obj_id"]].append(event)
    return [_waiting(record, reviewed.get(record.uid), steps[record.pk]) for record in records]


def _waiting(record: Any, reviewed: int | None, events: list[dict[str, Any]]) -> Waiting:
    since = reviewed or next((event["version"] for event in events if event["state"] == "published"), 0)
    options = record._meta
    return Waiting(
        record=record,
        address=reverse(f"admin:{options.app_label}_{options.model_name}_differences", args=[quote(record.pk)]),
        since=since,
        steps=[
            {
                "version": event["version"],
                "by": event["updated_by__username"],
                "at": event["updated_at"],
                "reason": (event["pgh_context__metadata"] or {}).get("reason", ""),
            }
            for event in events
            if event["version"] > since
        ],
    )


@admin.register(Comment)
class CommentAdmin(DeskPageAdmin):
    """Open comments: those to whoever looks, or all of them."""

    template_name = "admin/comments.html"

    def page(self, request: HttpRequest) -> dict[str, Any]:
        is_all = request.GET.get("to") == "all"
        comments = Comment.objects.filter(resolved_at=None) if is_all else discussion.comments_for(request.user)
        shown = list(comments.select_related("author", "record").order_by("-created_at", "-pk")[: SHOWN * 2])
        return {
            "title": _("Open comments") if is_all else _("Comments to me"),
            "is_all": is_all,
            "comments": [(comment, *found) for comment, found in zip(shown, _places_of(shown), strict=True)],
        }


def _places_of(comments: list[Comment]) -> list[tuple[Any, str]]:
    """The record of each comment and the address of its form; nothing where it was deleted. A query for each kind."""
    found: dict[str, tuple[Any, str]] = {}
    for model in patrol.kinds_of_records():
        options = model._meta
        uids = {comment.record_id for comment in comments if comment.record.kind == options.label_lower}
        for record in model.objects.filter(uid__in=uids) if uids else ():
            name = f"admin:{options.app_label}_{options.model_name}_change"
            found[record.uid] = (record, reverse(name, args=[quote(record.pk)]))
    return [found.get(comment.record_id, (None, "")) for comment in comments]
