"""What a save asks of a gateway: its list of models, or a short answer of one model."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.chat import chat_request
from gateway.client import Client
from gateway.exchange import Limits, Sink, exchange
from gateway.failure import AttemptError
from gateway.failure.kinds import EMPTY_ANSWER, WRONG_URL
from gateway.key_usage import shared_key_usage
from gateway.model_list import list_models
from gateway.relay import Collected
from gateway.request import Request
from gateway.revise import RevisedRequest
from gateway.settings import Settings
from gateway.transport import Transport

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0
_NOT_FOUND = 404

logger = logging.getLogger("gateway")


class Question(Protocol):
    """One request that tells whether a key works; asked again, it goes on where it was."""

    def ask(self, until: float) -> None:
        """Ask; raises AttemptError."""

    @property
    def answered(self) -> bool:
        """An answer has begun: the gateway was reached."""


class ListQuestion:
    """Asks for the list of models."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self.answered = False

    def ask(self, until: float) -> None:
        """Ask for the list; a gateway that has none passes if it has a chat API."""
        try:
            list_models(self._client.transport, self._settings, limits_of(until))
        except AttemptError as error:
            if error.failure.status != _NOT_FOUND:
                raise
            self._ask_nothing(until)
            origin = self._settings.origin
            logger.info("%s has no list of models (HTTP 404); the key is accepted", origin)

    def _ask_nothing(self, until: float) -> None:
        """Send a chat without a model: an API refuses it unbilled, and a web site has no such page.

        Dify's own address, for example, has neither.
        """
        request = chat_request({"model": "", "messages": []}, "chat")
        try:
            exchange(self._client.transport, self._settings, request, Collected(), limits_of(until))
        except AttemptError as error:
            if error.failure.kind is WRONG_URL or error.failure.kind.condemns_key:
                raise


class ModelQuestion[Result]:
    """Asks a model for a short answer."""

    def __init__(self, client: Client, settings: Settings, request: Request[Result]) -> None:
        self._client = client
        self._settings = settings
        self._request = RevisedRequest(request.extended(settings.extra_body))
        self.answered = False

    def ask(self, until: float) -> None:
        """Send the request, revised where the gateway names what it refuses."""
        try:
            ask_revised(
                self._client.transport,
                self._settings,
                self._request,
                Collected(),
                limits_of(until),
                self._begins,
            )
        except AttemptError as error:
            if error.failure.kind is not EMPTY_ANSWER:
                raise

    def _begins(self, _headers: Mapping[str, str]) -> None:
        self.answered = True


def ask_revised[Result](
    transport: Transport,
    settings: Settings,
    request: RevisedRequest[Result],
    sink: Sink,
    limits: Limits,
    on_admitted: Callable[[Mapping[str, str]], None] = lambda _headers: None,
) -> Result:
    """Ask in no queue, and at once again where the gateway names what it refuses.

    Args:
        transport: the connections.
        settings: endpoint, key.
        request: what is asked; what it learns of the model, it keeps.
        sink: gets the text as it arrives.
        limits: of time, for all attempts together.
        on_admitted: as for ``exchange``.

    Raises:
        AttemptError: the last attempt failed.
    """
    while True:
        try:
            return exchange(transport, settings, request.current, sink, limits, on_admitted)
        except AttemptError as error:
            if time.monotonic() >= limits.until or request.revise(error.failure) is None:
                failure = shared_key_usage().explained(transport, settings, error.failure)
                raise AttemptError(failure) from None


def limits_of(until: float) -> Limits:
    """Of one request; ``until`` is when the whole check has to be over."""
    return Limits(until, _CONNECT_SECONDS, _READ_SECONDS)
