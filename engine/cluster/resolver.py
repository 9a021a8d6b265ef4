"""Asks where a host is for no longer than everything else may take.

A socket's timeout does not hold for its name: a resolver that has lost its way takes many seconds.
"""

import ipaddress
import socket
import threading
from collections.abc import Callable


def look_up(host: str) -> None:
    """Ask the resolver.

    Raises:
        OSError: the host has no address.
    """
    socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)


class Resolver:
    """Whether a name can be resolved in time; who connects then asks for the addresses itself.

    Args:
        seconds: to wait for the resolver.
        ask: asks it; raises ``OSError`` where there is no address.
    """

    def __init__(self, seconds: float, ask: Callable[[str], None] = look_up) -> None:
        self._seconds = seconds
        self._ask = ask
        self._lock = threading.Lock()
        self._looks: dict[str, _Look] = {}

    def check(self, host: str) -> None:
        """Wait for the resolver's answer.

        Raises:
            OSError: there is none in time, or no address.
        """
        if _is_address(host):
            return
        starts: _Look | None = None
        with self._lock:
            look = self._looks.get(host)
            if look is None:
                look = starts = self._looks[host] = _Look()
        if starts is not None:
            # Not under the lock: under gevent the start of a thread lets others run.
            threading.Thread(
                target=self._run, args=(host, starts), name="resolver", daemon=True
            ).start()
        if not look.answered.wait(self._seconds):
            raise TimeoutError
        if look.failed:
            raise OSError

    def _run(self, host: str, look: "_Look") -> None:
        """One at a time for each host, however many wait for it."""
        try:
            self._ask(host)
        except (OSError, UnicodeError):  # the latter: no name can be written so
            look.failed = True
        finally:
            with self._lock:
                del self._looks[host]
            look.answered.set()


class _Look:
    def __init__(self) -> None:
        self.answered = threading.Event()
        self.failed = False


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
