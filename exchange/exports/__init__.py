"""Files out: tables, JSON and references of exactly what a filter finds, streamed from one snapshot."""
