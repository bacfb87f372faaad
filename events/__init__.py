"""Meetings and statements: what happened, who took part, what was said about which topic, and which source says so."""
