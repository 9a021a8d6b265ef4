"""Every constant of the admission, with the reason for its value. Seconds, calls and bytes.

The values of `Tuning` were found with the simulation, on training seeds only.
"""

from dataclasses import dataclass

MAX_WAITING_BYTES = 384 * 1024 * 1024
"""Memory of waiting calls: a hundred calls with images must not exhaust the machine."""
CALL_BYTES = 64 * 1024
"""Memory of a waiting call beside its payload, as measured (65 kB): its greenlets, its session, its
place in the queue. 4,000 of them hold two thirds of the bound."""
IDLE_SECONDS = 3_600.0
"""What nobody used for an hour is forgotten: capacity seen then says little about now."""
SWEEP_SECONDS = 60.0
"""How often it is looked for."""
MAX_QUEUES = 4_000
"""Kept (endpoint, model, keys): somebody may try a new key with every call. Each takes up to 6 KiB,
so that all of them take 24 MiB."""
EJECTION_SECONDS = 300.0
"""A refused or empty key is left alone so long, if there are others."""
PROBE_SECONDS = 60.0
"""A longer wait than this may be a mistake (milliseconds, a clock, a page of a CDN): one call in
this time tries whether it is over."""
SHARED_MODELS, SHARED_SECONDS = 3, 60.0
"""So many models told to wait within so many seconds, and none admitted meanwhile: it is the key's
limit. Two may meet by chance, and to take a model's limit for the key's silences all others, while
the contrary costs each further model one rejection. Most limits of keys are counted by the minute.
"""
MINUTE = 60.5
"""Seconds over which calls per minute are counted: half a second for clocks and the network."""
CIRCUIT_OPEN_SECONDS = 60.0
"""Open for so long, a circuit is taken to stay open..."""
RECOVERY_MAX_WAIT_SECONDS = 5.0
"""...and a new call waits only for the next probe."""
STRIKES = 2
"""Further rejections of a rejected call, others having passed in between, that quarantine it:
the third in all."""
FIRST_QUARANTINE_SECONDS, MAX_QUARANTINE_SECONDS = 10.0, 60.0
"""Pause before a quarantined call is tried again while others wait; doubled each time up to the
second."""
BEST_BUCKET, BEST_BUCKETS = 10.0, 60
"""Ten minutes of throughput, ten seconds each: shorter would mistake a burst for a rate."""

LOOK_AGAIN = 1.0
"""While an instance keeps to its own part of a limit, that part is looked at so often."""
ASKING_SECONDS = 2.0
"""How long a call may ask the other instances for leave before another one does."""

MIN_TICK_SECONDS, MAX_TICK_SECONDS = 0.002, 1.0
"""Seconds that the ticking thread sleeps at least (or it would spin) and at most."""

MAX_DOUBLINGS = 10.0
"""What doubles with time does so at most so often at once: a process may have been stopped for
minutes, and a float would overflow."""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the limit does with what it sees."""

    first_size: float = 3.0
    """Calls sent at once to a gateway nobody knows: one slot costs two rejections to find."""
    growth: float = 2.75
    """Fastest climb, e-folds a second at 0.1 s a rejection: what is under way when the first
    rejection returns is a quarter of the limit."""
    regrowth: float = 2.0
    """The same once it has been rejected, for then it knows most of its ground."""
    speedup: float = 1.5
    """A climb above a ceiling begins with one call a `rejection_timeout` and gets so many times
    faster in
    each: where little room was found, little is rejected."""
    step_limit: float = 32.0
    """At most so many new calls a `rejection_timeout`: the end of a fixed window costs no more than
    that."""
    unproven: float = 52.0
    """No more calls than this until some have shown that they were admitted..."""
    proven_factor: float = 2.75
    """...and then this many times those: rejections may take long to come."""
    doubt: float = 1.1
    """Silence that counts as proof as long as no rejection has been timed."""
    first_rejection_timeout: float = 0.2
    """The same for everything else: gateways usually reject within 0.1 s."""
    rejection_timeout_factor: float = 1.5
    rejection_timeout_extra: float = 0.05
    """Silence of 1.5 usual rejections + 50 ms is no rejection: they do no work and vary little."""
    rejection_timeout_min: float = 0.1
    rejection_timeout_max: float = 2.0
    """Bounds of that: the network's own jitter, and what is no quick rejection any more."""

    cut: float = 0.85
    """The n-th rejection with nothing admitted between cuts by the (n-1)-th power of this: the
    first tells the capacity exactly, further ones that it is falling."""
    resume: float = 0.4
    """Part of the usual speed at which it climbs on when a rejection was the call's own fault."""
    trial_first: float = 0.1
    trial_least: int = 16
    trial_part: float = 0.03
    """After a cut only this part of the limit is risked at a time (of a small one, so many calls),
    after further ones only the last part, until a call is admitted: what is used up rejects all."""

    earned_per_success: float = 0.02
    """Probes that a success pays for: one in fifty calls may be rejected."""
    probe_rate: float = 0.03
    """Probes a second that time pays for beside, for small windows; more where more was in flight
    of late, by this power of how many times as much: it may come back."""
    missing_power: float = 3.0
    fell_pays: float = 2.0
    """Probes that a fall pays for: room that was held is gone, so capacity moves."""
    budget_max: float = 3.0
    """What is not used for long is lost: three probes in a row are enough."""
    probe_pause: float = 0.5
    """Seconds to leave a gateway alone that was just full: nobody will have left it yet."""
    lost_first: float = 1.0
    lost_pause: float = 3.0
    lost_timeouts: float = 4.0
    """Seconds, and rejection timeouts, to leave a ceiling alone at which a probe was lost, however
    many calls succeed meanwhile: capacity that rises is noticed soon enough, and a thousand calls
    pay for less, most of all where a rejection takes long. At first less long, doubled each time;
    less long, too, by how many times as much was in flight of late."""
    peak_seconds: float = 60.0
    """Seconds in which what was in flight of late counts for a third."""

    forgives: bool = True
    """Whether a rejection is taken back when others, sent later, are admitted where it was not."""

    recovery_first: float = 0.25
    """First pause before a gateway that admits nothing is tried by one call; doubled each time."""
    recovery_max: float = 5.0
    recovery_min: float = 3.0
    recovery_worth: float = 1000.0
    """Longest pause is this over the calls it admitted while open: a probe costs little beside a
    thousand of them, much beside fifty."""
    quota_least: int = 10
    """A gateway that closed after so many calls at least may close again after as many."""
    periods: tuple[float, ...] = (10.0, 60.0)
    """Lengths of the usual windows of so many calls: when one would end that began with the first
    call admitted, a gateway behind an open circuit is tried in any case..."""
    period_margin: float = 0.1
    """...so much later, for the way there is not always equally long."""
    reopen: float = 0.25
    """Part of the former window that is used at once when it opens again."""

    marks: int = 8
    """Rejections remembered to learn a rate from: the longer the line, the better its slope."""
    marks_needed: int = 3
    """Rejections to begin with; each time that it was no rate after all, one more."""
    mark_seconds: float = 0.3
    mark_calls: int = 3
    """Rejections closer than this are one: between them chance alone decides."""
    mark_spread: float = 0.8
    """Calls by which rejections may miss the line: a bucket holds 0 to 1 tokens when it rejects,
    and falling slots meet a wider line by chance."""
    sought_marks: bool = False
    """Whether rejections that were sought, of probes, count among them: a full gateway rejects
    those in any case."""
    same_part: float = 0.5
    """If more of the rejections than this came at one number in flight, that is the limit."""
    excess: tuple[float, ...] = (0.3, 0.05, 0.01)
    """Sent faster than the rate believed, by rejections since: a bucket rejects at once, slots do
    not; later one call in a hundred is risked to notice a rate that rises."""
    excess_max: float = 0.7
    overdue: float = 1.2
    overdue_max: float = 10.0
    calm_seconds: float = 4.0
    calm_calls: float = 10.0
    """A rejection later than 1.2 times the expected, or 10 s, is overdue: the excess then doubles
    every 4 s or 10 calls, up to the maximum, for the rate has risen or never was one."""
    surplus: float = 5.0
    """So many calls admitted beyond the rate believed show that it is no such rate."""
    trial: int = 30
    trial_rejections: int = 4
    trial_row: int = 3
    """So do more rejections than 4 of 30 calls, or 3 in a row."""
    learn_calls: int = 8
    """Fewer calls than this say too little about a rate."""
    retry_after_least: float = 0.5
    """A shorter `Retry-After` is kept, but tells no rate: it is over when the rejection comes."""
    short_wait: float = 5.0
    """A `Retry-After` up to this is a rate limiter's: two such rejections begin the rate
    limiting..."""
    retry_after_marks: int = 2
    retry_after_trials: int = 4
    """...unless it proved wrong twice; then the line decides here too."""
    retry_after_cut: float = 0.95
    """Rejected at once after the wait that was told, the rate believed is too high."""


TUNING = Tuning()
