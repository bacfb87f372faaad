"""The pages of readers: what follows a list, an account, the form for a correction."""
