"""Three failures, then 10 s of peace, doubling to 60; one command tries in between."""

from engine.cluster.breaker import Breaker


class Scene:
    def __init__(self) -> None:
        self.now = 100.0
        self.breaker = Breaker(lambda: self.now)

    def fail(self, times: int) -> list[float]:
        return [self.breaker.failed() for _ in range(times)]


def test_three_failures_in_a_row_open_it() -> None:
    scene = Scene()
    assert scene.fail(2) == [0, 0]
    assert scene.breaker.admits()
    assert not scene.breaker.succeeded(), "it was never given up"
    assert scene.fail(3) == [0, 0, 10]
    assert scene.breaker.is_open
    assert not scene.breaker.admits()


def test_what_was_under_way_does_not_prolong_the_pause() -> None:
    scene = Scene()
    scene.fail(3)
    assert scene.fail(60) == [0] * 60
    scene.now += 10
    assert scene.breaker.admits()


def test_one_command_tries_and_each_failure_doubles_the_pause() -> None:
    scene = Scene()
    scene.fail(3)
    pauses = [10.0]
    for _ in range(4):
        scene.now += pauses[-1] - 0.001
        assert not scene.breaker.admits()
        scene.now += 0.001
        assert [scene.breaker.admits() for _ in range(3)] == [True, False, False]
        pauses += scene.fail(1)
    assert pauses == [10, 20, 40, 60, 60]


def test_an_answer_closes_it_and_the_count_begins_anew() -> None:
    scene = Scene()
    scene.fail(3)
    scene.now += 10
    assert scene.breaker.admits()
    assert scene.breaker.succeeded()
    assert not scene.breaker.is_open
    assert scene.fail(3) == [0, 0, 10]


def test_a_try_that_tells_nothing_is_followed_by_another() -> None:
    scene = Scene()
    scene.fail(3)
    scene.now += 10
    assert scene.breaker.admits()
    scene.now += 10
    assert scene.breaker.admits()
