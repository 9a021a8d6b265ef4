"""Why a call was not admitted, in the words of a failure."""

import json
from dataclasses import replace

from engine.admission import NotAdmitted, Reason
from engine.errors import KINDS, Failure
from engine.errors.kinds import GATEWAY_SHUT, KEYS_RESTING, QUEUE_FULL, QUEUE_TOO_LONG, RATE_LIMITED
from engine.errors.messages import Listed, Message, message
from engine.errors.redact import public_words

_MAX_KEYS_NAMED = 5
"""Of the keys that cannot be used: the message has to stay short."""


def failure_of_not_admitted(refusal: NotAdmitted, last: Failure | None) -> Failure:
    """The failure of a call that was not admitted.

    Args:
        refusal: why it was not admitted.
        last: the call's last attempt, if it made one: then that is what went wrong.
    """
    if refusal.reason is Reason.FULL:
        return Failure(
            QUEUE_FULL,
            facts=(message("facts.calls_waiting", count=refusal.waiting),),
            final=True,
        )
    if refusal.reason is Reason.EJECTED:
        return failure_of_keys(refusal.ejected)
    if refusal.reason is Reason.CIRCUIT_OPEN:
        # The last attempt was the probe: that it was refused is what this says.
        return Failure(GATEWAY_SHUT, final=True)
    if refusal.reason is Reason.RETRY_AFTER:
        is_own = last is not None and last.kind.is_rejection
        failure = last if last and is_own else _failure_of_cause(refusal.cause)
        wait, of_key = refusal.wait, refusal.of_key
        return replace(failure, retry_after=wait, limits_key=of_key, final=True)
    if last is not None:
        return replace(last, final=True)
    return Failure(QUEUE_TOO_LONG, facts=_queue(refusal), final=True)


def cause_of(failure: Failure) -> str:
    """A rejection as the text that admission keeps for calls that are refused because of it.

    It may be shown to whoever calls with the same key, so it holds what people are shown.
    """
    fields = {"kind": failure.kind.name, "status": failure.status, "code": failure.code}
    return json.dumps(fields | {"words": public_words(failure)}, ensure_ascii=False)


def _failure_of_cause(cause: str) -> Failure:
    """The failure again; without one, a quota was used up, or another version wrote it."""
    try:
        fields = json.loads(cause)
        kind = next(kind for kind in KINDS if kind.name == fields["kind"])
        status, words, code = fields["status"], str(fields["words"]), str(fields["code"])
    except (ValueError, LookupError, TypeError, StopIteration):
        return Failure(RATE_LIMITED)
    return Failure(kind, status if isinstance(status, int) else None, words, code)


def failure_of_keys(reasons: tuple[tuple[int, str], ...]) -> Failure:
    """The failure of a call none of whose keys can be used.

    Args:
        reasons: position of each key, from 0, and the kind of failure that it cannot be used for.
    """
    headlines = {kind.name: kind.headline for kind in KINDS}
    listed = Listed(
        tuple(
            message(
                "facts.key_reason",
                key=message("frame.key", position=position + 1),
                # Another version may have written a kind that this one does not know.
                reason=headlines.get(why, why),
            )
            for position, why in reasons[:_MAX_KEYS_NAMED]
        ),
        "reasons",
    )
    return Failure(KEYS_RESTING, facts=(message("facts.keys", reasons=listed),), final=True)


def _queue(refusal: NotAdmitted) -> tuple[Message, ...]:
    ahead = (message("facts.calls_ahead", count=refusal.ahead),) if refusal.ahead else ()
    rate = (message("facts.best_rate", rate=f"{refusal.rate:.1f}"),) if refusal.rate else ()
    return (*ahead, *rate)
