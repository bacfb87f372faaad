"""Meetings, statements and all they consist of, at the desk; one module for each subject, as in `events.models`."""

from events.admin import citations, formulas, meetings, places, sources, statements, topics

__all__ = ["citations", "formulas", "meetings", "places", "sources", "statements", "topics"]
