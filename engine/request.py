"""What is asked of a gateway: where, with which body, and how its answer is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from engine.apis.usage import Usage
from engine.delta import Delta
from engine.errors import Failure, Kind

type Payload = dict[str, object]


class Reader[Result](Protocol):
    """Reads the body of one answer that is no refusal, as it arrives."""

    @property
    def content(self) -> bool:
        """Content has arrived: from now on nothing may be replayed."""

    @property
    def finished(self) -> bool:
        """The answer is complete: what follows can no longer spoil it."""

    @property
    def done(self) -> bool:
        """Nothing more follows."""

    def feed(self, chunk: bytes, deltas: list[Delta]) -> None:
        """Add bytes; what may be handed on is appended to ``deltas``, also before a raise.

        Raises:
            AttemptError: the answer is a failure after all.
        """

    def close(self, deltas: list[Delta]) -> Result:
        """The body has ended.

        Raises:
            AttemptError: it is no complete answer.
        """

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes along with a request, which then is a form (RFC 7578) and not JSON.

    Attributes:
        name: of the file; gateways judge by its ending what it holds.
        media_type: of the content.
        content: held once, however often it is sent.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)


type NewReader[Result] = Callable[[int, Mapping[str, str]], Reader[Result]]
"""Makes the reader of an answer from its status and headers."""


@dataclass(frozen=True, slots=True)
class Reuse[Result]:
    """How answers of one kind are kept, where the form asks for it.

    Attributes:
        kind: the model type.
        dump: a result as JSON knows it; ``None`` if it must not be kept.
        load: the result again; raises ``LookupError``, ``TypeError`` or ``ValueError`` where it
            cannot be.
        allowed: whether the answer to what is sent may be kept at all.
        certain: whether the same answer would be expected again; a form may lift that.
    """

    kind: str
    dump: Callable[[Any], object]
    load: Callable[[object], Result]
    allowed: Callable[[Mapping[str, object]], bool] = lambda _payload: True
    certain: Callable[[Mapping[str, object]], bool] = lambda _payload: True


@dataclass(frozen=True, slots=True)
class CompatRule:
    """One change of a request.

    Attributes:
        name: for the log and for remembering it.
        suits: whether it may cure this failure of this request.
        apply: the request, changed; a copy.
        learned_seconds: how long a model that needed it gets it from the start.
        always: it is remembered whatever the refusal's words are.
    """

    name: str
    suits: Callable[[Failure, Mapping[str, object]], bool]
    apply: Callable[[Mapping[str, object]], Payload]
    learned_seconds: float
    always: bool = False


@dataclass(frozen=True, slots=True)
class Request[Result]:
    """One question to a gateway, to be sent as often as it takes.

    Attributes:
        path: below the endpoint, such as ``chat/completions``.
        payload: the JSON body, or the fields of the form if a file goes along; never changed, a
            revised request is a copy.
        reader: makes the reader of an answer.
        upload: the file that goes along, as the form's field ``file``.
        asker: on whose behalf it is asked, where the body may not say so.
        reuse: how its answer may be kept; ``None`` if never.
        applied: what the reader does with the answer besides, such as ending it at stop words: a
            part of what is asked, though it may not stand in the payload.
        absent: what it means that there is nothing at its path, where that is no wrong address.
        read_seconds: seconds that may pass between bytes of its answer; ``None`` for what is usual.
        waits_for_recovery: it waits as long as it may though the gateway has let nothing in for a
            minute; a chat does so only if somebody typed how long.
        compat rules: what may be left out or said otherwise where this API refuses it, besides what
            holds for all.
        used: what the gateway counted for an answer; ``None`` where it did not.
    """

    path: str
    payload: Mapping[str, object]
    reader: NewReader[Result]
    upload: Upload | None = None
    asker: str = ""
    reuse: Reuse[Result] | None = None
    applied: Sequence[str] = ()
    absent: Kind | None = None
    read_seconds: float | None = None
    waits_for_recovery: bool = True
    compat_rules: tuple[CompatRule, ...] = ()
    used: Callable[[Any], Usage | None] = lambda _result: None

    def with_payload(self, payload: Mapping[str, object]) -> "Request[Result]":
        """The same question in other words."""
        return replace(self, payload=payload)

    def extended(self, extra: Mapping[str, Any]) -> "Request[Result]":
        """The same question with further fields: objects merged, lists added, null taken out."""
        if not extra:
            return self
        # Whoever asks is still told apart, also where the body no longer says so.
        return replace(self, payload=_merged(self.payload, extra), asker=self.user)

    def with_model(self, model: str) -> "Request[Result]":
        """The same question to another model."""
        if self.payload.get("model") == model:
            return self
        return self.with_payload({**self.payload, "model": model})

    @property
    def user(self) -> str:
        """On whose behalf it is asked; may be empty."""
        return self.asker or str(self.payload.get("user") or "")

    @property
    def size(self) -> int:
        """Characters of all its texts and bytes of its file: roughly what it holds in memory."""
        return _size(self.payload) + (len(self.upload.content) if self.upload else 0)


def _merged(mine: Mapping[str, Any], extra: Mapping[str, Any]) -> Payload:
    merged = {name: value for name, value in mine.items() if extra.get(name, value) is not None}
    for name, value in extra.items():
        known = merged.get(name)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            merged[name] = _merged(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            merged[name] = [*known, *value]
        elif value is not None:
            merged[name] = value
    return merged


@dataclass(frozen=True, slots=True)
class Questions[Part]:
    """What is asked, part by part.

    Attributes:
        reuse: how a part is kept.
        path: below the endpoint.
        payloads: what would be sent for each part alone, as far as it makes a difference.
        shape: what has to be the same of all parts; where it is not, kept ones are asked for anew.
    """

    reuse: Reuse[Part]
    path: str
    payloads: Sequence[Mapping[str, object]]
    shape: Callable[[Part], object] = lambda _part: None


def _size(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(_size(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(_size(item) for item in value)
    return 0
