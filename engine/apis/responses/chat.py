"""Asks a model for an answer through the Responses API."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter

from engine.apis.responses.compat_rules import COMPAT_RULES
from engine.apis.responses.reader import ResponsesReader
from engine.apis.responses.request import responses_payload
from engine.apis.stop import stop_words
from engine.apis.text_answer import Finish
from engine.call.attempt import MAX_CALL_SECONDS
from engine.errors.kinds import WRONG_API
from engine.request import Request

PATH = "responses"


def responses_request(payload: Mapping[str, object]) -> Request[Finish]:
    """Ask a model for an answer through the Responses API.

    Args:
        payload: a chat request; its stop words are applied here, as that API knows none.
    """
    reader = partial(ResponsesReader, stop=stop_words(payload))
    return Request(
        PATH,
        responses_payload(payload),
        reader,
        compat_rules=COMPAT_RULES,
        absent=WRONG_API,
        # Pro models think for minutes, and send nothing meanwhile.
        read_seconds=MAX_CALL_SECONDS,
        used=attrgetter("usage"),
    )
