"""`GET /v1/models`: the names that each family lists, in its own shape."""

from typing import Any

from simulator.answer import Answer, Framing, dump
from simulator.newapi import NEW_APIS
from simulator.oneapi import JSON_HEADERS

CREATED = 1626777600
MODELS = (
    "ok",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-4.1-nano",
    "gpt-5",
    "gpt-5-mini",
    "gpt-5-nano",
    "gpt-5.1",
    "gpt-5.2",
    "o3",
    "o4-mini",
    "claude-haiku-4-5",
    "claude-haiku-4-5-20251001",
    "claude-sonnet-4-5",
    "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-6",
    "claude-opus-4-5",
    "claude-opus-4-6",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.5-pro",
    "gemini-3-flash-preview",
    "gemini-3-pro-preview",
    "deepseek-chat",
    "deepseek-reasoner",
    "deepseek-v3.2",
    "qwen-max",
    "qwen-plus",
    "qwen-turbo",
    "qwen3-max",
    "qwen3-235b-a22b",
    "glm-4.6",
    "glm-4.7",
    "kimi-k2",
    "kimi-k2.5",
    "doubao-seed-1-6",
    "grok-4",
    "MiniMax-M2",
    "gpt-3.5-turbo-instruct",
    "text-embedding-3-small",
    "text-embedding-3-large",
    "bge-reranker-v2-m3",
    "whisper-1",
    "tts-1",
    "omni-moderation-latest",
)
"""The names that are listed: `ok`, and models that can do what is asked of them (`able`)."""

PLAIN: dict[str, dict[str, Any]] = {
    "openai": {},
    "cdn": {},
    "gpt-load": {"owned_by": "up"},
    "litellm": {"owned_by": "openai"},
    "one-hub": {"owned_by": "未知"},
    "done-hub": {"owned_by": "未知"},
}
"""Families whose entries have these fields and no others."""

_BUFFERED = 2048
_CHUNKING = frozenset({"new-api-2026-08", "one-hub", "done-hub", "gpt-load"})
"""Families whose longer lists were recorded in chunks, and bytes of those that were not."""

_OPENAI_MODELS = frozenset({"gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "o3", "o4-mini"})
"""Those that the gateways know of themselves (`/v1/models/{name}` finds no others)."""


def listing(family: str, names: tuple[str, ...]) -> Answer:
    """The list of these models."""
    data = [_entry(family, name) for name in names]
    value: dict[str, Any] = {"object": "list", "data": data}
    if family in {"one-api", "rix", "shell"}:
        value = {"data": data, "object": "list"}
    elif family in NEW_APIS:
        value = {"data": data, "object": "list", "success": True}
    body = dump(value)
    chunked = len(body) > _BUFFERED and family in _CHUNKING
    headers = (("content-type", "application/json"),) if family == "litellm" else JSON_HEADERS
    return Answer(200, headers, (body,), framing=Framing.CHUNKED if chunked else Framing.LENGTH)


def one(family: str, name: str) -> Answer:
    """`GET /v1/models/{name}`: an error inside a 200 for all but the gateway's built-in names."""
    if family == "litellm":
        headers = (("content-type", "application/json"),)
        return Answer(200, headers, (dump(_entry(family, name)),))
    if name in _OPENAI_MODELS or family in {"openai", "cdn"}:
        return Answer(200, JSON_HEADERS, (dump(_built_in(family, name)),))
    error = {
        "message": f"The model '{name}' does not exist",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }
    return Answer(200, JSON_HEADERS, (dump({"error": error}),))


def _entry(family: str, name: str) -> dict[str, Any]:
    head = {"id": name, "object": "model", "created": CREATED, "owned_by": "custom"}
    if family in NEW_APIS:
        return head | {"supported_endpoint_types": []}
    if family in PLAIN:
        return head | PLAIN[family]
    return head | {"permission": None, "root": name, "parent": None}


def _built_in(family: str, name: str) -> dict[str, Any]:
    head = {"id": name, "object": "model", "created": CREATED, "owned_by": "openai"}
    if family == "new-api-2026-08":
        head |= {"owned_by": "advanced_custom"}
    if family in NEW_APIS:
        return head | {"supported_endpoint_types": None}
    if family in {"openai", "cdn"}:
        return head
    permission = {
        "id": "modelperm-LwHkVFn8AcMItP432fKKDIKJ",
        "object": "model_permission",
        "created": CREATED,
        "allow_create_engine": True,
        "allow_sampling": True,
        "allow_logprobs": True,
        "allow_search_indices": False,
        "allow_view": True,
        "allow_fine_tuning": False,
        "organization": "*",
        "group": None,
        "is_blocking": False,
    }
    return head | {"permission": [permission], "root": name, "parent": None}
