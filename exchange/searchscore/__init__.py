"""How well search finds: queries with the results a person expects, asked of the seeds and of documents beside them."""
