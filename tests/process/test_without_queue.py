"""The plugin without its queue, measured beside it by the benchmark, is the same otherwise."""

from bench.saturation.plugins import run_lone


def test_a_lone_call_is_answered_with_the_queue_and_without() -> None:
    lone = run_lone(calls=2)
    assert lone["calls"] == 2
    assert lone["added"] == lone["gated"] - lone["ungated"]
    assert lone["ungated"] > 0
