"""`python -m bench.indexing`: measure, judge, save, and fail when a target is missed."""

import argparse
import sys

from bench import ROOT
from bench.saturation.oracle import oracle_bound_of
from bench.saturation.server import CountingServer
from bench.saturation.shapes import MODEL, Shape
from bench.subjects import OURS, SDK_CLASS, Subject
from devtools import credentials

from . import dify, report

CHUNKS = 2_000
SEEDS = (1, 2, 3)
SLOTS = 5
SERVICE = 0.5
"""Mean seconds of a request, however many texts it holds: to batch them is no advantage that
depends on what a gateway makes of it."""


def main() -> int:
    """Run from the command line; 0 when every target was met, 1 otherwise."""
    options = _parser().parse_args()
    if options.table:
        print(report.table(report.load()))
        return 0
    runs = []
    for seed in SEEDS[: options.seeds]:
        for subject in (OURS, SDK_CLASS):
            runs.append(_run(subject, seed, options.chunks))
            print(f"{subject.name}, seed {seed}: {runs[-1]}", file=sys.stderr, flush=True)
    measured = report.Measured(_command(options), runs)
    is_full = options.chunks == CHUNKS and options.seeds == len(SEEDS)
    path = report.RESULTS if is_full else ROOT / "bench/results/indexing-partial.json"
    report.save(measured, path)
    print(report.table(measured))
    print(f"\nSaved in {path.relative_to(ROOT)}.")
    failures = report.missed(measured)
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures else 0


def shape_of(requests: int) -> Shape:
    """The gateway, and so many requests to it."""
    capacity = {"kind": "slots", "slots": SLOTS}
    return Shape("indexing", "five slots", "constant", requests, capacity, mean=SERVICE)


def _run(subject: Subject, seed: int, count: int) -> report.Run:
    chunks = dify.chunks_of(count)
    with CountingServer(seed, shape_of(0).scenario) as server, subject.start() as plugin:
        form = credentials(server.base_url, "sk-bench", max_retry_seconds="")
        plugin.embed("ok", ["warm up"], credentials=form).wait()
        batch = dify.batch_of(plugin, MODEL, form)
        needed = dify.requests_needed(dify.groups_of(chunks), batch)
        indexed = dify.index(plugin, MODEL, form, chunks)
        return report.Run(
            client=subject.name,
            seed=seed,
            batch=batch,
            chunks=count,
            stored=indexed.stored,
            seconds=round(indexed.seconds, 2),
            limit=round(oracle_bound_of(shape_of(needed), seed).makespan, 2),
            requests=server.counted().requests,
            needed=needed,
            errors=indexed.errors,
        )


def _command(options: argparse.Namespace) -> str:
    parts = ["python -m bench.indexing"]
    parts += [f"--chunks {options.chunks}"] if options.chunks != CHUNKS else []
    parts += [f"--seeds {options.seeds}"] if options.seeds != len(SEEDS) else []
    return " ".join(parts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.indexing", description=__doc__)
    parser.add_argument("--table", action="store_true", help="redraw the committed table")
    parser.add_argument("--chunks", type=int, default=CHUNKS, help="default %(default)s")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="default %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
