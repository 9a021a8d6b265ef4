"""The models of a gateway by Dify's types, and which of them to try."""

import re
from collections.abc import Iterable, Mapping

TYPES = ("llm", "text-embedding", "rerank", "speech2text", "tts", "moderation", "other")
"""Dify's types; ``other`` is what Dify has no type for, such as images and videos."""

_ENDPOINTS = {
    "embeddings": "text-embedding",
    "jina-rerank": "rerank",
    "image-generation": "other",
    "openai-video": "other",
    "openai": "llm",
    "anthropic": "llm",
    "gemini": "llm",
    "openai-response": "llm",
}
"""New API's ``supported_endpoint_types``; the first that is there decides."""

_NAMES: tuple[tuple[str, str], ...] = (
    ("rerank", r"rerank"),
    ("text-embedding", r"embed|bge-|(?:^|[-/])(?:m3e|gte|e5)-|text2vec|voyage-\d"),
    ("speech2text", r"whisper|transcri|(?:^|-)asr\b|paraformer|sensevoice"),
    ("tts", r"(?:^|[-_/])tts|cosyvoice|speech-\d|sambert"),
    ("moderation", r"moderation"),
    (
        "other",
        r"dall-e|gpt-image|flux|stable-?diffusion|(?:^|/)sd\d|midjourney|(?:^|/)mj_|seedream"
        r"|seedance|kolors|cogview|cogvideo|imagen|sora|kling|(?:^|/)veo|hailuo|vidu|suno|realtime"
        r"|-image|image-|ideogram|recraft|runway|jimeng|wanx",
    ),
)
KNOWN_CHEAP = (
    "gpt-4o-mini",
    "gpt-4.1-mini",
    "deepseek-v4-flash",
    "deepseek-chat",
    "qwen3.8-flash",
    "qwen3.5-plus",
    "glm-5.3-flash",
    "gemini-3.5-flash-lite",
    "gemini-2.5-flash",
    "claude-haiku-5-5",
    "claude-haiku-4-5-20251001",
    "gpt-5-mini",
    "mistral-small-2603",
)
"""Cheap chat models of the plugin's catalogue that call tools and answer at once, the best known
first."""

_SMALL = re.compile(r"nano|mini|flash|lite|turbo|haiku|small|air|tiny|-[1-9]b\b", re.IGNORECASE)
_ODD = re.compile(
    r"audio|search|instruct|codex|deep-?research|thinking|reason|vision|ocr|math|preview|free",
    re.IGNORECASE,
)


def told_type(entry: Mapping[str, object]) -> str | None:
    """The type of a model as New API's endpoint types say it; ``None`` if they say nothing."""
    told = entry.get("supported_endpoint_types")
    if isinstance(told, list):
        for endpoint, kind in _ENDPOINTS.items():
            if endpoint in told:
                return kind
    return None


def type_by_name(name: str) -> str:
    """The type that a name tells; what says nothing is a chat model."""
    for kind, pattern in _NAMES:
        if re.search(pattern, name, re.IGNORECASE):
            return kind
    return "llm"


def type_of(entry: dict[str, object]) -> str:
    """The type of a listed model: as the gateway says, else by its name."""
    return told_type(entry) or type_by_name(str(entry["id"]))


def by_type(entries: Iterable[dict[str, object]]) -> dict[str, list[str]]:
    """The names of each type, in the gateway's order; types without a model are left out."""
    found: dict[str, list[str]] = {kind: [] for kind in TYPES}
    for entry in entries:
        found[type_of(entry)].append(str(entry["id"]))
    return {kind: names for kind, names in found.items() if names}


def to_try(names: list[str]) -> str:
    """The model to ask: a small one, as it is cheap, and none for a special purpose."""
    return min(names, key=lambda name: (bool(_ODD.search(name)), not _SMALL.search(name)))


def plausible_chat_models(names: list[str]) -> list[str]:
    """The chat models that a check may ask, the cheap and known ones first.

    Those for a special purpose are left out, unless there is nothing else.
    """
    usual = [name for name in names if not _ODD.search(name)] or names
    return sorted(usual, key=lambda name: (_rank(name), not _SMALL.search(name)))


def is_safe_choice(names: list[str]) -> bool:
    """Whether the first plausible one may be asked without a person's word: it is cheap, or alone.

    Args:
        names: as ``plausible_chat_models`` gives them.
    """
    return len(names) == 1 or _rank(names[0]) < len(KNOWN_CHEAP) or bool(_SMALL.search(names[0]))


def _rank(name: str) -> int:
    """The place among the known ones; a gateway may put a vendor's name in front."""
    bare = name.lower().rpartition("/")[2]
    return KNOWN_CHEAP.index(bare) if bare in KNOWN_CHEAP else len(KNOWN_CHEAP)
