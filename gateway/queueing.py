"""Why a call got no turn, in the words of a failure."""

import json
from dataclasses import replace

from gateway.admission import NoTurn, Reason
from gateway.explain import spoken
from gateway.failure import KINDS, Failure, Language
from gateway.failure.kinds import (
    GATEWAY_SHUT,
    KEYS_RESTING,
    QUEUE_FULL,
    QUEUE_TOO_LONG,
    RATE_LIMITED,
)
from gateway.privacy import public_words

_LONGEST_LIST = 600
"""Characters of the reasons of keys; a Chinese one takes three bytes."""


def failure_of_no_turn(refusal: NoTurn, last: Failure | None) -> Failure:
    """The failure that a refused turn is.

    Args:
        refusal: why there was no turn.
        last: the call's last attempt, if it made one: then that is what went wrong.
    """
    language = spoken(last) if last else "en"
    if refusal.reason is Reason.FULL:
        return Failure(
            QUEUE_FULL,
            detail=f"{refusal.waiting} calls are waiting already.",
            detail_zh=f"已有 {refusal.waiting} 个调用在等待。",
            final=True,
            language=language,
        )
    if refusal.reason is Reason.RESTING:
        return failure_of_keys(refusal.resting, language)
    if refusal.reason is Reason.SHUT:
        # The last attempt was the probe: that it was refused is what this says.
        return Failure(GATEWAY_SHUT, final=True, language=language)
    if refusal.reason is Reason.TOLD:
        is_own = last is not None and last.kind.is_rejection
        failure = last if last and is_own else _failure_of_cause(refusal.cause)
        wait, of_key = refusal.wait, refusal.of_key
        return replace(failure, told_wait=wait, limits_key=of_key, final=True)
    if last is not None:
        return replace(last, final=True)
    return Failure(QUEUE_TOO_LONG, detail=_queue(refusal), final=True)


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


def failure_of_keys(reasons: tuple[tuple[int, str], ...], language: Language = "en") -> Failure:
    """The failure of a call none of whose keys can be used.

    Args:
        reasons: position of each key, from 0, and why it cannot be used: a kind's headline.
        language: that the upstream spoke when it refused them.
    """
    chinese = {kind.headline: kind.zh.headline for kind in KINDS}
    listed = "; ".join(f"key {position + 1}: {why}" for position, why in reasons)
    listed_zh = "；".join(
        f"第 {position + 1} 个密钥：{chinese.get(why, why)}" for position, why in reasons
    )
    return Failure(
        KEYS_RESTING,
        detail=f"{listed[:_LONGEST_LIST]}.",
        detail_zh=f"{listed_zh[: _LONGEST_LIST // 3]}。",
        final=True,
        language=language,
    )


def _queue(refusal: NoTurn) -> str:
    detail = f"{refusal.ahead} calls are ahead of it." if refusal.ahead else ""
    if refusal.rate:
        detail += f" At best {refusal.rate:.1f} a second were answered in the last ten minutes."
    return detail.strip()
