"""A client of Readout, an event database of diplomacy: lists that page by themselves, records, changes, mirrors."""

from readout_client.client import KINDS, Change, Client, ListPage, Record
from readout_client.errors import (
    CursorExpired,
    InvalidRequest,
    NotFound,
    Problem,
    ReadoutError,
    TooManyRequests,
    Unreachable,
    Withdrawn,
)
from readout_client.mirror import Mirror, Report

__all__ = [
    "KINDS",
    "Change",
    "Client",
    "CursorExpired",
    "InvalidRequest",
    "ListPage",
    "Mirror",
    "NotFound",
    "Problem",
    "ReadoutError",
    "Record",
    "Report",
    "TooManyRequests",
    "Unreachable",
    "Withdrawn",
]
__version__ = "0.1.0"
