"""The simulator as a process that also tells, at the end, when it got which call's request.

`python -m bench.saturation.server SEED SCENARIO`: the first line on stdout says where it listens;
for each line on stdin it writes one with all that it counted. It ends with stdin.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Self

from bench import ROOT
from simulator import Seen, Simulator

from .shapes import MODEL, Json


@dataclass(frozen=True, slots=True)
class Counted:
    """What the server saw: its counts, and the last request of each call, by number."""

    stats: Json
    requests: int
    last: dict[int, float]

    @property
    def place(self) -> Json:
        """The counts of the crowded model."""
        rows: list[Json] = self.stats["models"]
        return next((row for row in rows if row["model"] == MODEL), {})


class CountingServer:
    """That process; a context manager."""

    def __init__(self, seed: int, scenario: Json) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.saturation.server", str(seed), json.dumps(scenario)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.base_url: str = self._read()["base_url"]

    def counted(self, model: str = MODEL) -> Counted:
        """Everything so far about one model."""
        if self._process.stdin is None:
            raise RuntimeError("not opened with PIPE")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = self._read()
        seen = [(number, at) for name, number, at in said["seen"] if name == model]
        return Counted(said["stats"], len(seen), dict(seen))

    def _read(self) -> Json:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the simulator ended; its reason is above, on stderr")
        said: Json = json.loads(line)
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


def number_of(body: Json | None) -> int:
    """The number that a call's prompt begins with; -1 if it has none."""
    messages: list[Json] = (body or {}).get("messages") or [{}]
    content: Any = messages[-1].get("content")
    if isinstance(content, list):
        content = content[0].get("text")
    head = str(content).partition(" ")[0]
    return int(head) if head.isdigit() else -1


def _row(seen: Seen) -> tuple[str, int, float]:
    return seen.model, number_of(seen.body), seen.at


def main() -> None:
    """Serve until stdin ends."""
    seed, scenario = int(sys.argv[1]), json.loads(sys.argv[2])
    with Simulator(seed, scenario) as sim:
        print(json.dumps({"base_url": sim.base_url}), flush=True)
        for _ in sys.stdin:
            found = {"stats": sim.stats(), "seen": [_row(seen) for seen in sim.seen]}
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
