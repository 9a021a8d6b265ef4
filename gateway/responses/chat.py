"""Asks a model for an answer through the Responses API."""

from collections.abc import Mapping
from functools import partial
from operator import attrgetter

from gateway.exchange import LONGEST_CALL
from gateway.failure.kinds import WRONG_API
from gateway.request import Request
from gateway.responses.reader import ResponsesReader
from gateway.responses.request import responses_payload
from gateway.responses.revisions import REVISIONS
from gateway.stop import stop_words
from gateway.text_answer import Finish

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
        revisions=REVISIONS,
        absent=WRONG_API,
        # Pro models think for minutes, and send nothing meanwhile.
        silence=LONGEST_CALL,
        used=attrgetter("usage"),
    )
