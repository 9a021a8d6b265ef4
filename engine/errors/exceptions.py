"""The exceptions that carry a failure, within the engine and out of it."""

from dataclasses import dataclass

from engine.errors.kinds import Kind, Outcome
from engine.errors.messages import Language, Message, Texts, message, texts_of


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
        retry_after: seconds that the server told to wait (RFC 9110 10.2.3), ``None`` if it did not.
        limits_key: the limit is the account's, user's, address's or key's own: it holds for every
            model of the key, not for this one alone.
        seconds: how long the attempt took.
        after_content: content had arrived before, so nothing may be replayed.
        final: repeating cannot help: the server asked not to (``x-should-retry: false``), or the
            cause stays until somebody removes it.
        ambiguous: the words have several causes, and the key's own usage page tells which.
        unstreamed: the gateway seems to refuse streaming; asking without may work.
        note: what was seen on the way, for the log; never shown to a user.
        cause: what caused this one, where that is known: it is said in place of the kind
            (``messages.cause_message``).
        facts: further sentences of ours about this one failure.
    """

    kind: Kind
    status: int | None = None
    words: str = ""
    code: str = ""
    param: str = ""
    request_id: str = ""
    retry_after: float | None = None
    limits_key: bool = False
    seconds: float = 0.0
    after_content: bool = False
    final: bool = False
    ambiguous: bool = False
    unstreamed: bool = False
    note: str = ""
    cause: Message | None = None
    facts: tuple[Message, ...] = ()

    @property
    def headline(self) -> Message:
        """What happened, in a few words."""
        return message(f"{self.cause.key}.headline") if self.cause else self.kind.headline

    def texts(self, language: Language) -> Texts:
        """What a person reads of it, in that language."""
        return texts_of(self.kind.name, language, self.cause)


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
