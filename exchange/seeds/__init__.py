"""Seeds: reviewed files that come with the site, read, checked and applied; see ``seeds/README.md`` for their form."""
