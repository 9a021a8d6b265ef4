"""Moderation requests: is anything in a text against the rules?"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched

from engine.apis.indexed import entries_of
from engine.apis.json_answer import MalformedError, json_reader
from engine.client import Client
from engine.operations.budget import Budget
from engine.request import Payload, Request, Reuse
from engine.settings import Settings

PATH = "moderations"

MAX_CHUNK_CHARACTERS = 2000
"""Characters that are judged at once, unless the model says otherwise: longer texts are judged
less exactly (platform.openai.com/docs/guides/moderation)."""

PIECES_AT_ONCE = 32
"""Pieces in one request, unless the model says otherwise."""

OVERLAP = 200
"""Characters that two pieces share, so that no sentence is taken apart in both."""


_VERDICTS = {"true": True, "false": False}


def _load(kept: object) -> bool:
    if not isinstance(kept, bool):
        raise TypeError
    return kept


MODERATION_REUSE = Reuse("moderation", dump=bool, load=_load)


def moderate(
    client: Client,
    settings: Settings,
    text: str,
    *,
    longest: int | None = None,
    at_once: int | None = None,
    user: str = "",
) -> bool:
    """Whether anything in the whole text is flagged; nothing more is asked once it is.

    Args:
        client: asks.
        settings: endpoint, key, model and waiting budget.
        text: of any length; about a blank one (a message of a file only) nothing is asked.
        longest: characters of a piece; ``None`` for what is usual.
        at_once: pieces of a request; ``None`` for what is usual.
        user: on whose behalf.

    Raises:
        GatewayError: a request failed for good.
    """
    if not text.strip():
        return False
    budget = Budget(client, settings)
    pieces = pieces_of(text, longest or MAX_CHUNK_CHARACTERS)
    requests = (
        moderation_request(settings.model, some, user=user)
        for some in batched(pieces, at_once or PIECES_AT_ONCE)
    )
    return any(budget.complete(request) for request in requests)


def moderation_request(model: str, pieces: Sequence[str], *, user: str = "") -> Request[bool]:
    """Ask whether any of these pieces is flagged.

    Args:
        model: the model's name.
        pieces: at least one; a single one is sent as a text, as some servers take no list.
        user: on whose behalf; the body has no place for it.
    """
    payload: Payload = {"model": model, "input": pieces[0] if len(pieces) == 1 else list(pieces)}
    count = len(pieces)
    reader = json_reader(lambda document: parse_moderation(document, count))
    return Request(PATH, payload, reader, asker=user, reuse=MODERATION_REUSE)


def parse_moderation(document: Mapping[str, object], count: int) -> bool:
    """Read an answer.

    Args:
        document: the answer.
        count: of the pieces that were sent.

    Raises:
        MalformedError: a verdict is missing, or there is one too many.
    """
    alone = document.get("results", document)
    results = (
        [alone]
        if isinstance(alone, Mapping) and "flagged" in alone
        else entries_of(document, "results")
    )
    if len(results) != count:
        raise MalformedError("verdict_count", found=len(results), count=count)
    verdicts = [_verdict(result) for result in results]
    return any(verdicts)


def _verdict(result: Mapping[str, object]) -> bool:
    """Whether a piece is flagged, also where that is written as text."""
    verdict = result.get("flagged")
    if isinstance(verdict, str):
        verdict = _VERDICTS.get(verdict.strip().lower())
    if not isinstance(verdict, bool):
        raise MalformedError("verdict_type")
    return verdict


def pieces_of(text: str, longest: int = MAX_CHUNK_CHARACTERS) -> list[str]:
    """The whole text, in pieces of at most ``longest`` characters that overlap."""
    overlap = min(OVERLAP, longest // 2)
    return [text[start : start + longest] for start in _starts(len(text), longest, overlap)]


def _starts(length: int, longest: int, overlap: int) -> Iterator[int]:
    yield 0
    yield from range(longest - overlap, max(0, length - overlap), longest - overlap)
