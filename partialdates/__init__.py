"""Dates known to the day, month, season, year, as one of several, as an extent, or not at all (EDTF, ISO 8601-2:2019).

The ground floor: it imports nothing of ours. Models take ``partialdates.fields.PartialDateField``.
"""

from partialdates.errors import InvalidPartialDate
from partialdates.values import PartialDate

__all__ = ["InvalidPartialDate", "PartialDate"]
