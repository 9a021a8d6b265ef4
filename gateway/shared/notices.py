"""What the nodes tell each other of a key, in the background: no call waits for it.

Two things are worth telling at once: until when a server wants nothing sent with a key, and that a
key was refused. Each node learns by itself how much a gateway takes; sharing that gains little.
"""

import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from gateway.admission import Gate
from gateway.shared.connection import Connection, UnavailableError
from gateway.shared.names import name_of
from gateway.shared.scripts import EXTEND

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import Pipeline

LOOK_SECONDS = 0.5
"""How often the news of other nodes are looked for while calls are under way."""

LONGEST_TOLD = 600.0
"""Seconds; admission believes a server's longer wait only so far, too."""

REFUSED_SECONDS = 300.0
"""How long a key rests for all nodes, as it does for one."""

IDLE_LOOKS = 4
"""After so many looks without a call under way the thread ends; the next call starts another."""

WORKS = b""
"""What stands in place of the reason where a key was refused and is good again."""

type Write = Callable[["Pipeline"], object]


class Listener(Protocol):
    """Who is told what other nodes found out."""

    def hear_told(self, gate: Gate, seconds: float) -> None:
        """Nothing is to be sent with this key for so long."""

    def hear_refused(self, gate: Gate, reason: str, seconds: float) -> None:
        """The key rests for so long."""

    def hear_woken(self, endpoint: str, keys: tuple[str, ...]) -> None:
        """The keys work."""


class Notices:
    """Tells the other nodes, and looks twice a second at what they told of the keys in use.

    Args:
        connection: the operator's Redis.
        listener: who is told.
    """

    def __init__(self, connection: Connection, listener: Listener) -> None:
        self._connection = connection
        self._listener = listener
        self._lock = threading.Lock()
        self._in_use: Counter[Gate] = Counter()
        self._to_tell: list[Write] = []
        self._something_to_tell = threading.Event()
        self._looking = False
        self._heard: dict[Gate, bytes | None] = {}

    def entered(self, gates: tuple[Gate, ...]) -> None:
        """A call is under way for which these may matter."""
        with self._lock:
            self._in_use.update(gates)
        self._keep_looking()

    def left(self, gates: tuple[Gate, ...]) -> None:
        """It has ended."""
        with self._lock:
            for gate in gates:
                self._in_use[gate] -= 1
                if self._in_use[gate] <= 0:
                    del self._in_use[gate]

    def told(self, gate: Gate, seconds: float) -> None:
        """The server told to send nothing with this key for so long."""
        name, milliseconds = name_of("closed", gate), round(min(seconds, LONGEST_TOLD) * 1000)
        if milliseconds > 0:
            self._tell(lambda pipe: pipe.eval(EXTEND, 1, name, milliseconds, 1))

    def refused(self, gate: Gate, reason: str) -> None:
        """The server refused this key, or its quota is used up."""
        self._set_refused(gate, reason.encode())

    def woken(self, gate: Gate) -> None:
        """The key works after all."""
        self._set_refused(gate, WORKS)

    def _set_refused(self, gate: Gate, value: bytes) -> None:
        name, milliseconds = name_of("refused", gate), round(REFUSED_SECONDS * 1000)
        self._heard[gate] = value  # our own news
        self._tell(lambda pipe: pipe.set(name, value, px=milliseconds))

    def _tell(self, write: Write) -> None:
        with self._lock:
            self._to_tell.append(write)
        self._something_to_tell.set()
        self._keep_looking()

    # The thread

    def _keep_looking(self) -> None:
        with self._lock:
            if self._looking:
                return
            self._looking = True
        threading.Thread(target=self._look_for_ever, name="notices", daemon=True).start()

    def _look_for_ever(self) -> None:
        idle = 0
        try:
            while not (idle > IDLE_LOOKS and self._ends()):
                idle = 0 if self._look() else idle + 1
                self._pause()
        except BaseException:  # killed: the next call starts another
            self._looking = False
            raise

    def _ends(self) -> bool:
        with self._lock:
            self._looking = bool(self._in_use or self._to_tell)
            return not self._looking

    def _pause(self) -> None:
        """Half a second, in which what there is to tell goes out at once."""
        if self._something_to_tell.wait(LOOK_SECONDS):
            self._something_to_tell.clear()
            self._write()
            threading.Event().wait(LOOK_SECONDS)

    def _write(self) -> None:
        with self._lock:
            writes, self._to_tell = self._to_tell, []

        def write(redis: "Redis") -> None:
            pipeline = redis.pipeline(transaction=False)
            for one in writes:
                one(pipeline)
            pipeline.execute()

        if writes:
            self._run(write)

    def _look(self) -> bool:
        """Look at what others told; tells whether there are keys in use."""
        with self._lock:
            gates = list(self._in_use)
            self._heard = {gate: self._heard.get(gate) for gate in gates}
        if not gates:
            return False

        def read(redis: "Redis") -> list[object]:
            pipeline = redis.pipeline(transaction=False)
            for gate in gates:
                pipeline.pttl(name_of("closed", gate))
                pipeline.get(name_of("refused", gate))
                pipeline.pttl(name_of("refused", gate))
            return cast("list[object]", pipeline.execute())

        found = self._run(read) or []
        for gate, closed, refused, rests in zip(
            gates, found[::3], found[1::3], found[2::3], strict=False
        ):
            self._hear(gate, cast("int", closed), cast("bytes | None", refused), cast("int", rests))
        return True

    def _hear(self, gate: Gate, closed: int, refused: bytes | None, rests: int) -> None:
        if closed > 0:
            self._listener.hear_told(gate, closed / 1000)
        if refused == self._heard.get(gate):
            return
        self._heard[gate] = refused
        if refused == WORKS:
            self._listener.hear_woken(gate.endpoint, (gate.key,))
        elif refused is not None and rests > 0:
            self._listener.hear_refused(gate, refused.decode(errors="replace"), rests / 1000)

    def _run[Answer](self, command: "Callable[[Redis], Answer]") -> Answer | None:
        try:
            return self._connection.run(command)
        except UnavailableError:
            return None  # it is said in the log; what was to be told is old when Redis is back
