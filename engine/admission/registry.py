"""Which keys, lanes and lines there are; what nobody used for an hour is forgotten."""

from collections.abc import Iterator
from random import Random

from engine.admission.limits.tuning import IDLE_SECONDS, LINES_MAX, SWEEP_SECONDS, Tuning
from engine.admission.route_queue import Call, Line
from engine.admission.routes import KeyGate, Lane, Share

type LineName = tuple[str, str, tuple[str, ...]]


class Book:
    """Everything that is kept, by endpoint, key hash and model; nothing crosses between keys."""

    def __init__(self, rng: Random, share: Share, tuning: Tuning) -> None:
        self._rng = rng
        self._tuning = tuning
        self._share = share
        self._keys: dict[tuple[str, str], KeyGate] = {}
        self._lanes: dict[tuple[str, str, str], Lane] = {}
        self._lines: dict[LineName, Line] = {}
        self._lines_of: dict[KeyGate, dict[Line, None]] = {}
        self._swept_at = 0.0

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, call: Call, now: float) -> Line:
        """The line in which a call waits; made if nobody used it lately."""
        name = (call.endpoint, call.model, tuple(sorted(set(call.keys))))
        line = self._lines.get(name)
        if line is None:
            self._sweep(now)
            line = self._lines[name] = Line(self._open(call, name[2], now))
            for lane in line.lanes:
                self._lines_of.setdefault(lane.key, {})[line] = None
        line.used_at = now
        return line

    def lanes(self, call: Call) -> list[Lane]:
        """The lanes of a call's line, in the order of its keys."""
        return [self._lanes[call.endpoint, key, call.model] for key in call.keys]

    def lines_of(self, key: KeyGate) -> dict[Line, None]:
        """The lines that use a key; the one to be served first comes first."""
        return self._lines_of[key]

    def key(self, endpoint: str, name: str) -> KeyGate | None:
        """What is known of a key."""
        return self._keys.get((endpoint, name))

    def lane(self, endpoint: str, key: str, model: str) -> Lane | None:
        """What is known of a model with a key."""
        return self._lanes.get((endpoint, key, model))

    def all_lanes(self) -> Iterator[tuple[str, str, str, Lane]]:
        """Endpoint, key hash, model and lane of everything that was used lately."""
        for (endpoint, key, model), lane in self._lanes.items():
            yield endpoint, key, model, lane

    def all_lines(self) -> Iterator[Line]:
        """All lines."""
        yield from self._lines.values()

    def _open(self, call: Call, keys: tuple[str, ...], now: float) -> list[Lane]:
        lanes = []
        for name in keys:
            key = self._keys.setdefault((call.endpoint, name), KeyGate(self._share))
            lane_name = (call.endpoint, name, call.model)
            if lane_name not in self._lanes:
                self._lanes[lane_name] = Lane.new(key, now, self._rng, self._tuning)
            lanes.append(self._lanes[lane_name])
        return lanes

    def _sweep(self, now: float) -> None:
        """Forget what was idle for an hour and, of too many, the half that is idle longest."""
        if now - self._swept_at < SWEEP_SECONDS and len(self._lines) < LINES_MAX:
            return
        self._swept_at = now
        idle = sorted(
            ((name, line) for name, line in self._lines.items() if line.idle),
            key=lambda item: item[1].used_at,
        )
        surplus = len(self._lines) - LINES_MAX // 2 if len(self._lines) >= LINES_MAX else 0
        for i, (name, line) in enumerate(idle):
            if i < surplus or now - line.used_at >= IDLE_SECONDS:
                self._forget(name, line)

    def _forget(self, name: LineName, line: Line) -> None:
        endpoint, model, keys = name
        del self._lines[name]
        for key_name in keys:
            key = self._keys[endpoint, key_name]
            lane = self._lanes[endpoint, key_name, model]
            others = self._lines_of[key]
            del others[line]
            if not any(lane in other.lanes for other in others):
                del self._lanes[endpoint, key_name, model]
            if not others:
                del self._keys[endpoint, key_name], self._lines_of[key]
