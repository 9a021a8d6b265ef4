"""What the limit of a route is doing, and what makes it do something else: one table."""

from collections.abc import Mapping
from enum import StrEnum, auto


class Phase(StrEnum):
    """What the limit is doing; `TRANSITIONS` tells how it goes on."""

    STARTING = auto()
    """Nothing is known: it grows as fast as it may, until the first rejection."""
    CLIMBING = auto()
    """There is room above it: it grows, over known ground as far as that goes."""
    HOLDING = auto()
    """It was rejected here: as many calls as this are kept in flight."""
    PROBING = auto()
    """One call more than it held tries whether there is room by now."""
    PACED = auto()
    """The gateway counts calls per time: they are sent at its rate, however many are in flight."""
    OPEN = auto()
    """The circuit is open: nothing was admitted, and one call at a time tries it again."""


class Event(StrEnum):
    """What changes the phase."""

    REJECTED = auto()
    """A call was rejected while others were in flight."""
    ALONE = auto()
    """A call was rejected with nothing in flight, or where the quota ended the last time."""
    REGAINED = auto()
    """A climb has reached the size from which it had been cut."""
    PROBE_DUE = auto()
    """Another rejection is paid for, and calls are waiting."""
    PROBE_ADMITTED = auto()
    CUT_TOO_FAR = auto()
    """After several cuts a call was admitted, so that the last ones were too deep."""
    FORGIVEN = auto()
    """The rejection that ended a climb was the call's own fault."""
    RATE_FOUND = auto()
    """The rejections lie on a line of calls over time."""
    RATE_OUTRUN = auto()
    """More was admitted than at the rate believed: it is none."""
    TRIAL_ADMITTED = auto()
    """The call that tried an open circuit was admitted."""


_STILL = (Phase.HOLDING, Phase.PROBING)
_LEARNING = (Phase.STARTING, Phase.CLIMBING, *_STILL)

TRANSITIONS: Mapping[tuple[Phase, Event], Phase] = {
    **{(phase, Event.REJECTED): Phase.HOLDING for phase in (*_LEARNING, Phase.PACED)},
    **{(phase, Event.ALONE): Phase.OPEN for phase in Phase},
    **{(phase, Event.RATE_FOUND): Phase.PACED for phase in (*_LEARNING, Phase.OPEN)},
    (Phase.CLIMBING, Event.REGAINED): Phase.HOLDING,
    (Phase.HOLDING, Event.PROBE_DUE): Phase.PROBING,
    (Phase.PROBING, Event.PROBE_ADMITTED): Phase.CLIMBING,
    **{(phase, Event.CUT_TOO_FAR): Phase.CLIMBING for phase in _STILL},
    **{(phase, Event.FORGIVEN): Phase.CLIMBING for phase in _STILL},
    (Phase.PACED, Event.RATE_OUTRUN): Phase.CLIMBING,
    (Phase.OPEN, Event.TRIAL_ADMITTED): Phase.CLIMBING,
}
"""The next phase; what is not here changes nothing. A rejection of a paced call does so only if
it shows that the rate is none."""


def after(phase: Phase, event: Event) -> Phase:
    """The phase that follows on an event."""
    return TRANSITIONS.get((phase, event), phase)
