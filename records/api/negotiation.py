"""What a client may ask for in ``Accept`` and ``?format=``."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

from records.api.problems import InvalidParameters


class Negotiation(DefaultContentNegotiation):
    """The framework's own, but an unknown ``format`` is named and refused instead of being "not found"."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> Any:  # noqa: A002 the framework's name
        renderers = list(renderers)
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            allowed = [str(renderer.format) for renderer in renderers]
            message = _("There is no such format here. Choose one of: %(formats)s.") % {"formats": ", ".join(allowed)}
            raise InvalidParameters({"format": [message]}, allowed={"format": allowed})
        return found
