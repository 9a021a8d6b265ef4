"""An answer as it is kept: JSON, for no other format can be read without running anything."""

import json
import time
from collections.abc import Callable, Sequence

from engine.delta import ContentKind, Delta
from engine.request import Reuse

type Clock = Callable[[], float]


def write_entry[Result](
    reuse: Reuse[Result], deltas: Sequence[Delta], result: Result, clock: Clock = time.time
) -> bytes | None:
    """An answer in bytes; ``None`` if it may not be kept.

    Args:
        reuse: how answers of this type are kept.
        deltas: the text, in its order.
        result: what the request's reader made of the answer.
        clock: seconds since 1970; entries are read on other instances.
    """
    kept = reuse.dump(result)
    if kept is None or any(delta.content_kind is ContentKind.SOUND for delta in deltas):
        return None
    texts = [[delta.content_kind.value, delta.text] for delta in deltas]
    document = {"at": clock(), "texts": texts, "result": kept}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def read_entry[Result](
    reuse: Reuse[Result], entry: bytes, longest: int, clock: Clock = time.time
) -> tuple[list[Delta], Result] | None:
    """An answer from its bytes; ``None`` if it is older than ``longest`` seconds, or unreadable."""
    try:
        document = json.loads(entry.decode("utf-8", "surrogatepass"))
        if clock() - document["at"] >= longest:
            return None
        deltas = [
            Delta(ContentKind(content_kind), text) for content_kind, text in document["texts"]
        ]
        return deltas, reuse.load(document["result"])
    except (ValueError, TypeError, KeyError, LookupError):
        # Somebody else writes there too, or another version did.
        return None
