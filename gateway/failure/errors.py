"""The exceptions that carry a failure, within the engine and out of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.failure.kind import Language
from gateway.failure.kinds import Kind, Outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt, understood.

    Attributes:
        kind: what it is; all policy follows from it.
        status: HTTP status, ``None`` if there was no answer.
        words: upstream's own words, from known error fields only; not yet scrubbed.
        code: error code or type as sent, lower case; may be empty.
        param: the parameter that the error names; may be empty.
        request_id: the gateway's id of the request; may be empty.
        told_wait: seconds that the server told to wait (RFC 9110 10.2.3), ``None`` if it did not.
        seconds: how long the attempt took.
        after_content: content had arrived before, so nothing may be replayed.
        final: repeating cannot help: the server asked not to (``x-should-retry: false``), or the
            cause stays until somebody removes it.
        ambiguous: the words have several causes, and the key's own usage page tells which.
        unstreamed: the gateway seems to refuse streaming; asking without may work.
        note: what was seen on the way, for the log; never shown to a user.
        detail: a sentence of ours about this one failure, for the message.
        detail_zh: the same in Chinese; may be empty.
        language: that the upstream spoke before in this call, where this failure has no words.
    """

    kind: Kind
    status: int | None = None
    words: str = ""
    code: str = ""
    param: str = ""
    request_id: str = ""
    told_wait: float | None = None
    seconds: float = 0.0
    after_content: bool = False
    final: bool = False
    ambiguous: bool = False
    unstreamed: bool = False
    note: str = ""
    detail: str = ""
    detail_zh: str = ""
    language: Language = "en"


SHORTEST_SECRET = 8
"""Characters; for servers that want no key people type ``x`` or ``none``."""


def without_secrets(failure: Failure, secrets: Iterable[str]) -> Failure:
    """The failure without what the call was made with (key, headers): some servers repeat it."""
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET and secret in failure.words + failure.note:
            failure = replace(
                failure,
                words=failure.words.replace(secret, "[key]"),
                note=failure.note.replace(secret, "[key]"),
            )
    return failure


class AttemptError(Exception):
    """One attempt failed; ``retry`` decides what follows. Never leaves the engine."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind.name)
        self.failure = failure


class GatewayError(Exception):
    """The call failed for good: the one exception of the engine.

    Attributes:
        outcome: which of Dify's error classes it is.
        failure: the last attempt's failure.
        text: what a person reads, one paragraph of less than 2,048 bytes.
    """

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(text)
        self.failure = failure
        self.text = text

    @property
    def outcome(self) -> Outcome:
        """The class that Dify is told."""
        return self.failure.kind.outcome
