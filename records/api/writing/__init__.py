"""Records written through the API: by the forms, the rules and the permissions of the desk."""
