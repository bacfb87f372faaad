"""Counts of everything at once: which values the records of a selection have, and how many have each.

A list of a million records is counted from arrays in memory, which follow the database from change to change; the
reasons and the figures are in ``docs/decisions/``. An app says in its ``facets.py`` what its records are counted by.
"""

from records.facets.columns import Column, Dates, NoDates, TextColumn, Words, code_of, letters, letters_of, number_of
from records.facets.index import Index, Influence, read_all
from records.facets.selection import Facet, Facets, Pairing, Selection
from records.facets.tables import Years
from records.facets.values import Counts

__all__ = [
    "Column",
    "Counts",
    "Dates",
    "Facet",
    "Facets",
    "Index",
    "Influence",
    "NoDates",
    "Pairing",
    "Selection",
    "TextColumn",
    "Words",
    "Years",
    "code_of",
    "letters",
    "letters_of",
    "number_of",
    "read_all",
]
