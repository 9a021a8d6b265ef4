"""What a row of the catalogue is."""

from dataclasses import dataclass

STREAMING = ("chat", "completions", "responses")
"""Endpoints that can answer with a stream."""

EVERYWHERE = (*STREAMING, "embeddings", "rerank", "moderations", "transcriptions", "speech")
"""Endpoints of models: what is no matter of words or streams happens at all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can happen, and how to ask for it."""

    name: str
    """The model to ask for: family and behaviour."""
    source: str
    """Section and row of the facts, or the fixture, that it comes from."""
    key: str | None = None
    """The key to ask with; None is any good one."""
    in_stream: bool = False
    """Whether it is a failure after HTTP 200, in a stream; a whole answer is another matter."""
    endpoints: tuple[str, ...] = EVERYWHERE
    """Where it happens, by the names of `routes.ENDPOINTS`."""

    @property
    def family(self) -> str:
        """The kind of server that does it."""
        return self.name.partition("/")[0]

    @property
    def behaviour(self) -> str:
        """The name without the family."""
        return self.name.partition("/")[2]

    @property
    def succeeds(self) -> bool:
        """Whether the first call already gets an answer that is one."""
        return self.source.startswith("success")


def rows(
    families: str,
    behaviours: str,
    source: str,
    *,
    key: str | None = None,
    in_stream: bool = False,
    endpoints: tuple[str, ...] | None = None,
) -> tuple[Row, ...]:
    """A row for each of these behaviours in each of these families (words apart by spaces).

    Without `endpoints` it happens everywhere, or wherever there are streams.
    """
    places = endpoints or (STREAMING if in_stream else EVERYWHERE)
    return tuple(
        Row(f"{family}/{behaviour}", source, key, in_stream, _had_by(family, places))
        for family in families.split()
        for behaviour in behaviours.split()
    )


def _had_by(family: str, places: tuple[str, ...]) -> tuple[str, ...]:
    """The places where it is worth asking this family.

    One API answers 404 at `/v1/responses`, whatever is asked; what three of the others do there is
    enough.
    """
    speaks = family in {"new-api", "rix", "openai"}
    return tuple(one for one in places if speaks or one != "responses")
