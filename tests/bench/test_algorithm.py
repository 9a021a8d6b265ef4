"""The algorithm's measurement: what it runs, what it calls a miss, what an ablation takes out."""

import math

import pytest

from bench.algorithm.ablation import MECHANISMS, Difference, without
from bench.algorithm.measure import ALL, HELD_OUT_SEEDS, TRAINING_SEEDS, Figures, Run
from bench.algorithm.report import row
from bench.algorithm.servers import Bucket, Outage, Punishing, Slots
from bench.algorithm.shapes import SHAPES, Shape, sine
from bench.algorithm.sim import limit
from bench.saturation import shapes as measured
from engine.admission.limits.tuning import TUNING


def test_every_shape_has_a_name_of_its_own() -> None:
    assert len(ALL) == len(SHAPES) + len(measured.SHAPES)


def test_nothing_is_chosen_with_the_held_out_seeds() -> None:
    assert not set(TRAINING_SEEDS) & set(HELD_OUT_SEEDS)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_mechanism_is_taken_out_by_the_configuration_alone(mechanism: str) -> None:
    assert without(MECHANISMS[mechanism]) != TUNING


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_an_oracle_serves_every_call_of_a_shape(shape: Shape) -> None:
    assert limit(shape, TRAINING_SEEDS[0]) < math.inf


@pytest.mark.parametrize(
    ("run", "misses"),
    [
        (Run(1.0, 1.05, 1.05, 0.0), ""),
        (Run(0.999, 1.05, 1.05, 0.0), "!"),
        (Run(1.0, 1.051, 1.05, 0.0), "!"),
        (Run(1.0, 1.05, 1.051, 0.0), "!"),
    ],
)
def test_a_missed_bound_is_marked(run: Run, misses: str) -> None:
    assert row(Figures("slots 20", [run])).count("!") == len(misses)
    assert row(Figures("slots 20", [run], chat=1.6)).count("!") == len(misses) + 1


def test_a_difference_is_certain_when_its_interval_leaves_zero_out() -> None:
    assert Difference.of([1.0, 1.1, 0.9, 1.0]).certain
    assert not Difference.of([1.0, -1.1, 0.9, -1.0]).certain


def test_an_outage_comes_again() -> None:
    server = Outage(Slots([(0.0, 1)]), start=10.0, length=3.0, every=60.0)
    gone = [now for now in range(140) if server.opens(float(now)) > now]
    assert gone == [10, 11, 12, 70, 71, 72, 130, 131, 132]
    assert server.opens(70.0) == 73.0


def test_a_rejection_closes_a_gateway_that_punishes() -> None:
    server = Punishing(Slots([(0.0, 1)]), seconds=1.0)
    assert server.arrive(0.0) is None
    assert server.arrive(0.5) is not None
    server.leave(1.0)
    assert server.arrive(1.4) is not None
    assert server.arrive(2.3) is not None
    assert server.arrive(3.4) is None


def test_a_bucket_of_tokens_counts_them() -> None:
    server = Bucket(100.0, 1_000.0, of_tokens=True)
    assert server.arrive(0.0, 900.0) is None
    assert server.arrive(0.0, 200.0) is not None
    assert server.opens(0.0, 200.0) == pytest.approx(1.0)
    assert server.arrive(0.0, 100.0) is None
    assert server.opens(0.0, 5_000.0) == pytest.approx(10.0), "larger than the burst: all of it"


def test_a_sine_swings_once_in_its_period() -> None:
    slots = [count for at, count in sine(20, 15, 20.0) if at < 20.0]
    assert (min(slots), max(slots)) == (5, 35)
