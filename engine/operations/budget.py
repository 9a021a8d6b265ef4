"""One waiting budget, and one end, for a call that takes several requests."""

import time
from dataclasses import replace

from engine.call.attempt import MAX_CALL_SECONDS
from engine.client import Client
from engine.request import Request
from engine.settings import Settings


class Budget:
    """Asks one request after the other.

    Args:
        client: asks.
        settings: endpoint, key, model, and the waiting budget of all of them together.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._began = time.monotonic()

    @property
    def spent(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def complete[Result](self, request: Request[Result]) -> Result:
        """Ask within what is left.

        Raises:
            GatewayError: the request failed for good.
        """
        left = max(0.0, self._settings.max_retry_seconds - self.spent)
        settings = replace(self._settings, max_retry_seconds=left)
        return self._client.complete(settings, request, until=self._began + MAX_CALL_SECONDS)
