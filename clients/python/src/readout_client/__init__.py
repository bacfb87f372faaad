"""A client of Readout, an event database of diplomacy: lists that page by themselves, records, changes, mirrors."""

from readout_client.client import KINDS, Change, Client, Facet, FacetValue, Histogram, ListPage, Period, Record
from readout_client.desk import Desk
from readout_client.errors import (
    CursorExpired,
    InvalidDocument,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Problem,
    ReadoutError,
    Refused,
    Stale,
    TooManyRequests,
    Unreachable,
    Withdrawn,
)
from readout_client.mirror import Mirror, Report
from readout_client.webhooks import NotSigned, verify_webhook

__all__ = [
    "KINDS",
    "Change",
    "Client",
    "CursorExpired",
    "Desk",
    "Facet",
    "FacetValue",
    "Histogram",
    "InvalidDocument",
    "InvalidRequest",
    "ListPage",
    "Mirror",
    "NotAllowed",
    "NotFound",
    "NotSigned",
    "Period",
    "Problem",
    "ReadoutError",
    "Record",
    "Refused",
    "Report",
    "Stale",
    "TooManyRequests",
    "Unreachable",
    "Withdrawn",
    "verify_webhook",
]
__version__ = "0.1.0"
