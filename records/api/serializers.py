"""The parts that the representations of all records share.

The serializers say what is told, for people, for the schema and for `records.api.shapes`, by which it is read and
written; no row ever passes through them. Every field is there unless the client chose otherwise, also when it is
empty. A link to a record that the world may not see is null, and nothing tells it from a link that is not set.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.urls import reverse
from rest_framework import serializers

from partialdates.values import PartialDate
from records.models import Identified

#: What every record begins and ends with.
ADDRESS_FIELDS = ("uid", "url", "html_url")
RECORD_FIELDS = ("open_points", "version", "published_at", "updated_at")
#: The same for offices and tenures, which have no workflow of their own.
ROW_FIELDS = ("version", "updated_at")


def api_address(row: Identified, site: str) -> str:
    """The absolute address of a record in the API; ``site`` is scheme and host."""
    return f"{site}{reverse(f'api:{row._meta.model_name}-detail', args=[row.uid])}"


class ApiAddress(serializers.URLField):
    """The absolute address of the record in the API."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"source": "*", "help_text": "Address of the record in the API.", **kwargs})


class PageAddress(serializers.URLField):
    """The absolute address of the page for people; ``source`` is the record that has a page, if not the row itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"source": "*", "help_text": "Address of the page for people.", **kwargs})


class ListAddress(serializers.URLField):
    """The absolute address of a list in the API, narrowed to what has to do with the record."""

    def __init__(self, view_name: str, parameter: str, **kwargs: Any) -> None:
        self.view_name = view_name
        self.parameter = parameter
        super().__init__(**{"source": "uid", "help_text": "Address of the list that belongs to the record.", **kwargs})


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


class TallyField(serializers.IntegerField):
    """How many of ``rows`` (a queryset, made when it is needed) point at the record by the link ``by``."""

    def __init__(self, rows: Callable[[], Any], *, by: str, **kwargs: Any) -> None:
        self.rows, self.by = rows, by
        super().__init__(min_value=0, **kwargs)


class LinkedRecordsField(serializers.ListSerializer):
    """The records at the ``end`` of link rows, without the rows."""

    def __init__(self, *, end: str, **kwargs: Any) -> None:
        self.end = end
        super().__init__(**kwargs)


class ReadSerializer(serializers.ModelSerializer):
    """A representation for reading: no field can be written, none is ever left out.

    ``rows`` gives for a list of rows the queryset of those that may be shown, in their order, where ``public()`` in the
    order of the model is not it. ``columns`` gives for a field that is no column the columns it is made of, and how.
    """

    rows: ClassVar[Mapping[str, Callable[[], Any]]] = {}
    columns: ClassVar[Mapping[str, tuple[tuple[str, ...], Callable[..., Any]]]] = {}

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False
        return fields


class RecordSerializer(ReadSerializer):
    """A record, in full or as others mention it: its addresses, then fields by their names in the codebook."""

    url = ApiAddress()
    html_url = PageAddress()


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
