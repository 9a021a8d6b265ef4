"""The upstream behind a gateway: what it answers, by the behaviour that a model's name asks for.

`play(call)` is the whole interface. Gateways translate its answers (`oneapi`, `newapi`); the
families `openai` and `cdn` pass them on as they are.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from simulator import able, failures, faulty, odd_audio, replies
from simulator.answer import Answer
from simulator.call import Call
from simulator.streams import WORDS, Reply, answer_with, said
from simulator.strict import strict

type Behaviour = Callable[[Call], Answer]


class UnknownBehaviourError(LookupError):
    """No behaviour has that name."""


def _milliseconds(text: str | None, default: float) -> float:
    return int(text) / 1000 if text else default


PATTERNS: tuple[tuple[re.Pattern[str], Callable[[Call, re.Match[str]], Answer]], ...] = (
    (re.compile("able"), lambda call, _: able.play(call)),
    (
        re.compile(r"tokens-(?P<n>\d+)(?:-every-(?P<ms>\d+))?"),
        lambda call, m: replies.tokens(call, int(m["n"]), _milliseconds(m["ms"], 0.0)),
    ),
    (
        re.compile(r"echo(?:-every-(?P<ms>\d+))?"),
        lambda call, m: replies.echo(call, _milliseconds(m["ms"], 0.0)),
    ),
    (
        re.compile(r"ok-slow(?:-(?P<ms>\d+))?"),
        lambda call, m: answer_with(call, said(*WORDS), _milliseconds(m["ms"], 0.5)),
    ),
    (
        re.compile(r"slow-first-token(?:-(?P<ms>\d+))?"),
        lambda call, m: replies.slow_first_token(call, _milliseconds(m["ms"], 8.0)),
    ),
    (
        re.compile(r"slow-headers(?:-(?P<name>429|[a-z][\w-]*?))?(?:-(?P<ms>\d+))?"),
        lambda call, m: _late(call, m["name"] or "ok", _milliseconds(m["ms"], 8.0)),
    ),
    (
        re.compile(r"give-up(?P<late>-after-content)?(?:-(?P<ms>\d+))?"),
        lambda call, m: replies.give_up(call, 2 * bool(m["late"]), _milliseconds(m["ms"], 8.0)),
    ),
    (
        re.compile(r"refuses-(?P<name>\w+)"),
        lambda call, m: failures.refusing(m["name"])(call),
    ),
    (
        re.compile(r"(?P<name>ok[\w-]*)-every-(?P<ms>\d+)"),
        lambda call, m: answer_with(call, _reply(m["name"]), int(m["ms"]) / 1000),
    ),
)


def _reply(name: str) -> Reply:
    if name not in replies.REPLIES:
        raise UnknownBehaviourError(name)
    return replies.REPLIES[name]


def _late(call: Call, name: str, seconds: float) -> Answer:
    behaviour = "sat-forever" if name == "429" else name
    return replace(play(replace(call, behaviour=behaviour)), delay=seconds)


def play(call: Call) -> Answer:
    """What the upstream answers.

    Raises:
        UnknownBehaviourError: the behaviour has no such name.
    """
    name = call.behaviour
    if name in replies.REPLIES:
        return answer_with(call, replies.REPLIES[name])
    if name in replies.STREAMED:
        return replies.STREAMED[name](call) if call.stream else answer_with(call, said(*WORDS))
    if name == "strict":
        return strict(call)
    if name in failures.FAILURES:
        return failures.FAILURES[name](call)
    for pattern, behaviour in PATTERNS:
        if match := pattern.fullmatch(name):
            return behaviour(call, match)
    for odd in (faulty.play, odd_audio.play):
        if (answer := odd(call)) is not None:
            return answer
    raise UnknownBehaviourError(name)
