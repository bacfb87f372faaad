"""What every record shares: public id, state, version, merge redirects, change history, lookup and text search."""
