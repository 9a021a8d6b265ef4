"""How the recorded cases of five more gateways are asked of the simulator.

A pattern is matched against gateway and case, as in ``one-hub own-key-wrong``; the first decides.
A case without one is simply its model with a good key.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from simulator.results import score_of


@dataclass(frozen=True)
class Ask:
    """How a case is asked for where it is not simply its model with a good key."""

    model: str | None = None
    key: str = "sk-good"
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    before: int = 0
    """Calls to be made first."""


_NO_KEY = Ask(key="")
_BARE_KEY = Ask(key="", headers={"Authorization": "sk-good"})
_OTHER_HEADER = Ask(key="", headers={"X-Api-Key": "sk-good"})
_RANKED = sorted("abc", key=score_of, reverse=True)
_CHINESE = {"Accept-Language": "zh-CN"}

NEWER_ASKS: tuple[tuple[str, Ask], ...] = (
    (r"own-key-(missing|empty-bearer)|info-models-no-key", _NO_KEY),
    (r"own-key-x-api-key-only|own-key-azure-style", _OTHER_HEADER),
    (r"own-key-without-bearer", _BARE_KEY),
    (r"own-(\w+-)?key-wrong|info-models-wrong-key", Ask(key="sk-wrong")),
    (r"-(zh-CN|en)-nochannel-ok", Ask(key="sk-nochannel")),
    (r"-(zh-CN|en)-expired-ok", Ask(key="sk-expired")),
    (r"-(zh-CN|en)-onlyok-", Ask(key="sk-onlyok")),
    (r"own-model-not-allowed|own-token-onlyok|info-models-onlyok", Ask(key="sk-onlyok")),
    (r"own-\w+-nomoney", Ask(key="sk-nomoney")),
    (r"own-token-tiny(-call2)?$", Ask(key="sk-tiny")),
    (r"own-token-tiny-huge", Ask(key="sk-tiny", body={"max_tokens": 10_000_000})),
    (r"own-token-expired|info-models-expired", Ask(key="sk-expired")),
    (r"own-token-disabled|info-models-disabled", Ask(key="sk-disabled")),
    (r"own-token-banned", Ask(key="sk-banned")),
    (r"own-token-iplimited", Ask(key="sk-iplimited")),
    (r"own-token-ggone|info-models-ggone", Ask(key="sk-groupoff")),
    (r"(own-token|info-models)-exhausted", Ask(key="sk-exhausted-send")),
    (r"(own-token|own-group|info-models)-(gempty|nochannel)", Ask(key="sk-nochannel")),
    (r"own-group-gvip", Ask(key="sk-vip")),
    (r"own-group-field-in-body", Ask("only-in-vip", body={"group": "vip"})),
    (r"own-model-empty", Ask(body={"model": ""})),
    (r"own-model-missing", Ask(body={"model": None})),
    (r"own-model-unpriced", Ask("unpriced-model")),
    (r"own-messages-missing", Ask(body={"messages": None})),
    (r"own-messages-empty", Ask(body={"messages": []})),
    (r"own-messages-wrong-type", Ask(body={"messages": "hi"})),
    (r"own-max_tokens-negative", Ask(body={"max_tokens": -1})),
    (r"own-max_tokens-string", Ask(body={"max_tokens": "many"})),
    (r"own-json-broken", Ask(raw=b'{"model": "ok"')),
    (r"own-json-array", Ask(raw=b"[]")),
    (r"own-json-empty-body", Ask(raw=b"")),
    (r"own-content-type-missing", Ask(headers={"Content-Type": "text/plain"})),
    (r"own-body-too-large", Ask(raw=b"{", headers={"Content-Length": str(129 * 1024 * 1024)})),
    (r"own-accept-language-en$", Ask(key="sk-wrong")),
    (r"embeddings-input-empty-list", Ask(body={"input": []})),
    (r"embeddings-ok-base64", Ask(body={"input": "a", "encoding_format": "base64"})),
    (r"embeddings-ok-dimensions", Ask(body={"input": "a", "dimensions": 2})),
    (r"rerank-documents-empty", Ask(body={"documents": []})),
    (
        r"rerank-ok-return_documents",
        Ask(body={"documents": _RANKED, "return_documents": True}),
    ),
    (r"rerank-ok$", Ask(body={"documents": sorted("ab", key=score_of, reverse=True)})),
    (r"chat-ok-slow", Ask("ok-slow-20")),
    (r"ping-chat-ok-slow", Ask("ping-40-ok-slow-20")),
    (r"ping-chat-slow-first-token", Ask("ping-20-give-up-80")),
    (r"own-too-many-concurrent", Ask("too-many")),
    (r"own-timeout", Ask("deployment-timeout")),
    (r"own-deployment-budget-call[23]", Ask("budget-deployment")),
    (r"limit-deployment-rpm-(call[34]|stream)", Ask("limit-deployment")),
    (r"limit-deployment-parallel-second", Ask("limit-parallel")),
    (r"limit-precall-rpm-call[34]", Ask("limit-precall")),
    (r"cooldown-call3", Ask("limit-cooldown")),
    (r"cooldown-call[12]", Ask("sat-forever")),
    (r"litellm limit-key-rpm-(call3|stream)", Ask("limit-success")),
    (r"(rpm|budget|parallel)-(call\d|first|recovery)", Ask("ok")),
    (r"new-api-2026-08 limit-redis-failures-call7", Ask("limit-total")),
    (r"new-api-2026-08 limit-redis-ok-call5", Ask("limit-success")),
    (r"new-api-2026-08 limit-(ok-call4|stream|failures-call[4-9])", Ask("limit-empty")),
    (r"hub limit-(ok-call[456]|stream-after|\w+-after)", Ask("limit-success")),
)


def newer_ask(family: str, case: str) -> Ask:
    """How that case is asked for; in Chinese where its name says so."""
    found = next((ask for row, ask in NEWER_ASKS if re.search(row, f"{family} {case}")), Ask())
    if "zh-CN" in case or case.endswith("language-zh"):
        return Ask(found.model, found.key, found.body, _CHINESE)
    return found
