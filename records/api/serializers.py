"""The parts that the representations of all records share.

Representations are for reading: every field is there in every answer, also when it is empty. A link to a record that
the world may not see is null, and nothing tells it from a link that is not set.
"""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from rest_framework import serializers

from partialdates.values import PartialDate
from records.models import Identified, Record

#: What every record begins and ends with.
ADDRESS_FIELDS = ("uid", "url", "html_url")
RECORD_FIELDS = ("open_points", "version", "published_at", "updated_at")
#: The same for offices and tenures, which have no workflow of their own.
ROW_FIELDS = ("version", "updated_at")


def is_visible(row: Identified) -> bool:
    """Whether the world may see a row that was reached through a link; the rule of ``public()``, for one loaded row."""
    if isinstance(row, Record):
        return row.is_public
    return all(linked is None or linked.is_public for linked in _joined_records(row))


def _joined_records(row: Any) -> Iterator[Any]:
    for path in row.public_through:
        linked = row
        for step in path.split("__"):
            linked = linked and getattr(linked, step)
        yield linked


def api_address(row: Identified, site: str) -> str:
    """The absolute address of a record in the API; ``site`` is scheme and host."""
    return f"{site}{reverse(f'api:{row._meta.model_name}-detail', args=[row.uid])}"


class ApiAddress(serializers.URLField):
    """The absolute address of the record in the API."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"source": "*", "help_text": "Address of the record in the API.", **kwargs})

    def to_representation(self, value: Any) -> str:
        return api_address(value, self.context["site"])


class PageAddress(serializers.URLField):
    """The absolute address of the page for people; ``source`` is the record that has a page, if not the row itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"source": "*", "help_text": "Address of the page for people.", **kwargs})

    def to_representation(self, value: Any) -> str:
        return f"{self.context['site']}{value.get_absolute_url()}"


class ListAddress(serializers.URLField):
    """The absolute address of a list in the API, narrowed to what has to do with the record."""

    def __init__(self, view_name: str, parameter: str, **kwargs: Any) -> None:
        self.view_name = view_name
        self.parameter = parameter
        super().__init__(**{"source": "uid", "help_text": "Address of the list that belongs to the record.", **kwargs})

    def to_representation(self, value: Any) -> str:
        return f"{self.context['site']}{reverse(self.view_name)}?{self.parameter}={value}"


class PartialDateSerializer(serializers.Serializer[PartialDate]):
    """A date as far as it is known. An unknown date has an empty `edtf` and no days."""

    edtf = serializers.CharField(help_text="Canonical EDTF (ISO 8601-2); empty when the date is unknown.")
    earliest = serializers.DateField(
        allow_null=True, help_text="First day it can mean; null when open on that side, or unknown."
    )
    latest = serializers.DateField(
        allow_null=True, help_text="Last day it can mean, included; null when open on that side, or unknown."
    )
    certain = serializers.BooleanField(help_text="Whether the very days are known.")
    text = serializers.CharField(help_text="In words, in the language of the answer.")

    def to_representation(self, instance: PartialDate) -> dict[str, Any]:
        return instance.as_dict()


class ReadSerializer(serializers.ModelSerializer):
    """A representation for reading: no field can be written, none is ever left out."""

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False
        return fields

    def get_attribute(self, instance: Any) -> Any:
        """What this serializer, as a field, shows of ``instance``: null where the linked record is hidden."""
        linked = super().get_attribute(instance)
        return None if isinstance(linked, Identified) and not is_visible(linked) else linked


class RecordSerializer(ReadSerializer):
    """A record, in full or as others mention it: its addresses, then fields by their names in the codebook."""

    url = ApiAddress()
    html_url = PageAddress()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Worked out once in an answer: the same few actors and topics come back in row after row of a list."""
        context: Any = self.context
        shown = context.setdefault("shown", {})
        key = (type(self), instance.pk)
        if key not in shown:
            shown[key] = super().to_representation(instance)
        return shown[key]


class ProblemSerializer(serializers.Serializer[Any]):
    """What went wrong, as a problem document (RFC 9457)."""

    type = serializers.CharField(help_text="Name of the problem; programs may branch on it.")
    title = serializers.CharField(help_text="The phrase of the status.")
    status = serializers.IntegerField(help_text="The status of the answer.")
    detail = serializers.CharField(help_text="What to do about it, in the language of the answer.")
    instance = serializers.CharField(help_text="The path that was asked for.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="What is wrong with each parameter.",
    )
    allowed = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="The values that a refused parameter takes, where they are a list.",
    )
    parameters = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Every parameter of this address; given when an unknown one was used.",
    )
    uid = serializers.CharField(required=False, help_text="The public id of a withdrawn record.")
    reason = serializers.CharField(required=False, help_text="Why a record was withdrawn.")
