"""Hands what one thread receives to another that passes it on.

The attempts of a call run on a thread of their own (a greenlet, in the plugin), because a pause
and a read sleep in one piece, while the caller has to show life and to end in time.
"""

import threading
from collections.abc import Callable, Iterable

from engine.call.attempt import Closable
from engine.delta import ContentKind, Delta

MAX_BUFFERED_DELTAS = 256 * 1024
"""Characters, or bytes of sound, that may wait for a slow consumer before the reader is held up."""

STALLED_SECONDS = 600.0
"""A consumer that took nothing for as long as the daemon lets a call live has gone."""

MAX_DELTA_SIZE = 64 * 1024 - 32
"""Bytes of one delta handed on: 64 KiB, with room for the tags around reasoning."""


class ConsumerGoneError(Exception):
    """Nobody waits for the answer any more; the attempts end without another word."""


class Channel[Result]:
    """A channel between one producer and one consumer, bounded in size.

    What has arrived when the consumer is free is handed over as one delta for each kind of content;
    nothing waits for more.
    """

    def __init__(self) -> None:
        # Over the default lock: to notify over a plain one, gevent first lets others run.
        self._changed = threading.Condition()
        self._waiting: list[Delta] = []
        self._size = 0
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._ended = False
        self._closed = False
        self._source: Closable | None = None

    def start(self, produce: Callable[[], Result], name: str) -> None:
        """Run ``produce`` on a thread; its result or its exception ends the channel."""

        def run() -> None:
            error: BaseException | None = None
            result: Result | None = None
            try:
                result = produce()
            except BaseException as raised:  # noqa: BLE001 - it is raised again by the consumer
                error = raised
            with self._changed:
                self._result, self._error, self._ended = result, error, True
                self._changed.notify_all()

        threading.Thread(target=run, name=name, daemon=True).start()

    # The producer's side

    @property
    def closed(self) -> bool:
        """The consumer has gone."""
        return self._closed

    def _has_room(self) -> bool:
        return self._size <= MAX_BUFFERED_DELTAS or self._closed

    def read_from(self, source: Closable | None) -> None:
        """Name what has to be shut down if the consumer goes; ``None`` when it was read.

        Raises:
            ConsumerGoneError: the consumer has gone before.
        """
        with self._changed:
            self._source = source
            gone = self._closed
        if gone and source is not None:
            raise ConsumerGoneError

    def put(self, deltas: Iterable[Delta]) -> None:
        """Hand deltas over; waits while the consumer is far behind.

        Raises:
            ConsumerGoneError: nobody takes them any more.
        """
        with self._changed:
            if not self._waiting:
                self._changed.notify_all()
            for delta in deltas:
                self._waiting.append(delta)
                self._size += len(delta.text) + len(delta.sound)
            room = self._has_room() or self._changed.wait_for(self._has_room, STALLED_SECONDS)
            if self._closed or not room:
                raise ConsumerGoneError

    # The consumer's side

    def take(self, seconds: float) -> list[Delta]:
        """What has arrived, merged; waits up to ``seconds`` if that is nothing.

        An empty list means that the time is over, or that the channel has ended (see ``ended``).
        """
        with self._changed:
            if not self._waiting and not self._ended and seconds > 0:
                self._changed.wait_for(lambda: bool(self._waiting) or self._ended, seconds)
            waiting, self._waiting, self._size = self._waiting, [], 0
            self._changed.notify_all()
        return merge(waiting)

    @property
    def ended(self) -> bool:
        """All that came has been taken, and no more will come."""
        return self._ended and not self._waiting

    def result(self) -> Result:
        """What the producer returned.

        Raises:
            BaseException: what it raised.
        """
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("the relay has not ended")
        return self._result

    def close(self) -> None:
        """The consumer goes; a read under way is shut down."""
        with self._changed:
            self._closed = True
            source, self._source = self._source, None
            ended = self._ended
            self._changed.notify_all()
        if source is not None and not ended:
            source.shutdown()


class Collected:
    """Keeps what arrives until somebody wants all of it: for calls that are not live."""

    closed = False

    def __init__(self) -> None:
        self.deltas: list[Delta] = []

    def put(self, deltas: Iterable[Delta]) -> None:
        """Keep deltas."""
        self.deltas.extend(deltas)

    def read_from(self, source: Closable | None) -> None:
        """Nobody ends the read: it runs on the thread that wants its result."""


def merge(deltas: list[Delta]) -> list[Delta]:
    """Join adjacent deltas of one kind, and cut what exceeds 64 KiB."""
    merged: list[Delta] = []
    start = 0
    for end in range(1, len(deltas) + 1):
        if end == len(deltas) or deltas[end].content_kind is not deltas[start].content_kind:
            content_kind = deltas[start].content_kind
            if content_kind is ContentKind.SOUND:
                merged.extend(_cut_sound(b"".join(delta.sound for delta in deltas[start:end])))
            else:
                text = "".join(delta.text for delta in deltas[start:end])
                merged.extend(_cut_text(content_kind, text))
            start = end
    return merged


def _cut_text(content_kind: ContentKind, text: str) -> list[Delta]:
    # A character takes up to four bytes of UTF-8.
    step = MAX_DELTA_SIZE if text.isascii() else MAX_DELTA_SIZE // 4
    return [Delta(content_kind, text[i : i + step]) for i in range(0, len(text), step)]


def _cut_sound(sound: bytes) -> list[Delta]:
    return [
        Delta(ContentKind.SOUND, sound=sound[i : i + MAX_DELTA_SIZE])
        for i in range(0, len(sound), MAX_DELTA_SIZE)
    ]
