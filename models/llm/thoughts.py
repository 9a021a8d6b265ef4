"""Thoughts in a text: the ``<think>`` tag that Dify folds away and keeps in its history."""

import re

from engine import ContentKind, Delta

_OPEN, _CLOSE = "<think>", "</think>"
_BLANK = re.compile(r"\s*")
_BLANK_BLOCK = re.compile(r"\A\s*<think>\s*</think>\s*")
_MAY_BE_BLANK = re.compile(
    r"\s*(?:<(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?|<think>\s*(?:<(?:/(?:t(?:h(?:i(?:n(?:k)?)?)?)?)?)?)?"
    r"|(?:<think>\s*)?</think>\s*)?"
)
"""A text that begins as a blank block does."""

_QUOTES = frozenset("`'\"“”‘’「」")


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


def with_beginning(text: str) -> str:
    """A text whose thoughts only end, with the tag that begins them.

    So it is where a model's template opens the tag itself, see ``_apart``. A tag in quotes is
    only spoken of.
    """
    end = text.find(_CLOSE)
    if end < 0 or _OPEN in text[:end]:
        return text
    around = text[max(0, end - 1) : end] + text[end + len(_CLOSE) : end + len(_CLOSE) + 1]
    return text if _QUOTES & set(around) else f"{_OPEN}\n{text}"


class ThinkTags:
    """Wraps reasoning in the tag, and mends the tag where a text brings its own.

    Blank reasoning is left out, wherever it comes from. A closing tag without its opening one
    gets it, as long as what stands before it has not been handed on.
    """

    def __init__(self) -> None:
        self._open = False
        self._blank = ""
        self._beginning: str | None = ""

    def text(self, delta: Delta) -> str:
        """The piece as Dify's text; empty as long as it may turn out to be blank reasoning."""
        if delta.content_kind is ContentKind.REASONING:
            return self._thought(delta.text)
        if self._beginning is None:
            return self.close() + delta.text if self._open or self._blank else delta.text
        return self._begin(self._beginning + delta.text)

    def close(self) -> str:
        """What ends the reasoning, if it is open, and what of the text was held back."""
        was_open, self._open = self._open, False
        self._blank = ""
        beginning, self._beginning = self._beginning, None
        return ("\n</think>" if was_open else "") + _without_blank(beginning or "")

    def _thought(self, text: str) -> str:
        if self._open:
            return text
        self._blank += text
        if not self._blank.strip():
            return ""
        text, self._blank, self._open = self._blank, "", True
        return f"{_OPEN}\n{text}"

    def _begin(self, text: str) -> str:
        """The beginning of the text, once it can no longer be that of a blank block."""
        if _MAY_BE_BLANK.fullmatch(text):
            self._beginning = text
            return ""
        self._beginning = None
        return self.close() + _without_blank(with_beginning(text))


def _without_blank(text: str) -> str:
    """A text without the blank block that it begins with."""
    return _BLANK_BLOCK.sub("", text, count=1)
