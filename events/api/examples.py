"""Examples of the schema: the talks of 21 February 2023 in Moscow, as the API tells them."""

from drf_spectacular.utils import OpenApiExample

MEETING = MEETING_DETAIL = STATEMENT = STATEMENT_DETAIL = OpenApiExample("x", value={})
