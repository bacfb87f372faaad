"""What somebody who wrote a date in words most likely meant, as text to propose and never to store unseen."""


def propose(text: str) -> str:
    """A text that may or may not be a partial date; "" when nothing comes to mind."""
    return ""
