"""Which rejections make a gateway look like one that counts calls per time."""

from engine.admission.limits.rate import Mark, RateEstimate
from engine.admission.limits.tuning import TUNING


def seen(*sought: bool) -> RateEstimate:
    """After rejections at 10 calls a second and different numbers in flight."""
    rate_estimate = RateEstimate(TUNING)
    for i, one in enumerate(sought):
        mark = Mark(at=float(i), admitted=10 * i, level=20 - 2 * i, sought=one)
        rate_estimate.rejected(mark, now=i + 0.1, wait=None, sent=0)
    return rate_estimate


def test_rejections_on_a_line_at_different_numbers_in_flight_are_a_rate() -> None:
    assert not seen(False, False).active
    rate_estimate = seen(False, False, False)
    assert rate_estimate.active
    assert rate_estimate.rate == 10.0


def test_a_rejection_that_was_sought_is_no_sign_of_a_rate() -> None:
    assert not seen(True, True, True, True).active
    assert not seen(True, False, False).active
    assert not seen(False, False, True).active
    assert not seen(False, True, True, False).active


def test_only_the_latest_rejections_need_to_be_on_a_line() -> None:
    rate_estimate = RateEstimate(TUNING)
    for at, admitted, level in ((0, 0, 16), (1, 25, 16), (2, 35, 16), (3, 45, 12), (4, 55, 8)):
        assert not rate_estimate.active
        rate_estimate.rejected(Mark(at, admitted, level), at + 0.1, None, 0)
    assert rate_estimate.rate == 10.0


def test_but_it_must_be_on_the_line_too() -> None:
    assert seen(False, True, False, False).active
    rate_estimate = RateEstimate(TUNING)
    for at, admitted, sought in ((0, 0, False), (1, 14, True), (2, 20, False), (3, 30, False)):
        rate_estimate.rejected(Mark(at, admitted, 20 - 2 * at, sought=sought), at + 0.1, None, 0)
    assert not rate_estimate.active
