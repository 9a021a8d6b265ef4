"""How Dify indexes a document (1.12: `core/indexing_runner.py`, `core/rag/embedding`).

Ten threads each take the chunks whose hash falls to them, and send them in batches of the model's
`max_chunks`, one after the other. The first batch that fails ends its thread; what a thread holds
is stored when all of its batches have succeeded, and else lost.
"""

import hashlib
import math
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import batched

from devtools import Json, PluginProcess
from simulator.results import vector_of

THREADS = 10
MAX_WAIT_SECONDS = 600.0
"""Seconds that Dify waits for a batch."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What became of a document.

    Attributes:
        stored: chunks whose thread succeeded, each with the vector of its own text.
        seconds: from the first batch to the last answer.
        errors: why threads ended early, and how many for each reason.
    """

    stored: int
    seconds: float
    errors: dict[str, int] = field(default_factory=dict)


def chunks_of(count: int) -> list[str]:
    """Chunks of ordinary size (500 characters), no two alike."""
    return [f"Chunk {number}: {'lorem ipsum dolor ' * 28}"[:500] for number in range(count)]


def groups_of(chunks: Sequence[str]) -> list[list[str]]:
    """The chunks of each thread."""
    groups: list[list[str]] = [[] for _ in range(THREADS)]
    for chunk in chunks:
        groups[int(hashlib.sha256(chunk.encode()).hexdigest(), 16) % THREADS].append(chunk)
    return groups


def batch_of(plugin: PluginProcess, model: str, form: Json) -> int:
    """The `max_chunks` of the model's schema; Dify takes 1 where there is none."""
    schema = plugin.schema(model, form, "text-embedding").wait().value["model_schema"]
    return int(schema["model_properties"].get("max_chunks", 1))


def requests_needed(groups: Sequence[Sequence[str]], batch: int) -> int:
    """Requests if each batch needs only one."""
    return sum(math.ceil(len(group) / batch) for group in groups)


def index(plugin: PluginProcess, model: str, form: Json, chunks: Sequence[str]) -> Indexed:
    """Index a document.

    Raises:
        ValueError: a vector belongs to another text; a benchmark must not reward that.
    """
    batch = batch_of(plugin, model, form)
    began = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        threads = [
            pool.submit(_embed, plugin, model, form, group, batch) for group in groups_of(chunks)
        ]
        results = [thread.result() for thread in threads]
    return Indexed(
        stored=sum(stored for stored, _, _ in results),
        seconds=max(ended for _, ended, _ in results) - began,
        errors=dict(Counter(why for _, _, why in results if why)),
    )


def _embed(
    plugin: PluginProcess, model: str, form: Json, chunks: Sequence[str], batch: int
) -> tuple[int, float, str]:
    """Chunks that one thread stores, when it ended, and why if it failed."""
    for texts in batched(chunks, batch):
        session = plugin.embed(model, list(texts), credentials=form).wait(MAX_WAIT_SECONDS)
        if session.error is not None:
            return 0, session.events[-1].at, session.error.error_type
        if session.value["embeddings"] != list(_vectors(texts)):
            raise ValueError("a vector of another text")
    return len(chunks), time.monotonic(), ""


def _vectors(texts: Sequence[str]) -> Iterator[list[float]]:
    return (vector_of(text) for text in texts)
