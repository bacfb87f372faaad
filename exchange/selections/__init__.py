"""Selections that are cited: a filter and what it found, frozen; and what became of it since."""
