"""How often an address or a token may ask, and a token write; all workers count together, by `records.rates`."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from records.callers import address_of, network_of
from records.rates import Rate, counted


class Throttle(BaseThrottle):
    """So many requests a minute for each address, or for each token; what a token writes is counted by itself."""

    rate: Rate | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        policy, caller, quota = self.policy_of(request, writes=not getattr(view, "only_reads", False))
        if not quota:
            return True
        self.rate = request.rate = counted(f"api.{policy}", policy, caller, quota)  # type: ignore[attr-defined]
        return not self.rate.is_over

    def policy_of(self, request: Request, *, writes: bool = True) -> tuple[str, str, int]:
        """The name of the policy, who is counted by it, and how many requests a minute it allows; 0 for any number.

        ``writes`` says that the view changes something by methods that are not safe. A token that is wrong counts for
        the address that sends it.
        """
        token: Any = request.auth
        if token is None:
            return "address", network_of(self.get_ident(request)), settings.API_REQUESTS_PER_MINUTE
        if writes and request.method not in SAFE_METHODS:
            return "writes", str(token.pk), settings.API_WRITES_PER_MINUTE
        return "token", str(token.pk), settings.API_TOKEN_REQUESTS_PER_MINUTE

    def get_ident(self, request: Request) -> str:
        """The address that asks, by the rule of the whole site instead of the framework's own."""
        return address_of(request)

    def wait(self) -> float | None:
        return self.rate.seconds if self.rate else None
