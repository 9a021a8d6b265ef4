"""What to do after a failed attempt: the one decision, pure, of everything that asks a gateway.

Calls, a save's questions, batches of embeddings and parts of speech hand over a failure and what
is known of their state, and do what ``decide`` says. Nothing else reads a kind's retry policy.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from engine.errors import Failure, Kind
from engine.errors.kinds import EMPTY_ANSWER, GATEWAY_SHUT, NO_CHANNEL, QUEUE_TOO_LONG
from engine.request import CompatRule

type Jitter = Callable[[float], float]

SLOW_SECONDS = 30.0
"""After an attempt of this length a repeat is dear; see ``Kind.slow_repeats``."""

LAST_CHANCE_SECONDS = 0.25
"""How long before the deadline the last attempt starts, when the pause would outlast it."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The call has failed.

    Attributes:
        failure: why.
        refused_keys: position of each key and why it cannot be used, if that is why: then none is
            left.
    """

    failure: Failure
    refused_keys: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Send the same request again after a pause.

    Attributes:
        failure: why.
        seconds: how long the pause is.
    """

    failure: Failure
    seconds: float


@dataclass(frozen=True, slots=True)
class QueueAgain:
    """Wait for another permit: the queue knows when there is room.

    Attributes:
        failure: why.
    """

    failure: Failure


@dataclass(frozen=True, slots=True)
class NextKey:
    """Ask with another key at once."""


@dataclass(frozen=True, slots=True)
class Revise:
    """Send the request at once without what was refused.

    Attributes:
        failure: why.
        rule: what changes.
    """

    failure: Failure
    rule: CompatRule


@dataclass(frozen=True, slots=True)
class NextModel:
    """Ask the next fallback model.

    Attributes:
        failure: why.
    """

    failure: Failure


@dataclass(frozen=True, slots=True)
class Split:
    """Ask for the parts of what was asked for at once."""


@dataclass(frozen=True, slots=True)
class Shorten:
    """Ask for less of the one text."""


type Action = GiveUp | RetryLater | QueueAgain | NextKey | Revise | NextModel | Split | Shorten


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """How an asker repeats that has no queue and little time; a call has none of these limits.

    Attributes:
        max_repeats: of all kinds together.
        pause_seconds: before each.
        min_seconds_left: with less time left nothing is repeated.
        excluded: kinds that are not repeated.
    """

    max_repeats: int
    pause_seconds: float
    min_seconds_left: float
    excluded: frozenset[Kind]


NO_REPEATS = RetryLimits(0, 0.0, 0.0, frozenset())
"""Of who asks again only for something else: the parts of a batch, a shorter text."""


@dataclass(frozen=True, slots=True)
class AttemptState:
    """What is known of a call when an attempt of it has failed.

    Attributes:
        seconds_left: of the waiting budget.
        repeats: how often this model was asked again after a failure of the same kind.
        key: position of the key that was used; ``None`` if no request was sent.
        keys: how many keys the call has.
        refused_keys: position of each key that cannot be used, and why.
        rejected_keys: positions of the keys that had no room.
        has_fit_key: another key of the call may serve this model.
        rule: what may be left out or changed so that the request passes.
        is_unstreamed: the answer was asked for without a stream after one that was empty.
        has_next_model: a fallback model is left.
        is_too_much: the failure says that less at once may pass.
        parts: how many things were asked for at once.
        can_shorten: the one text can still be cut.
        limits: of an asker without a queue.
    """

    seconds_left: float
    repeats: int = 0
    key: int | None = None
    keys: int = 1
    refused_keys: Mapping[int, str] = field(default_factory=dict)
    rejected_keys: frozenset[int] = frozenset()
    has_fit_key: bool = False
    rule: CompatRule | None = None
    is_unstreamed: bool = False
    has_next_model: bool = False
    is_too_much: bool = False
    parts: int = 1
    can_shorten: bool = False
    limits: RetryLimits | None = None


def decide(failure: Failure, state: AttemptState, jitter: Jitter) -> Action:
    """Return what to do now.

    Args:
        failure: the last attempt's, or why there was none.
        state: what is known of the call.
        jitter: draws a pause from 0 to the seconds given.
    """
    if failure.after_content:
        return GiveUp(failure)
    if state.key is not None and (action := _ask_otherwise(failure, state, state.key)):
        return action
    if state.is_unstreamed and failure.kind is EMPTY_ANSWER:
        failure = replace(failure, final=True)
    pause = pause_before_repeat(failure, state, jitter)
    if pause is not None:
        is_queued = failure.kind.is_rejection and state.limits is None
        return QueueAgain(failure) if is_queued else RetryLater(failure, pause)
    if state.is_too_much and state.parts > 1:
        return Split()
    if state.is_too_much and state.can_shorten:
        return Shorten()
    return NextModel(failure) if state.has_next_model and _is_full(failure) else GiveUp(failure)


def _ask_otherwise(failure: Failure, state: AttemptState, key: int) -> Action | None:
    """Whether another key, or a changed request, is worth another request at once."""
    kind = failure.kind
    if kind.condemns_key or (kind.condemns_route and state.has_fit_key):
        if key in state.refused_keys or state.keys == 1:
            return None
        refused = {**state.refused_keys, key: kind.name}
        if len(refused) == state.keys:
            return GiveUp(failure, tuple(sorted(refused.items())))
        return NextKey()
    if kind.is_rejection:
        is_news = key not in state.rejected_keys
        return NextKey() if is_news and len(state.rejected_keys) + 1 < state.keys else None
    return Revise(failure, state.rule) if state.rule else None


def repeats_allowed(failure: Failure) -> int | None:
    """Return how many repeats a failure is worth; ``None`` if as many as the budget holds."""
    kind = failure.kind
    if failure.after_content or failure.final:
        return 0
    if kind.max_wait_seconds is not None and failure.seconds > kind.max_wait_seconds:
        return 0
    if kind.slow_repeats is not None and failure.seconds > SLOW_SECONDS:
        return kind.slow_repeats
    return kind.repeats


def pause_before_repeat(failure: Failure, state: AttemptState, jitter: Jitter) -> float | None:
    """Return the seconds to wait before the same request, or ``None`` if it is not sent again.

    What the server told is obeyed to the letter, and given up at once if it is longer than the
    budget. Else full jitter: a part of base x 2^n drawn evenly, so that callers that were refused
    together do not come back together.
    """
    allowed, remaining, kind = repeats_allowed(failure), state.seconds_left, failure.kind
    if (allowed is not None and state.repeats >= allowed) or remaining <= 0:
        return None
    if (limits := state.limits) is not None:
        is_over = state.repeats >= limits.max_repeats or remaining <= limits.min_seconds_left
        return None if is_over or kind in limits.excluded else limits.pause_seconds
    if kind.is_rejection:
        # The queue knows better than chance when there is room, and keeps to what was told.
        return 0.0
    exact = failure.retry_after or kind.pause.fixed
    if exact is not None:
        return exact if exact <= remaining else None
    pause = jitter(min(kind.pause.cap, kind.pause.base * 2.0 ** min(state.repeats, 10)))
    latest = remaining - LAST_CHANCE_SECONDS
    if pause <= latest:
        return pause
    return latest if latest > LAST_CHANCE_SECONDS else None


def _is_full(failure: Failure) -> bool:
    """Whether another model may have the room or the channel that this one lacks."""
    return failure.kind.is_rejection or failure.kind in (NO_CHANNEL, QUEUE_TOO_LONG, GATEWAY_SHUT)
