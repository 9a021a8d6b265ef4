"""The mailbox between the attempts and the caller: merged, bounded, and never a trap."""

import itertools
import random
import threading
from collections.abc import Callable, Iterator

import pytest

from engine.call import channel as module
from engine.call.channel import LARGEST_DELTA, MOST_WAITING, ConsumerGoneError, Relay, merge
from engine.delta import Channel, Piece
from tests.support.polling import becomes_true, under_gevent

T, R, S = Channel.TEXT, Channel.REASONING, Channel.SOUND


def text(words: str) -> Piece:
    return Piece(T, words)


def drained(relay: Relay[str]) -> Iterator[Piece]:
    while not relay.ended:
        yield from relay.take(5.0)


MERGED: dict[str, tuple[list[Piece], list[Piece]]] = {
    "nothing": ([], []),
    "one": ([text("a")], [text("a")]),
    "neighbours": ([text("a"), text("b"), text("c")], [text("abc")]),
    "channels stay apart": (
        [Piece(R, "r"), Piece(R, "s"), text("a"), Piece(R, "t")],
        [Piece(R, "rs"), text("a"), Piece(R, "t")],
    ),
    "sound": (
        [text("a"), Piece(S, sound=b"\x00\xff"), Piece(S, sound=b"\x01"), text("b")],
        [text("a"), Piece(S, sound=b"\x00\xff\x01"), text("b")],
    ),
    "sound beyond the limit": (
        [Piece(S, sound=b"a" * LARGEST_DELTA), Piece(S, sound=b"b")],
        [Piece(S, sound=b"a" * LARGEST_DELTA), Piece(S, sound=b"b")],
    ),
    "exactly the limit": ([text("a" * LARGEST_DELTA)], [text("a" * LARGEST_DELTA)]),
    "one more": ([text("a" * LARGEST_DELTA), text("b")], [text("a" * LARGEST_DELTA), text("b")]),
}


@pytest.mark.parametrize(("pieces", "expected"), MERGED.values(), ids=MERGED)
def test_merging(pieces: list[Piece], expected: list[Piece]) -> None:
    assert merge(pieces) == expected


@pytest.mark.parametrize("seed", range(10))
def test_merging_loses_nothing_and_no_delta_exceeds_64_kib(seed: int) -> None:
    rng = random.Random(seed)
    letters = ["a" * 9000, "大" * 7000, "😀" * 5000, "é" * 9000, "x", "大"]
    pieces = [Piece(rng.choice([T, R]), rng.choice(letters)) for _ in range(60)]
    merged = merge(pieces)
    assert said(merged) == said(pieces)
    assert all(0 < len(piece.text.encode()) <= 64 * 1024 for piece in merged)


def said(pieces: list[Piece]) -> list[tuple[Channel, str]]:
    groups = itertools.groupby(pieces, key=lambda piece: piece.channel)
    return [(channel, "".join(piece.text for piece in group)) for channel, group in groups]


def test_what_has_arrived_is_handed_over_at_once_as_one_piece() -> None:
    relay: Relay[str] = Relay()
    relay.put([text("a")])
    relay.put([text("b"), Piece(R, "r")])
    assert relay.take(0) == [text("ab"), Piece(R, "r")]
    assert relay.take(0) == []


def test_result_after_the_last_piece() -> None:
    relay: Relay[str] = Relay()

    def produce() -> str:
        relay.put([text("a")])
        return "done"

    relay.start(produce, "producer")
    assert list(drained(relay)) == [text("a")]
    assert relay.result() == "done"


def test_pieces_come_before_the_exception() -> None:
    relay: Relay[str] = Relay()
    mistake = KeyError("a")

    def produce() -> str:
        relay.put([text("a")])
        raise mistake

    relay.start(produce, "producer")
    assert list(drained(relay)) == [text("a")]
    with pytest.raises(KeyError) as raised:
        relay.result()
    assert raised.value is mistake
    names = [entry.name for entry in raised.traceback]
    assert "produce" in names, "the log could not say where it happened"


@pytest.mark.parametrize("error", [SystemExit(1), KeyboardInterrupt(), GeneratorExit()])
def test_any_end_of_the_producer_ends_the_relay(error: BaseException) -> None:
    relay: Relay[str] = Relay()

    def produce() -> str:
        raise error

    relay.start(produce, "producer")
    assert becomes_true(lambda: relay.ended)
    with pytest.raises(type(error)):
        relay.result()


def test_no_result_before_the_end() -> None:
    relay: Relay[str] = Relay()
    assert not relay.ended
    with pytest.raises(RuntimeError, match="not ended"):
        relay.result()


def test_consumer_is_woken_by_a_piece_and_by_the_end() -> None:
    relay: Relay[str] = Relay()
    go = threading.Event()

    def produce() -> str:
        go.wait(60.0)
        relay.put([text("a")])
        return "done"

    relay.start(produce, "producer")
    threading.Timer(0.05, go.set).start()
    assert relay.take(30.0) == [text("a")], "long before the 30 s are over"
    assert relay.take(30.0) == []
    assert relay.ended


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_reader_is_held_up_while_the_consumer_is_far_behind() -> None:
    relay: Relay[str] = Relay()
    passed: list[int] = []

    def produce() -> None:
        for number in range(20):
            relay.put([text("x" * (MOST_WAITING // 4))])
            passed.append(number)

    thread = in_thread(produce)
    assert becomes_true(lambda: len(passed) == 4)
    held = [relay.take(5.0)]
    assert sum(len(piece.text) for piece in held[0]) <= MOST_WAITING + MOST_WAITING // 4
    while thread.is_alive() or held[-1]:
        held.append(relay.take(0.01))
    total = sum(len(piece.text) for taken in held for piece in taken)
    assert total == 20 * (MOST_WAITING // 4)
    assert len(passed) == 20


def test_sound_counts_as_much_as_text() -> None:
    relay: Relay[str] = Relay()
    passed = threading.Event()

    def produce() -> None:
        relay.put([Piece(S, sound=bytes(MOST_WAITING + 1))])
        passed.set()

    thread = in_thread(produce)
    assert becomes_true(lambda: relay._size > MOST_WAITING)
    assert not passed.is_set()
    assert sum(len(piece.sound) for piece in relay.take(5.0)) == MOST_WAITING + 1
    thread.join(60.0)
    assert passed.is_set()


def test_consumer_that_went_frees_a_held_up_reader() -> None:
    relay: Relay[str] = Relay()
    raised: list[type[BaseException]] = []

    def produce() -> None:
        try:
            relay.put([text("x" * (MOST_WAITING + 1))])
        except ConsumerGoneError as error:
            raised.append(type(error))

    thread = in_thread(produce)
    assert becomes_true(lambda: relay._size > 0)
    relay.close()
    thread.join(60.0)
    assert raised == [ConsumerGoneError]


def test_consumer_that_takes_nothing_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALLED_SECONDS", 0.01)
    relay: Relay[str] = Relay()
    with pytest.raises(ConsumerGoneError):
        relay.put([text("x" * (MOST_WAITING + 1))])


def test_nothing_can_be_put_after_the_consumer_went() -> None:
    relay: Relay[str] = Relay()
    relay.close()
    assert relay.closed
    with pytest.raises(ConsumerGoneError):
        relay.put([text("a")])


class Source:
    """Counts how often it was shut down."""

    def __init__(self) -> None:
        self.shut = 0

    def shutdown(self) -> None:
        self.shut += 1


def test_read_under_way_is_shut_down_once_when_the_consumer_goes() -> None:
    relay: Relay[str] = Relay()
    source = Source()
    relay.read_from(source)
    relay.close()
    relay.close()
    assert source.shut == 1


def test_read_that_is_over_is_not_shut_down() -> None:
    relay: Relay[str] = Relay()
    source = Source()
    relay.read_from(source)
    relay.read_from(None)
    relay.close()
    assert source.shut == 0


def test_no_read_begins_after_the_consumer_went() -> None:
    relay: Relay[str] = Relay()
    relay.close()
    with pytest.raises(ConsumerGoneError):
        relay.read_from(Source())
    relay.read_from(None)


@pytest.mark.parametrize("seed", range(3))
def test_everything_arrives_in_order_between_threads(seed: int) -> None:
    relay: Relay[str] = Relay()
    rng = random.Random(seed)
    numbers = [f"{number}," for number in range(5000)]

    def produce() -> str:
        for at in range(0, len(numbers), 7):
            relay.put([text(number) for number in numbers[at : at + 7]])
        return "done"

    relay.start(produce, "producer")
    pieces: list[Piece] = []
    while not relay.ended:
        pieces += relay.take(rng.choice([0.0, 0.001, 5.0]))
    assert "".join(piece.text for piece in pieces) == "".join(numbers)


def test_under_gevent() -> None:
    """Backpressure, order, exception and a consumer that goes, with the library patched."""
    printed = under_gevent("""
        import threading
        from engine.delta import Channel, Piece
        from engine.call.channel import MOST_WAITING, ConsumerGoneError, Relay

        assert type(threading.current_thread()).__module__.startswith(("threading", "gevent"))
        relays = []

        def produce(relay, number):
            for _ in range(40):
                relay.put([Piece(Channel.TEXT, str(number % 10) * (MOST_WAITING // 8))])
            if number % 2:
                raise KeyError(number)
            return number

        for number in range(20):
            relay = Relay()
            relay.start(lambda relay=relay, number=number: produce(relay, number), "producer")
            relays.append(relay)
        total = failed = 0
        for number, relay in enumerate(relays):
            while not relay.ended:
                for piece in relay.take(5):
                    assert set(piece.text) == {str(number % 10)}
                    total += len(piece.text)
            try:
                assert relay.result() == number
            except KeyError:
                failed += 1
        assert total == 20 * 40 * (MOST_WAITING // 8)

        gone = Relay()
        ended = threading.Event()
        def endless():
            try:
                while True:
                    gone.put([Piece(Channel.TEXT, "x" * 1000)])
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
