"""An answer as it is kept: JSON, for no other format can be read without running anything."""

import json
import time
from collections.abc import Callable, Sequence

from engine.delta import Channel, Piece
from engine.request import Reuse

type Clock = Callable[[], float]


def write_entry[Result](
    reuse: Reuse[Result], pieces: Sequence[Piece], result: Result, clock: Clock = time.time
) -> bytes | None:
    """An answer in bytes; ``None`` if it may not be kept.

    Args:
        reuse: how answers of this type are kept.
        pieces: the text, in its order.
        result: what the request's reader made of the answer.
        clock: seconds since 1970; entries are read on other nodes.
    """
    kept = reuse.dump(result)
    if kept is None or any(piece.channel is Channel.SOUND for piece in pieces):
        return None
    texts = [[piece.channel.value, piece.text] for piece in pieces]
    document = {"at": clock(), "texts": texts, "result": kept}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


def read_entry[Result](
    reuse: Reuse[Result], entry: bytes, longest: int, clock: Clock = time.time
) -> tuple[list[Piece], Result] | None:
    """An answer from its bytes; ``None`` if it is older than ``longest`` seconds, or unreadable."""
    try:
        document = json.loads(entry.decode("utf-8", "surrogatepass"))
        if clock() - document["at"] >= longest:
            return None
        pieces = [Piece(Channel(channel), text) for channel, text in document["texts"]]
        return pieces, reuse.load(document["result"])
    except (ValueError, TypeError, KeyError, LookupError):
        # Somebody else writes there too, or another version did.
        return None
