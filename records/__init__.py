"""What every record shares: public id, workflow state, version, merge redirects, change history, lookup and text search."""
