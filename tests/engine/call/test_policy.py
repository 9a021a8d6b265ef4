"""The one decision: what is done after a failure, as a table of states and actions."""

from dataclasses import replace

import pytest

from engine.call.policy import (
    NO_REPEATS,
    Action,
    AttemptState,
    GiveUp,
    NextKey,
    NextModel,
    QueueAgain,
    RetryLater,
    RetryLimits,
    Revise,
    Shorten,
    Split,
    decide,
)
from engine.compat.rules import COMPAT_RULES
from engine.errors import KINDS, Failure, Kind, kinds
from tests.support.jitters import all_of, never

RULE = COMPAT_RULES[0]
TIME = 45.0
ONE_KEY = AttemptState(TIME, key=0)
THREE_KEYS = AttemptState(TIME, key=1, keys=3)
FULL = Failure(kinds.SATURATED)
REFUSED = Failure(kinds.KEY_REFUSED)
NO_CHANNEL = Failure(kinds.NO_CHANNEL)
BAD = Failure(kinds.BAD_REQUEST)
FAULT = Failure(kinds.SERVER_ERROR)

CASES: tuple[tuple[str, Failure, AttemptState, Action], ...] = (
    ("one key without room queues again", FULL, ONE_KEY, QueueAgain(FULL)),
    ("another key may have room", FULL, THREE_KEYS, NextKey()),
    (
        "each key is tried once at once",
        FULL,
        replace(THREE_KEYS, rejected_keys=frozenset({1})),
        QueueAgain(FULL),
    ),
    (
        "the last key has no room either",
        FULL,
        replace(THREE_KEYS, rejected_keys=frozenset({0, 2})),
        QueueAgain(FULL),
    ),
    ("no time is left", FULL, replace(ONE_KEY, seconds_left=0.0), GiveUp(FULL)),
    (
        "no time is left, and another model may have room",
        FULL,
        replace(ONE_KEY, seconds_left=0.0, has_next_model=True),
        NextModel(FULL),
    ),
    ("the only key is refused", REFUSED, ONE_KEY, GiveUp(REFUSED)),
    ("another key may be good", REFUSED, THREE_KEYS, NextKey()),
    (
        "all keys are refused",
        REFUSED,
        replace(THREE_KEYS, refused_keys={0: "a", 2: "c"}),
        GiveUp(REFUSED, ((0, "a"), (1, kinds.KEY_REFUSED.name), (2, "c"))),
    ),
    (
        "a key that was refused before is not passed over twice",
        REFUSED,
        replace(THREE_KEYS, refused_keys={1: "b"}),
        GiveUp(REFUSED),
    ),
    (
        "a refused key is no reason for another model",
        REFUSED,
        replace(ONE_KEY, has_next_model=True),
        GiveUp(REFUSED),
    ),
    ("no channel is repeated late", NO_CHANNEL, ONE_KEY, RetryLater(NO_CHANNEL, 5.0)),
    (
        "another key's group may have a channel",
        NO_CHANNEL,
        replace(THREE_KEYS, has_fit_key=True),
        NextKey(),
    ),
    (
        "no channel twice, and a fallback model is left",
        NO_CHANNEL,
        replace(ONE_KEY, repeats=1, has_next_model=True),
        NextModel(NO_CHANNEL),
    ),
    ("a parameter may be left out", BAD, replace(ONE_KEY, rule=RULE), Revise(BAD, RULE)),
    ("nothing can be left out", BAD, ONE_KEY, GiveUp(BAD)),
    (
        "what has no room is not revised",
        FULL,
        replace(ONE_KEY, rule=RULE),
        QueueAgain(FULL),
    ),
    (
        "nothing was sent, so nothing is changed",
        BAD,
        replace(ONE_KEY, key=None, rule=RULE),
        GiveUp(BAD),
    ),
    ("a fault is repeated", FAULT, ONE_KEY, RetryLater(FAULT, 1.0)),
    ("a fault is repeated later", FAULT, replace(ONE_KEY, repeats=2), RetryLater(FAULT, 4.0)),
    ("a fault stays", FAULT, replace(ONE_KEY, repeats=3), GiveUp(FAULT)),
    (
        "a fault is no reason for another model",
        FAULT,
        replace(ONE_KEY, repeats=3, has_next_model=True),
        GiveUp(FAULT),
    ),
    (
        "an empty answer is asked for once more",
        Failure(kinds.EMPTY_ANSWER),
        ONE_KEY,
        RetryLater(Failure(kinds.EMPTY_ANSWER), 1.0),
    ),
    (
        "one that was empty with and without a stream is final",
        Failure(kinds.EMPTY_ANSWER),
        replace(ONE_KEY, is_unstreamed=True),
        GiveUp(Failure(kinds.EMPTY_ANSWER, final=True)),
    ),
    (
        "a batch is taken apart",
        BAD,
        AttemptState(0.0, parts=8, is_too_much=True, limits=NO_REPEATS),
        Split(),
    ),
    (
        "one text is cut",
        BAD,
        AttemptState(0.0, is_too_much=True, can_shorten=True, limits=NO_REPEATS),
        Shorten(),
    ),
    (
        "one text that cannot be cut has failed",
        BAD,
        AttemptState(0.0, is_too_much=True, limits=NO_REPEATS),
        GiveUp(BAD),
    ),
    (
        "a batch that is refused for another reason is not taken apart",
        BAD,
        AttemptState(0.0, parts=8, limits=NO_REPEATS),
        GiveUp(BAD),
    ),
)


@pytest.mark.parametrize(
    ("failure", "state", "action"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_action(failure: Failure, state: AttemptState, action: Action) -> None:
    assert decide(failure, state, all_of) == action


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("state", [ONE_KEY, THREE_KEYS, replace(ONE_KEY, has_next_model=True)])
def test_nothing_follows_content(kind: Kind, state: AttemptState) -> None:
    failure = Failure(kind, after_content=True)
    everything = replace(state, rule=RULE, is_too_much=True, parts=9, can_shorten=True)
    assert decide(failure, everything, never) == GiveUp(failure)


SAVE = RetryLimits(1, 0.5, 5.0, frozenset({kinds.SATURATED}))


@pytest.mark.parametrize(
    ("failure", "state", "action"),
    [
        (FAULT, AttemptState(14.0, key=0, limits=SAVE), RetryLater(FAULT, 0.5)),
        (FAULT, AttemptState(14.0, repeats=1, key=0, limits=SAVE), GiveUp(FAULT)),
        (FAULT, AttemptState(5.0, key=0, limits=SAVE), GiveUp(FAULT)),
        (FULL, AttemptState(14.0, key=0, limits=SAVE), GiveUp(FULL)),
        (BAD, AttemptState(14.0, key=0, limits=SAVE, rule=RULE), Revise(BAD, RULE)),
    ],
)
def test_who_has_no_queue_repeats_once(
    failure: Failure, state: AttemptState, action: Action
) -> None:
    assert decide(failure, state, never) == action
