"""Files of a list in the API."""
