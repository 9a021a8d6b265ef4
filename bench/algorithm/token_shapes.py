"""Gateways that count tokens, in virtual time: prompts of mixed length, told by headers and untold.

`python -m bench.algorithm.token_shapes` prints a table on the held-out seeds. The scheduler knows
the limit as its owner types it; what it knows of a prompt is an estimate.
"""

import heapq
import math
import statistics
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from engine.admission.route_queue import AdmissionRequest, Grant
from engine.admission.routes import KeyLimits
from engine.admission.token_budget import Tokens
from engine.errors.rate_limit_headers import TokensLeft

from .servers import NAN, Server
from .shapes import USUAL, lognormal
from .sim import IDEAL, Host, Job, Result, Simulation

MINUTE = 60.0
SEEDS = tuple(80_021 + 97 * i for i in range(9))


@dataclass
class TokenJob(Job):
    """A call with its tokens: as they are, and as they are estimated."""

    counted: Tokens = field(default_factory=Tokens)
    estimate: int = 0


@dataclass
class TokenLimit(Server):
    """So many tokens in any minute (`sliding`), or in each; the answer's count when it is there.

    A call is admitted if its prompt fits, or if nothing else counts. `in_advance` counts the
    longest answer that was asked for instead, when the call comes, and gives nothing back.
    """

    limit: int
    sliding: bool = True
    in_advance: bool = False
    log: deque[tuple[float, int]] = field(default_factory=deque)
    used: int = 0

    def _count(self, now: float, tokens: int) -> None:
        if tokens:
            self.log.append((now, tokens))
            self.used += tokens

    def left(self, now: float) -> int:
        """Tokens that are left now."""
        while self.log and self._over_at(self.log[0][0]) <= now:
            self.used -= self.log.popleft()[1]
        return self.limit - self.used

    def _over_at(self, at: float) -> float:
        """When what was counted at a time counts no more."""
        return at + MINUTE if self.sliding else (at // MINUTE + 1) * MINUTE

    def whole_at(self, now: float) -> float:
        """When the limit is whole again."""
        return self._over_at(self.log[-1][0] if self.log else now)

    def admit(self, now: float, job: TokenJob) -> bool:
        """Let a call in if its tokens fit."""
        tokens = self._wanted(job)
        if tokens > self.left(now) and self.log:
            return False
        self._count(now, tokens)
        return True

    def answered(self, now: float, job: TokenJob) -> None:
        """Count the answer of a call."""
        if not self.in_advance:
            self._count(now, job.counted.answer)

    def admits_at(self, now: float, job: TokenJob) -> float:
        """Earliest time at which a call would be admitted if nothing else happens."""
        missing = self._wanted(job) - self.left(now)
        for at, tokens in self.log:
            if missing <= 0:
                break
            missing -= tokens
            now = self._over_at(at)
        return now

    def _wanted(self, job: TokenJob) -> int:
        return job.counted.prompt + (MAX_ANSWER if self.in_advance else 0)


MAX_ANSWER = 400
"""Longest answer that is asked for where the vendor counts it in advance."""


@dataclass(frozen=True)
class TokenShape:
    """A limit of tokens, and the calls that meet it."""

    name: str
    calls: int
    limit: int
    prompt: Callable[[Random], float]
    answer: Callable[[Random], float] = lambda _rng: 0.0
    error: float = 0.08
    """Of the estimate, as a part (standard deviation); it is drawn once more for all of a run."""
    sliding: bool = True
    in_advance: bool = False
    tells: bool = False
    """Whether headers tell what is left."""

    def server(self) -> TokenLimit:
        """The gateway."""
        return TokenLimit(self.limit, self.sliding, self.in_advance)

    def jobs(self, seed: int) -> list[TokenJob]:
        """All calls, at once."""
        rng = Random(seed)
        bias = rng.gauss(1.0, self.error)
        jobs = []
        for number in range(self.calls):
            tokens = Tokens(max(1, round(self.prompt(rng))), round(self.answer(rng)))
            estimate = max(1, round(tokens.prompt * bias * rng.gauss(1.0, self.error)))
            service = USUAL(rng)
            jobs.append(TokenJob(number, "batch", 0.0, service, counted=tokens, estimate=estimate))
        return jobs


MIXED = lognormal(1_000.0, 1.0)
CHAPTERS = lognormal(4_000.0, 0.4)
ANSWERS = lognormal(150.0, 0.5)
TOKEN_SHAPES = [
    TokenShape("prompts, sliding", 300, 60_000, MIXED),
    TokenShape("prompts, sliding, told", 300, 60_000, MIXED, tells=True),
    TokenShape("chats, sliding", 300, 60_000, MIXED, ANSWERS),
    TokenShape("chats, sliding, told", 300, 60_000, MIXED, ANSWERS, tells=True),
    TokenShape("chats, each minute", 300, 60_000, MIXED, ANSWERS, sliding=False),
    TokenShape("chats, each minute, told", 300, 60_000, MIXED, ANSWERS, sliding=False, tells=True),
    TokenShape("chats, max_tokens", 300, 80_000, MIXED, ANSWERS, in_advance=True),
    TokenShape("chats, max_tokens, told", 300, 80_000, MIXED, ANSWERS, in_advance=True, tells=True),
    TokenShape("index, few large", 100, 64_000, CHAPTERS),
    TokenShape("index, few large, told", 100, 64_000, CHAPTERS, tells=True),
    TokenShape("larger than the limit", 12, 3_000, CHAPTERS),
]


class TokenSimulation(Simulation):
    """The real scheduler before a gateway that counts tokens."""

    def __init__(
        self, shape: TokenShape, seed: int, budget: float, host: Host, *, typed: bool
    ) -> None:
        self._shape = shape
        self._server = shape.server()
        self._limits = KeyLimits(tokens_per_minute=shape.limit if typed else None)
        super().__init__(list(shape.jobs(seed)), [self._server], seed, budget, host=host)

    def _arrive(self, job: Job) -> None:
        assert isinstance(job, TokenJob)
        ahead = MAX_ANSWER if self._shape.in_advance else 0
        call = AdmissionRequest(
            "http://gateway/v1",
            ("key0",),
            "model",
            job.user,
            self._now + self._budget,
            limits=self._limits,
            tokens=Tokens(job.estimate, ahead),
        )
        job.entry = self._scheduler.enter(call, self._now)
        job.entry.notify = lambda: self._decided.append(job)
        self._ask(job)

    def _reach(self, job: Job, grant: Grant) -> None:
        assert isinstance(job, TokenJob)
        if not self._server.admit(self._now, job):
            self._reply(self._server.reject_after, self._reject, job, grant, NAN)
            return
        job.admitted = self._now
        self.result.order.append(job)
        if self._shape.tells:
            whole = self._server.whole_at(self._now) - self._now
            left = TokensLeft(max(0, self._server.left(self._now)), self._shape.limit, whole)
            self._reply(self._server.reject_after, self._tell, grant, left)
        self._at(self._now + job.service, self._answer, job)
        self._reply(job.service, self._succeed, job, grant)

    def _answer(self, job: TokenJob) -> None:
        self._server.answered(self._now, job)

    def _tell(self, grant: Grant, left: TokensLeft) -> None:
        if left.remaining <= 0:
            self._scheduler.exhausted(grant, left.seconds, self._now)
        self._scheduler.tokens_left(grant, left, self._now)

    def _succeed(self, job: Job, grant: Grant) -> None:
        assert isinstance(job, TokenJob)
        assert job.entry
        job.done = self._now
        self._scheduler.succeeded(job.entry, grant, self._now, job.counted)
        self._scheduler.leave(job.entry, self._now)


def limit(shape: TokenShape, seed: int) -> float:
    """Makespan of a oracle who sends each call, in their order, the moment it fits."""
    server, now, end = shape.server(), 0.0, 0.0
    leaving: list[tuple[float, int, TokenJob]] = []
    for job in shape.jobs(seed):
        while True:
            at = server.admits_at(now, job)
            if not leaving or leaving[0][0] > at:
                break
            now, _, gone = heapq.heappop(leaving)
            server.answered(now, gone)
        now = at
        assert server.admit(now, job)
        heapq.heappush(leaving, (now + job.service, job.number, job))
        end = max(end, now + job.service)
    return end


def run(
    shape: TokenShape, seed: int, host: Host = IDEAL, *, typed: bool = True
) -> tuple[Result, float]:
    """One run of a shape with all calls at once, and its limit."""
    best = limit(shape, seed)
    simulation = TokenSimulation(shape, seed, 1.2 * best + MINUTE, host, typed=typed)
    return simulation.run(), best


def main() -> None:
    """Print every shape, with the field typed and without."""
    print(f"{'shape':28} {'field':6} worst    makespan/limit  requests/answer")
    print(f"{'':35} success  median  worst   median  worst")
    for shape in TOKEN_SHAPES:
        for typed in (True, False):
            runs = [run(shape, seed, typed=typed) for seed in SEEDS]
            spans = [result.makespan / best for result, best in runs if math.isfinite(best)]
            sent = [result.attempts for result, _ in runs]
            print(
                f"{shape.name:28} {'typed' if typed else 'empty':6}"
                f" {min(result.success for result, _ in runs):7.3f}"
                f"  {statistics.median(spans):6.3f} {max(spans):6.3f}"
                f"  {statistics.median(sent):6.3f} {max(sent):6.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
