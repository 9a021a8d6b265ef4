"""Take out of a text whatever it repeats of a secret: whole or in part, plain or encoded.

Upstreams echo keys whole, cut, in quotes, letter by letter, and encoded for a URL, for JSON or for
HTML. Runs of ``SHORTEST_RUN`` characters are looked for, whatever alphabet they are of, so that no
pattern has to know what a key looks like, and what stands around them stays.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import quote

from engine.text.invisible import INVISIBLE

SHORTEST_RUN = 8
"""Characters of a secret in a row that nobody may read. A shorter secret is none: for servers that
want no key people type ``x`` or ``none``."""

MASK = "[key]"

_BLANK = rf"[\s\x00-\x1f\x7f\\`*#<>|{INVISIBLE}]+"
"""What may stand between the letters, or is taken out before a person reads them (``privacy``)."""

_BLANKS = re.compile(_BLANK)
_ESCAPED = re.compile(
    r"(?P<bytes>(?:%(?:25)*[0-9a-f]{2}|\\+x[0-9a-f]{2})+)"
    r"|\\+u(?P<unit>[0-9a-f]{4})"
    r"|(?P<entity>&(?:[a-z]{2,6}|#\d{1,7}|#x[0-9a-f]{1,6});)"
    rf"|(?P<blank>{_BLANK})",
    re.IGNORECASE,
)
_BYTE = re.compile(r"(?:%(?:25)*|\\+x)([0-9a-f]{2})", re.IGNORECASE)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with every run of eight characters or more of a secret as ``[key]``.

    Case makes no difference. The time is linear in the lengths of the text and of the secrets;
    nothing of the secrets is kept.

    Args:
        text: what somebody else said.
        secrets: those shorter than eight characters are passed over.
    """
    if len(text) < SHORTEST_RUN:
        return text
    runs = {run for secret in dict.fromkeys(secrets) for run in _runs_of(secret)}
    if not runs:
        return text
    spans = sorted([*_spans_as_written(text, runs), *_spans_decoded(text, runs)])
    parts, at = [], 0
    for begin, end in _merged(spans):
        parts += [text[at:begin], MASK]
        at = end
    return "".join([*parts, text[at:]])


def _runs_of(secret: str) -> Iterator[str]:
    """All runs of a secret, as it is and as it may be written by who received it."""
    if len(secret) < SHORTEST_RUN:
        return
    low = _lower(secret)
    forms = {low, "".join(_decoded(low)[0]), _BLANKS.sub("", low), *_in_base64(secret)}
    if "%" in secret:
        # Encoded, it has two readings: what follows its own per cent signs may be figures.
        once = quote(secret, safe="")
        forms |= {once.lower(), quote(once, safe="").lower()}
    for form in forms:
        for at in range(len(form) - SHORTEST_RUN + 1):
            yield form[at : at + SHORTEST_RUN]


def _in_base64(secret: str) -> Iterator[str]:
    """What can be seen of a secret within base64, wherever in the encoded text it begins."""
    raw = secret.encode("utf-8", "replace")
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # The first and the last letters may hold bits of what stands beside the secret.
        cut = text[before + 1 if before else 0 : -1 if (before + len(raw)) % 3 else None].lower()
        yield cut
        yield cut.replace("+", "-").replace("/", "_")


def _spans_as_written(text: str, runs: set[str]) -> Iterator[tuple[int, int]]:
    for at in _found(_lower(text), runs):
        yield at, at + SHORTEST_RUN


def _spans_decoded(text: str, runs: set[str]) -> Iterator[tuple[int, int]]:
    characters, begins, ends = _decoded(text)
    for at in _found(_lower("".join(characters)), runs):
        yield begins[at], ends[at + SHORTEST_RUN - 1]


def _found(text: str, runs: set[str]) -> Iterator[int]:
    for at in range(len(text) - SHORTEST_RUN + 1):
        if text[at : at + SHORTEST_RUN] in runs:
            yield at


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans that touch as one; they come in order."""
    begin, end = 0, -1
    for start, stop in spans:
        if start > end:
            if end > begin:
                yield begin, end
            begin, end = start, stop
        end = max(end, stop)
    if end > begin:
        yield begin, end


def _decoded(text: str) -> tuple[list[str], list[int], list[int]]:
    """Its characters without escapes and blanks, and where each begins and ends in the text."""
    characters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    at = 0
    for found in _ESCAPED.finditer(text):
        begin, end = found.span()
        characters += text[at:begin]
        begins += range(at, begin)
        ends += range(at + 1, begin + 1)
        at = end
        for character, start, stop in _meant(found):
            characters.append(character)
            begins.append(start)
            ends.append(stop)
    characters += text[at:]
    begins += range(at, len(text))
    ends += range(at + 1, len(text) + 1)
    return characters, begins, ends


def _meant(found: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """What an escape stands for, character by character, with where it is written."""
    begin, end = found.span()
    if found["blank"]:
        return
    if found["unit"]:
        yield chr(int(found["unit"], 16)), begin, end
    elif found["entity"]:
        for character in unescape(found["entity"]):
            yield character, begin, end
    else:
        places = [(one.start(), one.end(), one[1]) for one in _BYTE.finditer(found["bytes"])]
        raw = bytes(int(figures, 16) for _, _, figures in places)
        at = 0
        for character in raw.decode("utf-8", "surrogateescape"):
            last = at + len(character.encode("utf-8", "surrogateescape")) - 1
            yield character, begin + places[at][0], begin + places[last][1]
            at = last + 1


def _lower(text: str) -> str:
    """In small letters, each in its place: some have two for one."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(small if len(small := one.lower()) == 1 else one for one in text)
