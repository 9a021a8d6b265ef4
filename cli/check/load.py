"""How many calls at once a gateway takes: more and more of them together, until some are refused.

Only when asked, and bounded: each step doubles the one before, up to the number that was given.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cli.check.capabilities import Asking, Heard
from cli.check.outcome import Outcome, Verdict
from cli.check.wire import call_limits
from cli.check.words import SAY
from engine.apis.chat.request import chat_request
from engine.call.attempt import send_attempt
from engine.errors import AttemptError, Failure

MOST = 128
"""Calls at once that ``--load`` may ask for."""

HEADROOM = 0.8
"""Part of what was let in that is proposed: others use the same group."""

_TOKENS = 64
"""Of each answer: long enough for the calls of a step to be under way together."""


@dataclass(frozen=True, slots=True)
class Step:
    """So many calls at once, and what became of them.

    Attributes:
        sent: calls sent at the same moment.
        taken: calls that were answered.
        refused: calls refused as saturated or rate limited.
        broken: another failure, if there was one.
    """

    sent: int
    taken: int
    refused: int
    broken: Failure | None = None


def steps_up_to(most: int) -> list[int]:
    """1, 2, 4 and so on, and the number itself at the end."""
    steps = [1]
    while steps[-1] * 2 < most:
        steps.append(steps[-1] * 2)
    return steps if most <= 1 else [*steps, most]


def find_limit(asking: Asking, model: str, most: int) -> list[Step]:
    """Take step after step until calls are refused, or something else goes wrong."""
    taken: list[Step] = []
    for sent in steps_up_to(most):
        taken.append(_together(asking, model, sent))
        if taken[-1].refused or taken[-1].broken:
            break
    return taken


def proposal_of(steps: list[Step]) -> int | None:
    """The ``max_concurrency`` to type; ``None`` where no limit was found, or nothing was let in."""
    last = steps[-1]
    if not last.refused or not last.taken:
        return None
    # Fewer than a step before are let in while others use the group too.
    return max(1, int(HEADROOM * max(step.taken for step in steps)))


def outcome_of(steps: list[Step], asking: Asking) -> Outcome:
    """The line of the report."""
    last, language = steps[-1], asking.language
    if last.broken:
        reason = last.broken.texts(language).headline
        text = SAY["load_broken"].say(language).format(sent=last.sent, reason=reason)
        return Outcome("load", Verdict.NOTE, text, kind=last.broken.kind.name)
    if not last.refused:
        return Outcome("load", Verdict.OK, SAY["load_free"].say(language).format(sent=last.sent))
    if not any(step.taken for step in steps):
        return Outcome("load", Verdict.BUSY, SAY["load_none"].say(language))
    text = SAY["load_taken"].say(language)
    text = text.format(taken=last.taken, refused=last.refused, sent=last.sent)
    advice = SAY["load_advice"].say(language).format(proposal=proposal_of(steps))
    return Outcome("load", Verdict.OK, text, advice if proposal_of(steps) else "")


def _together(asking: Asking, model: str, sent: int) -> Step:
    start = threading.Barrier(sent)
    payload = {
        "model": model,
        "messages": [{"role": "user", "content": "Count to thirty."}],
        "max_tokens": _TOKENS,
        "stream": True,
    }

    def call() -> Failure | None:
        start.wait()
        settings = asking.settings.with_model(model)
        try:
            send_attempt(asking.transport, settings, chat_request(payload), Heard(), call_limits())
        except AttemptError as error:
            return error.failure
        return None

    with ThreadPoolExecutor(sent) as pool:
        ended = [future.result() for future in [pool.submit(call) for _ in range(sent)]]
    failures = [failure for failure in ended if failure is not None]
    refused = sum(failure.kind.is_rejection for failure in failures)
    broken = next((failure for failure in failures if not failure.kind.is_rejection), None)
    return Step(sent, sent - len(failures), refused, broken)
