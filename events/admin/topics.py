"""Topics at the desk."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from events.models import Topic, TopicLabel
from records.admin import Choice, DeskChangeList, PartInline, desk_search, in_names
from records.admin.merging import MergingAdmin

TOPIC_NAMES = (in_names(Topic), in_names(TopicLabel, "text", owner="topic"))


def about_topic(row: Any, owner: str) -> Callable[[Any, Topic], Any]:
    """Narrow to the records with a row of the model ``row`` for the topic or for a narrower one."""

    def narrow(records: Any, topic: Topic) -> Any:
        topics = list(Topic.objects.descendants(topic, include_self=True).order_by().values_list("pk", flat=True))
        return records.filter(pk__in=row.objects.filter(topic__in=topics).values(owner))

    return narrow


class TopicLabelInline(PartInline):
    model = TopicLabel
    fields = ("text", "language", "kind", "is_verified")


class TopicChangeList(DeskChangeList):
    """In the order of the tree, until somebody sorts by a column."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Any:
        return super().get_ordering(request, queryset) if ORDER_VAR in self.params else ["tree_ordering"]


@admin.register(Topic)
class TopicAdmin(MergingAdmin):
    """The tree of topics."""

    other_names = ((TopicLabel, "topic", "text"),)
    search = desk_search(*TOPIC_NAMES)
    list_display = ("in_tree", "parent", "state_shown", "in_charge", "changed")
    list_display_links = ("in_tree",)
    list_filter = ("state",)
    list_select_related = ("parent",)
    list_per_page = 200
    ordering = ("name", "id")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (gettext_lazy("What"), {"fields": ("name", "parent", "scope_note")}),
        (gettext_lazy("What is not confirmed"), {"fields": ("open_points",)}),
    )
    inlines = (TopicLabelInline,)
    layout = (gettext_lazy("What"), TopicLabelInline)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TopicChangeList]:  # noqa: ARG002
        return TopicChangeList

    def for_list(self, queryset: Any) -> Any:
        return queryset.with_tree_fields()

    @admin.display(description=gettext_lazy("topic"))
    def in_tree(self, topic: Topic) -> str:
        """The label, moved in by its depth, as a column."""
        return format_html(
            '<span class="in-tree" data-depth="{}">{}</span>', getattr(topic, "tree_depth", 0), topic.name
        )

    def for_choosing(self, queryset: Any) -> Any:
        return queryset.select_related("parent")

    def choices_of(self, records: list[Any]) -> list[Choice]:
        return [Choice.of(topic, topic.parent) for topic in records]
