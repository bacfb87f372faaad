"""The public pages of what is taken away: files of a list, references of a record, selections that are cited."""
