"""Files in and out: the starter data, importers, exporters, dataset releases."""
