"""What readers keep and send: feeds and calendars of a list, saved searches with their news, corrections."""
