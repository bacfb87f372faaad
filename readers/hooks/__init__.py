"""Webhooks of saved searches: what is told, how it is signed and sent, and what becomes of it (decision 36)."""
