"""Ends the wait for the head of an answer that comes byte by byte.

A socket's time-out is for each silence: status and headers that trickle would never break it, and
hold a call, its connection and its permit for as long as the gateway likes.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

LOOK_SECONDS = 1.0
"""How often it is looked; a head may be late by so much."""


@dataclass(slots=True, eq=False)
class _Awaited:
    sock: socket.socket
    until: float
    is_late: bool = False


class Heads:
    """The heads that are awaited; its thread lives only while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awaited: set[_Awaited] = set()
        self._looking = False

    @contextlib.contextmanager
    def awaited(self, sock: socket.socket, seconds: float) -> Iterator[None]:
        """Within it a head is read from this socket, which is shut down after so many seconds.

        Raises:
            TimeoutError: it was.
        """
        head = _Awaited(sock, time.monotonic() + seconds)
        with self._lock:
            self._awaited.add(head)
            starts, self._looking = not self._looking, True
        try:
            if starts:
                threading.Thread(target=self._look, name="heads", daemon=True).start()
            yield
        except Exception:
            if head.is_late:
                raise TimeoutError("the head of the answer was not complete in time") from None
            raise
        finally:
            with self._lock:
                self._awaited.discard(head)

    def _look(self) -> None:
        try:
            while self._look_once():
                pass
        except BaseException:  # killed: the next head starts another
            self._looking = False
            raise

    def _look_once(self) -> bool:
        """Wait, and end what is late; tells whether to look again."""
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        with self._lock:
            late = [head for head in self._awaited if head.until < now]
            self._looking = bool(self._awaited)
            looks_again = self._looking
        for head in late:
            head.is_late = True
            with contextlib.suppress(OSError):
                head.sock.shutdown(socket.SHUT_RDWR)
        return looks_again


HEADS = Heads()
"""Those of this process."""
