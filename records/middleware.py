"""The history context of a request."""

from typing import Any

import pghistory.middleware


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Names the user and the page in the history of every change that a request makes."""

    def get_context(self, request: Any) -> dict[str, Any]:
        return {key: value for key, value in super().get_context(request).items() if value is not None}
