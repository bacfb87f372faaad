"""What every address of the read API shares: problem documents, filters, pages, the schema and the base of views."""
