"""The one refusal of this package."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class InvalidPartialDate(ValueError):
    """Text that is no partial date.

    ``message`` (lazy) says what is wrong and what to type; ``suggestion`` is the nearest text that
    ``PartialDate.parse`` accepts, or "" when nothing comes near.
    """

    def __init__(self, message: "_StrOrPromise", suggestion: str = "") -> None:
        super().__init__(message, suggestion)
        self.message = message
        self.suggestion = suggestion

    def __str__(self) -> str:
        return str(self.message)
