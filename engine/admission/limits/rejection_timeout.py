"""How long nothing must be heard of a call until it counts as admitted."""

from engine.admission.limits.tuning import Tuning


class RejectionTimeout:
    """Learned from the time that rejections take; fed with each of them."""

    def __init__(self, tuning: Tuning) -> None:
        self._t = tuning
        self._usual: float | None = None

    @property
    def known(self) -> bool:
        """Whether a rejection was timed."""
        return self._usual is not None

    @property
    def seconds(self) -> float:
        """Silence for longer than this is no usual rejection."""
        if self._usual is None:
            return self._t.first_rejection_timeout
        usual = self._t.rejection_timeout_extra + self._t.rejection_timeout_factor * self._usual
        return min(self._t.rejection_timeout_max, max(self._t.rejection_timeout_min, usual))

    @property
    def proof(self) -> float:
        """Silence that counts as proof: longer, as long as no rejection was timed."""
        return self.seconds if self.known else self._t.doubt

    def on_rejected(self, seconds: float) -> None:
        """A rejection took so long."""
        old = self._usual
        self._usual = seconds if old is None else old + 0.2 * (seconds - old)
