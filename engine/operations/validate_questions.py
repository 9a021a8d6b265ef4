"""What a save asks of a gateway: its list of models, or a short answer of one model."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from engine.apis.chat.request import chat_request
from engine.call.attempt import Sink, TimeLimits, send_attempt
from engine.call.channel import Collected
from engine.call.key_usage import shared_key_usage
from engine.call.model_list import list_models
from engine.client import Client
from engine.compat.rules import RevisedRequest
from engine.errors import AttemptError
from engine.errors.kinds import EMPTY_ANSWER, WRONG_URL
from engine.http.transport import Transport
from engine.request import Request
from engine.settings import Settings

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0
_NOT_FOUND = 404

logger = logging.getLogger("gateway")


class Question(Protocol):
    """What tells whether a key works."""

    @property
    def request(self) -> RevisedRequest[Any] | None:
        """What is sent, if it can be changed where it is refused."""

    def ask(self, until: float) -> None:
        """Ask once; raises AttemptError."""

    @property
    def answered(self) -> bool:
        """An answer has begun: the gateway was reached."""


class ListQuestion:
    """Asks for the list of models."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self.request = None
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
            send_attempt(
                self._client.transport, self._settings, request, Collected(), limits_of(until)
            )
        except AttemptError as error:
            if error.failure.kind is WRONG_URL or error.failure.kind.condemns_key:
                raise


class ModelQuestion[Result]:
    """Asks a model for a short answer."""

    def __init__(self, client: Client, settings: Settings, request: Request[Result]) -> None:
        self._client = client
        self._settings = settings
        self.request = RevisedRequest(request.extended(settings.extra_body))
        self.answered = False

    def ask(self, until: float) -> None:
        """Send the request once, as it is now; an answer without content will do."""
        try:
            send_once(
                self._client.transport,
                self._settings,
                self.request,
                Collected(),
                limits_of(until),
                self._begins,
            )
        except AttemptError as error:
            if error.failure.kind is not EMPTY_ANSWER:
                raise

    def _begins(self, _headers: Mapping[str, str]) -> None:
        self.answered = True


def send_once[Result](
    transport: Transport,
    settings: Settings,
    request: RevisedRequest[Result],
    sink: Sink,
    limits: TimeLimits,
    on_admitted: Callable[[Mapping[str, str]], None] = lambda _headers: None,
) -> Result:
    """Send a request as it is now.

    Args:
        transport: the connections.
        settings: endpoint, key.
        request: what is asked, with what was found out about it.
        sink: gets the text as it arrives.
        limits: of time.
        on_admitted: as for ``send_attempt``.

    Raises:
        AttemptError: it failed; a refused key is told apart by its own usage page.
    """
    try:
        return send_attempt(transport, settings, request.current, sink, limits, on_admitted)
    except AttemptError as error:
        failure = shared_key_usage().explained(transport, settings, error.failure)
        raise AttemptError(failure) from None


def limits_of(until: float) -> TimeLimits:
    """Of one request; ``until`` is when the whole check has to be over."""
    return TimeLimits(until, _CONNECT_SECONDS, _READ_SECONDS)
