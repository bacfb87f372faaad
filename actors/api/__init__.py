"""Actors, offices and tenures in the read API."""
