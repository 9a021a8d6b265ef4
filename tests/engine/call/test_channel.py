"""The channel between the attempts and the caller: merged, bounded, and never a trap."""

import itertools
import random
import threading
from collections.abc import Callable, Iterator

import pytest

from engine.call import channel as module
from engine.call.channel import (
    MAX_BUFFERED_DELTAS,
    MAX_DELTA_SIZE,
    Channel,
    ConsumerGoneError,
    merge,
)
from engine.delta import ContentKind, Delta
from tests.support.polling import becomes_true, under_gevent

T, R, S = ContentKind.TEXT, ContentKind.REASONING, ContentKind.SOUND


def text(words: str) -> Delta:
    return Delta(T, words)


def drained(channel: Channel[str]) -> Iterator[Delta]:
    while not channel.ended:
        yield from channel.take(5.0)


MERGED: dict[str, tuple[list[Delta], list[Delta]]] = {
    "nothing": ([], []),
    "one": ([text("a")], [text("a")]),
    "neighbours": ([text("a"), text("b"), text("c")], [text("abc")]),
    "channels stay apart": (
        [Delta(R, "r"), Delta(R, "s"), text("a"), Delta(R, "t")],
        [Delta(R, "rs"), text("a"), Delta(R, "t")],
    ),
    "sound": (
        [text("a"), Delta(S, sound=b"\x00\xff"), Delta(S, sound=b"\x01"), text("b")],
        [text("a"), Delta(S, sound=b"\x00\xff\x01"), text("b")],
    ),
    "sound beyond the limit": (
        [Delta(S, sound=b"a" * MAX_DELTA_SIZE), Delta(S, sound=b"b")],
        [Delta(S, sound=b"a" * MAX_DELTA_SIZE), Delta(S, sound=b"b")],
    ),
    "exactly the limit": ([text("a" * MAX_DELTA_SIZE)], [text("a" * MAX_DELTA_SIZE)]),
    "one more": ([text("a" * MAX_DELTA_SIZE), text("b")], [text("a" * MAX_DELTA_SIZE), text("b")]),
}


@pytest.mark.parametrize(("deltas", "expected"), MERGED.values(), ids=MERGED)
def test_merging(deltas: list[Delta], expected: list[Delta]) -> None:
    assert merge(deltas) == expected


@pytest.mark.parametrize("seed", range(10))
def test_merging_loses_nothing_and_no_delta_exceeds_64_kib(seed: int) -> None:
    rng = random.Random(seed)
    letters = ["a" * 9000, "大" * 7000, "😀" * 5000, "é" * 9000, "x", "大"]
    deltas = [Delta(rng.choice([T, R]), rng.choice(letters)) for _ in range(60)]
    merged = merge(deltas)
    assert said(merged) == said(deltas)
    assert all(0 < len(delta.text.encode()) <= 64 * 1024 for delta in merged)


def said(deltas: list[Delta]) -> list[tuple[ContentKind, str]]:
    groups = itertools.groupby(deltas, key=lambda delta: delta.content_kind)
    return [
        (content_kind, "".join(delta.text for delta in group)) for content_kind, group in groups
    ]


def test_what_has_arrived_is_handed_over_at_once_as_one_delta() -> None:
    channel: Channel[str] = Channel()
    channel.put([text("a")])
    channel.put([text("b"), Delta(R, "r")])
    assert channel.take(0) == [text("ab"), Delta(R, "r")]
    assert channel.take(0) == []


def test_result_after_the_last_delta() -> None:
    channel: Channel[str] = Channel()

    def produce() -> str:
        channel.put([text("a")])
        return "done"

    channel.start(produce, "producer")
    assert list(drained(channel)) == [text("a")]
    assert channel.result() == "done"


def test_deltas_come_before_the_exception() -> None:
    channel: Channel[str] = Channel()
    mistake = KeyError("a")

    def produce() -> str:
        channel.put([text("a")])
        raise mistake

    channel.start(produce, "producer")
    assert list(drained(channel)) == [text("a")]
    with pytest.raises(KeyError) as raised:
        channel.result()
    assert raised.value is mistake
    names = [entry.name for entry in raised.traceback]
    assert "produce" in names, "the log could not say where it happened"


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_any_end_of_the_producer_ends_the_channel(error: BaseException) -> None:
    channel: Channel[str] = Channel()

    def produce() -> str:
        raise error

    channel.start(produce, "producer")
    assert becomes_true(lambda: channel.ended)
    with pytest.raises(type(error)):
        channel.result()


def test_no_result_before_the_end() -> None:
    channel: Channel[str] = Channel()
    assert not channel.ended
    with pytest.raises(RuntimeError, match="not ended"):
        channel.result()


def test_consumer_is_woken_by_a_delta_and_by_the_end() -> None:
    channel: Channel[str] = Channel()
    go = threading.Event()

    def produce() -> str:
        go.wait(60.0)
        channel.put([text("a")])
        return "done"

    channel.start(produce, "producer")
    threading.Timer(0.05, go.set).start()
    assert channel.take(30.0) == [text("a")], "long before the 30 s are over"
    assert channel.take(30.0) == []
    assert channel.ended


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_reader_is_held_up_while_the_consumer_is_far_behind() -> None:
    channel: Channel[str] = Channel()
    passed: list[int] = []

    def produce() -> None:
        for number in range(20):
            channel.put([text("x" * (MAX_BUFFERED_DELTAS // 4))])
            passed.append(number)

    thread = in_thread(produce)
    assert becomes_true(lambda: len(passed) == 4)
    held = [channel.take(5.0)]
    assert (
        sum(len(delta.text) for delta in held[0]) <= MAX_BUFFERED_DELTAS + MAX_BUFFERED_DELTAS // 4
    )
    while thread.is_alive() or held[-1]:
        held.append(channel.take(0.01))
    total = sum(len(delta.text) for taken in held for delta in taken)
    assert total == 20 * (MAX_BUFFERED_DELTAS // 4)
    assert len(passed) == 20


def test_sound_counts_as_much_as_text() -> None:
    channel: Channel[str] = Channel()
    passed = threading.Event()

    def produce() -> None:
        channel.put([Delta(S, sound=bytes(MAX_BUFFERED_DELTAS + 1))])
        passed.set()

    thread = in_thread(produce)
    assert becomes_true(lambda: channel._size > MAX_BUFFERED_DELTAS)
    assert not passed.is_set()
    assert sum(len(delta.sound) for delta in channel.take(5.0)) == MAX_BUFFERED_DELTAS + 1
    thread.join(60.0)
    assert passed.is_set()


def test_consumer_that_went_frees_a_held_up_reader() -> None:
    channel: Channel[str] = Channel()
    raised: list[type[BaseException]] = []

    def produce() -> None:
        try:
            channel.put([text("x" * (MAX_BUFFERED_DELTAS + 1))])
        except ConsumerGoneError as error:
            raised.append(type(error))

    thread = in_thread(produce)
    assert becomes_true(lambda: channel._size > 0)
    channel.close()
    thread.join(60.0)
    assert raised == [ConsumerGoneError]


def test_consumer_that_takes_nothing_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALLED_SECONDS", 0.01)
    channel: Channel[str] = Channel()
    with pytest.raises(ConsumerGoneError):
        channel.put([text("x" * (MAX_BUFFERED_DELTAS + 1))])


def test_nothing_can_be_put_after_the_consumer_went() -> None:
    channel: Channel[str] = Channel()
    channel.close()
    assert channel.closed
    with pytest.raises(ConsumerGoneError):
        channel.put([text("a")])


class Source:
    """Counts how often it was shut down."""

    def __init__(self) -> None:
        self.shut = 0

    def shutdown(self) -> None:
        self.shut += 1


def test_read_under_way_is_shut_down_once_when_the_consumer_goes() -> None:
    channel: Channel[str] = Channel()
    source = Source()
    channel.read_from(source)
    channel.close()
    channel.close()
    assert source.shut == 1


def test_read_that_is_over_is_not_shut_down() -> None:
    channel: Channel[str] = Channel()
    source = Source()
    channel.read_from(source)
    channel.read_from(None)
    channel.close()
    assert source.shut == 0


def test_no_read_begins_after_the_consumer_went() -> None:
    channel: Channel[str] = Channel()
    channel.close()
    with pytest.raises(ConsumerGoneError):
        channel.read_from(Source())
    channel.read_from(None)


@pytest.mark.parametrize("seed", range(3))
def test_everything_arrives_in_order_between_threads(seed: int) -> None:
    channel: Channel[str] = Channel()
    rng = random.Random(seed)
    numbers = [f"{number}," for number in range(5000)]

    def produce() -> str:
        for at in range(0, len(numbers), 7):
            channel.put([text(number) for number in numbers[at : at + 7]])
        return "done"

    channel.start(produce, "producer")
    deltas: list[Delta] = []
    while not channel.ended:
        deltas += channel.take(rng.choice([0.0, 0.001, 5.0]))
    assert "".join(delta.text for delta in deltas) == "".join(numbers)


def test_under_gevent() -> None:
    """Backpressure, order, exception and a consumer that goes, with the library patched."""
    printed = under_gevent("""
        import threading
        from functools import partial
        from engine.delta import ContentKind, Delta
        from engine.call.channel import MAX_BUFFERED_DELTAS, ConsumerGoneError, Channel

        assert type(threading.current_thread()).__module__.startswith(("threading", "gevent"))
        channels = []

        def produce(channel, number):
            for _ in range(40):
                text = str(number % 10) * (MAX_BUFFERED_DELTAS // 8)
                channel.put([Delta(ContentKind.TEXT, text)])
            if number % 2:
                raise KeyError(number)
            return number

        for number in range(20):
            channel = Channel()
            channel.start(partial(produce, channel, number), "producer")
            channels.append(channel)
        total = failed = 0
        for number, channel in enumerate(channels):
            while not channel.ended:
                for delta in channel.take(5):
                    assert set(delta.text) == {str(number % 10)}
                    total += len(delta.text)
            try:
                assert channel.result() == number
            except KeyError:
                failed += 1
        assert total == 20 * 40 * (MAX_BUFFERED_DELTAS // 8)

        gone = Channel()
        ended = threading.Event()
        def endless():
            try:
                while True:
                    gone.put([Delta(ContentKind.TEXT, "x" * 1000)])
            except ConsumerGoneError:
                ended.set()
                return "gone"
        gone.start(endless, "endless")
        assert gone.take(5)
        gone.close()
        assert ended.wait(60.0)
        print(failed)
    """)
    assert printed == "10"
