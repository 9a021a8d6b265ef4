"""What the instances tell each other of keys and models, in the background: no call waits for it.

Two things are worth telling at once: how long a server told to wait, and that a key was refused.
Each instance learns by itself how much a gateway takes; sharing that gains little.
"""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol, cast

from engine.admission import KeyRef, RouteRef
from engine.cluster.connection import Connection, UnavailableError
from engine.cluster.names import name_of
from engine.cluster.scripts import EXTEND

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import Pipeline

LOOK_SECONDS = 0.5
"""How often the news of other instances are looked for while calls are under way."""

OVER_SECONDS = 5.0
"""How long it stands there that a wait is over: everybody looks in this time."""

REFUSED_SECONDS = 300.0
"""How long a key cools down for all instances, as it does for one."""

IDLE_LOOKS = 4
"""After so many looks without a call under way the thread ends; the next call starts another."""

WORKS = b""
"""What stands in place of the reason where a key was refused and is good again, or a wait over."""

type Write = Callable[["Pipeline"], object]


class Listener(Protocol):
    """Who is told what other instances found out."""

    def hear_retry_after(self, route: RouteRef, seconds: float, cause: str) -> None:
        """The server told to wait so long."""

    def hear_admitted(self, route: RouteRef) -> None:
        """Such a wait is over."""

    def hear_refused(self, key_ref: KeyRef, reason: str, seconds: float) -> None:
        """The key cools down for so long."""

    def hear_woken(self, endpoint: str, keys: tuple[str, ...]) -> None:
        """The keys work."""


class Notices:
    """Tells the other instances, and looks twice a second at what they told of the keys in use.

    Args:
        connection: the operator's Redis.
        listener: who is told.
    """

    def __init__(self, connection: Connection, listener: Listener) -> None:
        self._connection = connection
        self._listener = listener
        self._lock = threading.Lock()
        self._in_use: Counter[RouteRef] = Counter()
        self._to_tell: list[Write] = []
        self._something_to_tell = threading.Event()
        self._looking = False
        self._heard: dict[KeyRef | RouteRef, bytes | None] = {}

    def entered(self, routes: tuple[RouteRef, ...]) -> None:
        """A call is under way for which these may matter."""
        with self._lock:
            self._in_use.update(routes)
        self._keep_looking()

    def left(self, routes: tuple[RouteRef, ...]) -> None:
        """It has ended."""
        with self._lock:
            for route in routes:
                self._in_use[route] -= 1
                if self._in_use[route] <= 0:
                    del self._in_use[route]

    def heard_retry_after(self, route: RouteRef, seconds: float, cause: str) -> None:
        """The server told to wait so long."""
        name, milliseconds = name_of("cooldown", route), round(seconds * 1000)
        # A number of its own tells it from the same wait told again.
        value = f"{uuid.uuid4().hex[:8]} {cause}".encode()
        if milliseconds > 0:
            self._heard[route] = value
            self._tell(lambda pipe: pipe.eval(EXTEND, 1, name, milliseconds, value))

    def admitted(self, route: RouteRef) -> None:
        """A call was admitted in spite of such a wait, of the model or of its key: it is over."""
        for place in (route, route.whole_key):
            self._heard[place] = WORKS
            self._tell(partial(_end, name_of("cooldown", place)))

    def refused(self, key_ref: KeyRef, reason: str) -> None:
        """The server refused this key, or its quota is used up."""
        self._set_refused(key_ref, reason.encode())

    def woken(self, key_ref: KeyRef) -> None:
        """The key works after all."""
        self._set_refused(key_ref, WORKS)

    def _set_refused(self, key_ref: KeyRef, value: bytes) -> None:
        name, milliseconds = name_of("refused", key_ref), round(REFUSED_SECONDS * 1000)
        self._heard[key_ref] = value  # our own news
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
            routes = list(self._in_use)
            names = _names_for(routes)
            self._heard = {place: self._heard.get(place) for place in names}
        if not routes:
            return False
        found = self._run(lambda redis: cast("list[bytes | None]", redis.mget(names.values())))
        news: dict[KeyRef | RouteRef, bytes] = {}
        for place, value in zip(names, found or [], strict=False):
            if value is not None and value != self._heard.get(place):
                news[place] = value
            self._heard[place] = value
        if news:
            self._hear(news, names)
        return True

    def _hear(
        self, news: dict[KeyRef | RouteRef, bytes], names: dict[KeyRef | RouteRef, str]
    ) -> None:
        def read(redis: "Redis") -> list[int]:
            pipeline = redis.pipeline(transaction=False)
            for place in news:
                pipeline.pttl(names[place])
            return cast("list[int]", pipeline.execute())

        for (place, value), left in zip(news.items(), self._run(read) or [], strict=False):
            seconds, text = left / 1000, value.decode(errors="replace")
            if isinstance(place, RouteRef):
                self._hear_of_wait(place, text, seconds)
            elif value == WORKS:
                self._listener.hear_woken(place.endpoint, (place.key,))
            elif left > 0:
                self._listener.hear_refused(place, text, seconds)

    def _hear_of_wait(self, route: RouteRef, text: str, seconds: float) -> None:
        if not text:
            self._listener.hear_admitted(route)
        elif seconds > 0:
            self._listener.hear_retry_after(route, seconds, text.partition(" ")[2])

    def _run[Answer](self, command: "Callable[[Redis], Answer]") -> Answer | None:
        try:
            return self._connection.run(command)
        except UnavailableError:
            return None  # it is said in the log; what was to be told is old when Redis is back


def _names_for(routes: list[RouteRef]) -> dict[KeyRef | RouteRef, str]:
    """Under which names something may stand that matters for these."""
    waits = dict.fromkeys(place for route in routes for place in (route, route.whole_key))
    keys = dict.fromkeys(route.key_ref for route in routes)
    return {place: name_of("cooldown", place) for place in waits} | {
        key_ref: name_of("refused", key_ref) for key_ref in keys
    }


def _end(name: str, pipe: "Pipeline") -> None:
    """A wait is over; where none is known there is nothing to end."""
    pipe.set(name, WORKS, px=round(OVER_SECONDS * 1000), xx=True)
