"""Tokens per Minute through the process: what is sent, counted on the server's side."""

import pytest

from tests.process.rig import Rig, error_of, new_key, succeeded

SLOW = "openai/ok-slow-500"
"""Its answers come later than the calls' time is over: only estimates count."""

PROMPT = "word " * 800
"""About 1,000 tokens."""


def test_calls_whose_tokens_do_not_fit_are_not_sent(rig: Rig, stream: bool) -> None:
    """3,000 a minute are two of 1,000 with headroom, not four."""
    key, fields = new_key(), {"tokens_per_minute": "3000"}
    sessions = [
        rig.chat(SLOW, PROMPT, budget=1, key=key, fields=fields, stream=stream) for _ in range(4)
    ]
    errors = [error for session in sessions if (error := session.wait().error)]
    assert len(rig.seen(key)) == 2
    assert [error.error_type for error in errors] == ["InvokeRateLimitError"] * 2


def test_what_the_gateway_counts_corrects_the_estimate(rig: Rig) -> None:
    """It counts a few tokens where the estimate said thousands: then all of them fit."""
    key, fields = new_key(), {"tokens_per_minute": "3000"}
    for _ in range(6):
        succeeded(rig.chat("openai/ok", PROMPT, budget=1, key=key, fields=fields))
    assert len(rig.seen(key)) == 6


def test_a_call_that_is_larger_than_the_limit_is_sent_alone(rig: Rig) -> None:
    key, fields = new_key(), {"tokens_per_minute": "500"}
    first = rig.chat(SLOW, PROMPT, budget=1, key=key, fields=fields)
    assert rig.simulator.wait_for(lambda _: len(rig.seen(key)) == 1)
    error_of(rig.chat(SLOW, "hi", budget=0.5, key=key, fields=fields))
    succeeded(first)
    assert len(rig.seen(key)) == 1


def test_all_types_of_models_share_the_limit_of_the_key(rig: Rig) -> None:
    key = new_key()
    form = rig.form(key, tokens_per_minute="1500", max_retry_seconds="1")
    first = rig.chat(SLOW, PROMPT, key=key, fields={"tokens_per_minute": "1500"})
    assert rig.simulator.wait_for(lambda _: len(rig.seen(key)) == 1)
    for session in (
        rig.plugin.embed("openai/ok", [PROMPT], credentials=form),
        rig.plugin.rerank("openai/ok", "q", [PROMPT, "b"], credentials=form),
        rig.plugin.moderate("openai/ok", PROMPT, credentials=form),
    ):
        assert error_of(session).error_type == "InvokeRateLimitError"
    succeeded(first)
    assert len(rig.seen(key)) == 1


@pytest.mark.parametrize(
    ("limit", "sizes"), [("", [10]), ("100000", [10]), ("4000", [3, 3, 3, 1]), ("900", [1] * 10)]
)
def test_batches_are_cut_to_the_tokens_of_a_minute(rig: Rig, limit: str, sizes: list[int]) -> None:
    """Ten texts of 1,000 tokens; the server counts six each time, so that the next one fits."""
    key = new_key()
    form = rig.form(key, tokens_per_minute=limit, max_chunks="16", max_retry_seconds="2")
    succeeded(rig.plugin.embed("openai/ok", [PROMPT] * 10, credentials=form))
    assert [len(body["input"]) for body in rig.bodies(key)] == sizes
