"""The models of a gateway by Dify's types, and which of them to try."""

import re
from collections.abc import Iterable

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
_SMALL = re.compile(r"nano|mini|flash|lite|turbo|haiku|small|air|tiny|-[1-9]b\b", re.IGNORECASE)
_ODD = re.compile(
    r"audio|search|instruct|codex|deep-?research|thinking|reason|vision|ocr|math|preview|free",
    re.IGNORECASE,
)


def type_of(entry: dict[str, object]) -> str:
    """The type of a listed model: as the gateway says, else by its name."""
    told = entry.get("supported_endpoint_types")
    if isinstance(told, list):
        for endpoint, kind in _ENDPOINTS.items():
            if endpoint in told:
                return kind
    name = str(entry["id"])
    for kind, pattern in _NAMES:
        if re.search(pattern, name, re.IGNORECASE):
            return kind
    return "llm"


def by_type(entries: Iterable[dict[str, object]]) -> dict[str, list[str]]:
    """The names of each type, in the gateway's order; types without a model are left out."""
    found: dict[str, list[str]] = {kind: [] for kind in TYPES}
    for entry in entries:
        found[type_of(entry)].append(str(entry["id"]))
    return {kind: names for kind, names in found.items() if names}


def to_try(names: list[str]) -> str:
    """The model to ask: a small one, as it is cheap, and none for a special purpose."""
    return min(names, key=lambda name: (bool(_ODD.search(name)), not _SMALL.search(name)))
