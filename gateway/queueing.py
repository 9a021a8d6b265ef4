"""Why a call got no turn, in the words of a failure."""

from dataclasses import replace

from gateway.admission import NoTurn, Reason
from gateway.failure import Failure
from gateway.failure.kinds import (
    GATEWAY_SHUT,
    KEYS_RESTING,
    QUEUE_FULL,
    QUEUE_TOO_LONG,
    RATE_LIMITED,
)


def failure_of_no_turn(refusal: NoTurn, last: Failure | None) -> Failure:
    """The failure that a refused turn is.

    Args:
        refusal: why there was no turn.
        last: the call's last attempt, if it made one: then that is what went wrong.
    """
    if refusal.reason is Reason.FULL:
        detail = f"{refusal.waiting} calls are waiting already."
        return Failure(QUEUE_FULL, detail=detail, final=True)
    if refusal.reason is Reason.RESTING:
        return failure_of_keys(refusal.resting)
    if refusal.reason is Reason.SHUT:
        # The last attempt was the probe: that it was refused is what this says.
        return Failure(GATEWAY_SHUT, final=True)
    if last is not None:
        return replace(last, final=True)
    if refusal.reason is Reason.TOLD:
        return Failure(RATE_LIMITED, told_wait=refusal.wait, final=True)
    return Failure(QUEUE_TOO_LONG, detail=_queue(refusal), final=True)


def failure_of_keys(reasons: tuple[tuple[int, str], ...]) -> Failure:
    """The failure of a call none of whose keys can be used.

    Args:
        reasons: position of each key, from 0, and why it cannot be used.
    """
    listed = "; ".join(f"key {position + 1}: {why}" for position, why in reasons)
    return Failure(KEYS_RESTING, detail=f"{listed[:600]}.", final=True)


def _queue(refusal: NoTurn) -> str:
    detail = f"{refusal.ahead} calls are ahead of it." if refusal.ahead else ""
    if refusal.rate:
        detail += f" At best {refusal.rate:.1f} a second were answered in the last ten minutes."
    return detail.strip()
