"""How long a route or a key is left alone because a server told to wait; no clock, no thread."""

from dataclasses import dataclass

from engine.admission.limits.adaptive import NEVER
from engine.admission.limits.tuning import PROBE_SECONDS, SHARED_MODELS, SHARED_SECONDS


@dataclass(slots=True)
class Cooldown:
    """What a server said about waiting, of one route or of a whole key. Times in seconds.

    A wait of up to ``PROBE_SECONDS`` is kept to exactly. A longer one may be a mistake, so one
    call in that time tries it, and the first that is admitted ends the wait.
    """

    retry_at: float = -NEVER
    """When it is over."""
    cause: str = ""
    """The failure that began it, for whoever is refused meanwhile; nobody here reads it."""
    _began: float = -NEVER
    _probe_at: float = NEVER

    def begin(self, seconds: float, now: float, cause: str, sent_at: float) -> None:
        """The server told an attempt that was sent at ``sent_at`` to wait.

        What it tells a later attempt takes the place of what it told before. Attempts that were
        under way together were told of the same limit: then the longest wait counts.
        """
        retry_at = now + seconds
        is_running = now < self.retry_at
        if is_running and sent_at <= self._began:
            self.retry_at = max(self.retry_at, retry_at)
            return
        if not is_running:
            self.cause = cause
        self.retry_at, self._began, self._probe_at = retry_at, now, now + PROBE_SECONDS

    def holds(self, now: float) -> bool:
        """Whether it is to be left alone, but for a probe."""
        return now < self.retry_at

    def room(self, now: float, most: int) -> int:
        """Of ``most`` calls, how many may be sent now: all, one that tries it, or none."""
        if not self.holds(now):
            return most
        return min(most, 1) if now >= self._probe_at else 0

    def due(self, now: float) -> float:
        """Time from which on a call may be sent."""
        return max(now, min(self.retry_at, self._probe_at)) if self.holds(now) else now

    def sent(self, now: float) -> None:
        """A call goes out; while the wait lasts, it is the one that tries it."""
        if self.holds(now):
            self._probe_at = now + PROBE_SECONDS

    def unsent(self, sent_at: float) -> None:
        """It did not go out after all."""
        if self._probe_at == sent_at + PROBE_SECONDS:
            self._probe_at = sent_at

    def admitted(self, sent_at: float, now: float) -> bool:
        """A call sent then was admitted; returns whether that ends a wait."""
        if not self.holds(now) or sent_at <= self._began:
            return False
        self.end()
        return True

    def end(self) -> None:
        """The wait is over."""
        self.retry_at, self._probe_at = -NEVER, NEVER


class SharedLimit:
    """Whether the models of a key were told to wait together: then the limit is the key's.

    ``SHARED_MODELS`` of them within ``SHARED_SECONDS``, all of them still waiting, and no call
    sent meanwhile was admitted on any model.
    """

    def __init__(self) -> None:
        self._told: dict[object, tuple[float, float]] = {}

    def heard_retry_after(self, model: object, now: float, retry_at: float) -> float | None:
        """A model has to wait until ``retry_at``; returns until when all of them have, if so."""
        self._told[model] = (now, retry_at)
        self._told = {
            which: (at, until)
            for which, (at, until) in self._told.items()
            if until > now >= at > now - SHARED_SECONDS
        }
        if len(self._told) < SHARED_MODELS:
            return None
        return min(until for _, until in self._told.values())

    def admitted(self, sent_at: float) -> None:
        """A call that was sent then was admitted: what was told before is not the key's."""
        if self._told:
            self._told = {which: told for which, told in self._told.items() if told[0] >= sent_at}
