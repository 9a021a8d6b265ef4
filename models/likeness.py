"""Which model of the catalogue a name is like, so that a user types a name and nothing else.

Gateways spell one model in many ways: with a vendor in front (`deepseek-ai/DeepSeek-V4-Flash`), a
date behind (`gpt-4o-2026-08-06`), with switches (`-thinking`, `-high`), tiers (`-free`), brackets
of their own, and a point or a dash in a version (`claude-opus-4.6`, `claude-opus-4-6`).
"""

import functools
import re
from collections.abc import Iterable
from typing import Protocol

_BRACKETS = re.compile(r"[\[(【（].*?[\])】）]")
_DATE = re.compile(r"(?<=[a-z0-9])[-@](20\d\d-?\d\d-?\d\d|\d{6}|\d{4})(?![\d.a-z])")
_DASHED_VERSION = re.compile(r"(?<![\d.])(\d{1,2})-(\d{1,2})(?![\d.a-z])")
_SEPARATORS = re.compile(r"[-_\s:@]+")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_SIZE = re.compile(r"(\d{1,4})k")
_SEEING = re.compile(r"vl|vision|omni|multimodal|\d+(?:\.\d+)?v")

type _Words = tuple[str, ...]
type _Version = tuple[int, ...]


class Named(Protocol):
    """What has a model's name: the SDK's entity, or a model's file as it was read."""

    @property
    def model(self) -> str:
        """The name."""


class Catalogue[M: Named]:
    """The predefined models of one type, to compare names with."""

    def __init__(self, models: Iterable[M]) -> None:
        self.models = tuple(models)
        self._models = tuple((model, _words(model.model)) for model in self.models)
        self.like = functools.lru_cache(maxsize=1024)(self._like)
        """The model whose figures hold for a name, or `None`.

        It is the longest name that is a part of the given one, word by word. Else it is the one of
        its line that is nearest in version (`qwen4-max` is like `qwen3.8-max`, `glm-4.6` like
        `glm-4.7`), but no later generation: its context is larger. What is called `latest` without
        a version is the latest of its line.
        """

    def _like(self, name: str) -> M | None:
        words = _words(name)
        parts = [(model, theirs) for model, theirs in self._models if _holds(words, theirs)]
        if parts:
            return max(parts, key=lambda part: len(part[1]))[0]
        line, version = _line(words)
        relatives = [
            (nearness, model)
            for model, theirs in self._models
            if (nearness := _nearness(line, version, *_line(theirs))) is not None
        ]
        return min(relatives, key=lambda relative: relative[0])[1] if relatives else None


def sees(name: str) -> bool:
    """Whether a name itself says that its model reads pictures, as in `qwen2.5-vl-72b-instruct`."""
    return any(_SEEING.fullmatch(word) for word in _words(name))


def told_size(name: str) -> int | None:
    """Tokens of context that a name itself tells, as in `moonshot-v1-32k`; at least a thousand."""
    sizes = [int(found[1]) for word in _words(name) if (found := _SIZE.fullmatch(word))]
    return max(sizes, default=0) * 1000 or None


def _words(name: str) -> _Words:
    """A name without vendor, brackets and date, in small letters, versions with a point."""
    bare = _BRACKETS.sub("", name).strip().lower().rsplit("/", 1)[-1]
    bare = _DASHED_VERSION.sub(r"\1.\2", _DATE.sub("", bare))
    return tuple(word for word in _SEPARATORS.split(bare) if word)


def _holds(words: _Words, part: _Words) -> bool:
    """Whether `part` stands somewhere in `words`."""
    return any(
        words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1)
    )


def _line(words: _Words) -> tuple[str, _Version]:
    """A name without its first number, and that number: `qwen3.8-max` is (`qwen#-max`, (3, 8))."""
    name = "-".join(words)
    found = _VERSION.search(name)
    if found is None:
        return name, ()
    version = tuple(int(figure) for figure in found[0].split("."))
    return f"{name[: found.start()]}#{name[found.end() :]}", version


def _nearness(
    line: str, version: _Version, their_line: str, their_version: _Version
) -> tuple[int, ...] | None:
    """How near a known model is, the least being the nearest; `None` if it is no relative."""
    if not their_version:
        return None
    their_major, their_minor = (*their_version, 0)[:2]
    if not version:
        bare = line.removesuffix("-latest")
        is_latest = bare != line and bare == their_line.replace("-#", "").replace("#", "")
        return (-their_major, -their_minor) if is_latest else None
    if not f"{line}-".startswith(f"{their_line}-"):
        return None
    major, minor = (*version, 0)[:2]
    if their_major > major:
        return None
    distance = abs(minor - their_minor) if their_major == major else -their_minor
    return (-len(their_line), major - their_major, distance, int(their_minor > minor))
