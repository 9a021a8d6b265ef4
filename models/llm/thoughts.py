"""Thoughts in a text: the ``<think>`` tag that Dify folds away and keeps in its history."""

import re

from gateway.pieces import Channel, Piece

_OPEN, _CLOSE = "<think>", "</think>"
_BLANK = re.compile(r"\s*")


def without_thoughts(text: str) -> str:
    """A text of Dify's history without the thoughts in it; models take them for their answer."""
    return _apart(text)[1]


def thoughts_in(text: str) -> str:
    """The thoughts in a text of Dify's history; empty if there are none."""
    return "\n".join(thought.strip() for thought in _apart(text)[0])


def _apart(text: str) -> tuple[list[str], str]:
    """The thoughts, and the rest; in one pass, as a text may hold many tags.

    Where a model's template opens the tag itself (DeepSeek R1, QwQ, Qwen3 Thinking) and no server
    takes the thoughts apart, only their end is in the text, alone on a line.
    """
    thoughts: list[str] = []
    rest: list[str] = []
    at, end = 0, text.find(_CLOSE)
    if text.startswith(f"\n{_CLOSE}\n", max(0, end - 1)) and _OPEN not in text[:end]:
        thoughts.append(text[:end])
        at = _after(text, end)
    while (start := text.find(_OPEN, at)) >= 0 and (end := text.find(_CLOSE, start)) >= 0:
        rest.append(text[at:start])
        thoughts.append(text[start + len(_OPEN) : end])
        at = _after(text, end)
    return thoughts, "".join([*rest, text[at:]])


def _after(text: str, end: int) -> int:
    """Where the text goes on behind a closing tag."""
    blank = _BLANK.match(text, end + len(_CLOSE))
    return blank.end() if blank else len(text)


class ThinkTags:
    """Wraps reasoning in the tag."""

    def __init__(self) -> None:
        self._open = False

    def text(self, piece: Piece) -> str:
        """The piece as Dify's text."""
        opens = piece.channel is Channel.REASONING and not self._open
        closes = self.close() if piece.channel is Channel.TEXT else ""
        self._open = self._open or opens
        return f"{'<think>\n' if opens else closes}{piece.text}"

    def close(self) -> str:
        """What ends the reasoning, if it is open."""
        was_open, self._open = self._open, False
        return "\n</think>" if was_open else ""
