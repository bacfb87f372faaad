"""Meetings, statements and what belongs to them in the read API."""
