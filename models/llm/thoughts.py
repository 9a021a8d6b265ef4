"""Thoughts in a text: the ``<think>`` tag that Dify folds away and keeps in its history."""

import re

from gateway.pieces import Channel, Piece

_THOUGHTS = re.compile(r"<think>(.*?)</think>\s*", re.DOTALL)


def without_thoughts(text: str) -> str:
    """A text of Dify's history without the thoughts in it; models take them for their answer."""
    return _THOUGHTS.sub("", text) if "<think>" in text else text


def thoughts_in(text: str) -> str:
    """The thoughts in a text of Dify's history; empty if there are none."""
    return "\n".join(thought.strip() for thought in _THOUGHTS.findall(text))


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
