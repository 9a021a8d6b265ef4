"""Events from bytes, however they are cut."""

import random
from collections.abc import Iterable, Iterator
from typing import Any, SupportsIndex

import pytest

from engine.http.sse import STRAY_LIMIT, EventDecoder


def decode(chunks: Iterable[bytes]) -> list[bytes]:
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return events + decoder.close()


STREAMS: dict[str, tuple[bytes, list[bytes]]] = {
    "line feeds": (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
    "CRLF": (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    "lone CR": (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    "all three": (b"data: a\r\n\ndata: b\r\r\ndata: c\n\r\n", [b"a", b"b", b"c"]),
    "no space": (b"data:a\n\ndata:  b\n\n", [b"a", b" b"]),
    "a tab is data": (b"data:\ta\n\n", [b"\ta"]),
    "several lines": (b"data: {\ndata: 1}\n\n", [b"{\n1}"]),
    "empty data": (b"data:\n\ndata: \n\n", [b"", b""]),
    "comments": (b": PING\n\n:\ndata: a\n: still\ndata: b\n\n", [b"a\nb"]),
    "other fields": (b"event: error\nid: 7\nretry: 10\ndata: a\n\n", [b"a"]),
    "no blank line at the end": (b"data: a\n\ndata: b\n", [b"a", b"b"]),
    "no line end at the end": (b"data: a\n\ndata: b", [b"a", b"b"]),
    "CR at the end": (b"data: a\r", [b"a"]),
    "many blank lines": (b"\n\r\n\ndata: a\n\n\n\n", [b"a"]),
    "BOM": (b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
    "BOM later is data": (b"data: \xef\xbb\xbfa\n\n", [b"\xef\xbb\xbfa"]),
    "UTF-8": ("data: 你好😀é\n\n".encode(), ["你好😀é".encode()]),
    "bare JSON": (b'{"error":1}\n\n', [b'{"error":1}']),
    "bare JSON after pings": (b': PING\n\n{"e":1}', [b'{"e":1}']),
    "bare JSON after data": (b'data: a\n{"e":1}\n', [b"a", b'{"e":1}']),
    "bare JSON with CRLF": (b'{"e":1}\r\n', [b'{"e":1}']),
    "capital letters": (b"Data: a\n\nDATA:b\n\nEvent: x\n", [b"a", b"b"]),
    "blanks before": (b" data: a\n\n\t data: b\n\n", [b"a", b"b"]),
    "a blank before the colon": (b"data : a\n\n", [b"a"]),
    "BOM before each line": (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", [b"a", b"b"]),
    "a document with a raw line break": (b'data: {"a":"x\ny"}\n\n', [b'{"a":"x\ny"}']),
    "a document over several lines": (b'data: {\n  "a": 1\n}\n\n', [b'{\n  "a": 1\n}']),
    "a bare end": (b'{"a":1}\n[DONE]\n', [b'{"a":1}', b"[DONE]"]),
    "done": (b"data: {}\n\ndata: [DONE]\n\n", [b"{}", b"[DONE]"]),
    "nothing": (b"", []),
    "a page": (b"<html>\n<body>data: a</body>\n</html>", []),
    "JSON of several lines": (b'{\n  "a": 1\n}\n', []),
}
IDS = list(STREAMS)
EVERY = pytest.mark.parametrize(("stream", "events"), STREAMS.values(), ids=IDS)


@EVERY
def test_in_one_piece(stream: bytes, events: list[bytes]) -> None:
    assert decode([stream]) == events


@EVERY
def test_byte_by_byte(stream: bytes, events: list[bytes]) -> None:
    assert decode(stream[i : i + 1] for i in range(len(stream))) == events


@EVERY
def test_cut_in_two_anywhere(stream: bytes, events: list[bytes]) -> None:
    for at in range(len(stream) + 1):
        assert decode([stream[:at], stream[at:]]) == events, f"cut at {at}"
        assert decode([stream[:at], b"", stream[at:], b""]) == events, f"empty read at {at}"


def any_stream(rng: random.Random) -> bytes:
    deltas = [b"data: ", b"data:", b"x", b"\r", b"\n", b"\r\n", b"\n\n", b": c", b"{}", b'{"a":1}']
    return b"".join(rng.choice([*deltas, "满".encode()]) for _ in range(rng.randrange(60)))


def any_cut(stream: bytes, rng: random.Random) -> Iterator[bytes]:
    while stream:
        size = rng.randrange(5)
        yield stream[:size]
        stream = stream[size:]


@pytest.mark.parametrize("seed", range(20))
def test_any_cutting_gives_the_same_events(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        stream = any_stream(rng)
        whole = EventDecoder()
        events = whole.feed(stream) + whole.close()
        cut = EventDecoder()
        again = [event for chunk in any_cut(stream, rng) for event in cut.feed(chunk)] + cut.close()
        assert again == events, stream
        assert cut.stray == whole.stray, stream


def test_event_is_given_as_soon_as_it_is_complete() -> None:
    decoder = EventDecoder()
    assert decoder.feed(b"data: a\n") == []
    assert decoder.feed(b"\n") == [b"a"]
    assert decoder.feed(b"data: b\r\n\r") == [b"b"], "a lone CR may end the line"
    assert decoder.feed(b"\ndata: c\n\n") == [b"c"], "its LF is no line of its own"
    assert decoder.feed(b'{"e":1}\n') == [b'{"e":1}']


class CountingBytes(bytes):
    """Bytes that count how many of them are split again; what is split off counts as well."""

    touched = 0

    def split(self, sep: Any = None, maxsplit: SupportsIndex = -1) -> Any:
        CountingBytes.touched += len(self)
        return [CountingBytes(one) for one in super().split(sep, maxsplit)]


@pytest.mark.parametrize("kilobytes", [256, 2048])
def test_large_event_takes_linear_work(kilobytes: int) -> None:
    """Every byte is looked at a few times, and not again with each piece that arrives."""
    CountingBytes.touched = 0
    size = kilobytes * 1024
    stream = b"data: " + b"x" * size + b"\n\n"
    decoder = EventDecoder()
    events: list[bytes] = []
    for at in range(0, len(stream), 1024):
        events += decoder.feed(CountingBytes(stream[at : at + 1024]))
    assert [len(event) for event in events] == [size]
    assert 0.9 * size < CountingBytes.touched < 2 * size


def test_unfinished_line_is_not_joined_before_it_ends() -> None:
    """What is kept of it is the pieces themselves: joining at each piece would be quadratic."""
    decoder = EventDecoder()
    deltas = [bytes([65 + n % 26]) * 1024 for n in range(100)]
    for delta in deltas:
        assert decoder.feed(delta) == []
    kept = decoder._partial
    assert [id(one) for one in kept] == [id(one) for one in deltas]


def test_lines_of_no_event_are_kept_in_order() -> None:
    decoder = EventDecoder()
    decoder.feed(b"<html>\r\n\r\n<body>\nevent: x\n: c\ndata: a\n\n")
    decoder.close()
    assert decoder.stray == b"<html>\n<body>"


def test_what_belongs_to_no_event_is_bounded() -> None:
    decoder = EventDecoder()
    line = b"x" * (1024 * 1024 - 1) + b"\n"
    for _ in range(2 * STRAY_LIMIT // len(line)):
        decoder.feed(line)
    assert STRAY_LIMIT <= len(decoder.stray) + len(line) < STRAY_LIMIT + 2 * len(line)
