"""What kind each refusal recorded from five more gateways is: patterns, first match wins.

A pattern is matched against gateway, status and case, as in ``litellm 429 chat-sat-quota-stream``.
"""

import re

GATEWAYS = ("new-api-2026-08", "litellm", "one-hub", "done-hub", "gpt-load")
REFUSED = 300
"""The least status of a refusal."""

KINDS: tuple[tuple[str, str], ...] = (
    # Keys: the user's own.
    (r"^(new-api-2026-08|one-hub|done-hub|gpt-load) 401 \S*key-", "key_refused"),
    (r"^new-api-2026-08 401 (own-token|own-lang|own-accept|info)-", "key_refused"),
    (r"^litellm 400 (own-key|info-models)-wrong|^litellm 401 \S+-expired", "key_refused"),
    (r"hub 401 (own-token|info-\w+)-(expired|disabled|banned|no-key|wrong-key)", "key_refused"),
    (r"^gpt-load 401 info-models-wrong-key", "key_refused"),
    # Quota: the user's own; one-hub says it in the words of saturation.
    (r"hub 401 (own-token|info-\w+)-(exhausted|tiny)|-(40[23]|429) own-\w+-nomoney", "own_quota"),
    (r"^(new-api-2026-08 403|one-hub 429|done-hub 402) own-\w+-(nomoney|tiny)", "own_quota"),
    # What the key may not do.
    (r" 403 own-(token|model|lang)-|^done-hub 403 info-models-ggone", "access_denied"),
    (r"^one-hub 404 own-model-not-allowed", "access_denied"),
    # done-hub makes one 503 of all that is neither a 429 nor a 400: its words say nothing. The
    # model list of a key is among it, and cannot be told from a broken upstream.
    (r"^done-hub 503 rerank-(?!unknown-model-x)", "wrong_api"),
    (r"^done-hub 503 rerank-", "model_not_found"),
    (r"^done-hub 503 ", "server_error"),
    # A rerank by a channel that cannot.
    (r"^litellm 500 rerank-", "wrong_api"),
    (r"^one-hub 503 rerank-(?!unknown-model-x)", "wrong_api"),
    # Channels and models. New API's code is "model_not_found", yet the name may be right.
    (
        r"^new-api-2026-08 503 ((own|ban|\w+)-\S*(channel|unknown|gempty|body|zh|ok-after))",
        "no_channel",
    ),
    (r"^one-hub 503 \S+-(unknown\S*|gempty\S*)", "no_channel"),
    (r"^gpt-load 503 \S+-(keys|nokeys|after)$", "no_channel"),
    (r" 404 \S*(unknown-model-x|own-model-\w+|own-token-gempty|e404-model)", "model_not_found"),
    (r"^gpt-load 404 own-json-broken|^new-api-2026-08 400 own-model-unpriced", "model_not_found"),
    # Limits: the gateway's own, and upstream's. one-hub and done-hub put their own words over
    # upstream's. No words tell done-hub's upstream without money from a full one.
    (r"^new-api-2026-08 429 ban-quota|^(?!done-hub)\S+ 429 \S+-sat-quota", "upstream_quota"),
    (r"^litellm 429 own-deployment-budget", "upstream_quota"),
    (r"^litellm 429 chat-e413-json", "too_large"),
    (r"^(one|done)-hub 429 limit-", "rate_limited"),
    (r"^one-hub 429 \S*sat-(html|empty|message-only)", "rate_limited"),
    (r"hub 429 ", "saturated"),
    (r" 429 ", "rate_limited"),
    # Upstream refuses the operator.
    (r" 401 \S+-e401|^\S+ 403 chat-e403", "upstream_refused"),
    (r"^(new-api-2026-08|litellm|one-hub) 404 \S+-e404-html", "upstream_refused"),
    # Overloaded. one-hub and done-hub make 400 of an error inside a 200; its code tells.
    (r"^(one|done)-hub 400 \S+-error-in-200-no-type", "rate_limited"),
    (r"^(one|done)-hub 400 \S+-error-in-200", "overloaded"),
    (r" 503 \S+-e503-overloaded| 5\d\d chat-claude-(529|error-first)", "overloaded"),
    (r"^litellm 500 chat-sse-error-first|^gpt-load 500 own-too-many-concurrent", "overloaded"),
    # Wrong addresses.
    (r"^gpt-load 500 own-group-unknown", "wrong_url"),
    (r" (30\d|404|405) (own-path|info)-|^gpt-load 404 \S+-e404-html", "wrong_url"),
    (r"^new-api-2026-08 501 own-path-", "wrong_api"),
    # The request itself, also when it is dressed as 500.
    (r" 400 chat-e400-context", "context_too_long"),
    (r" 413 |^new-api-2026-08 400 own-body-too-large", "too_large"),
    (r"^new-api-2026-08 500 (own-messages|rerank-documents)-", "bad_request"),
    # LiteLLM calls a broken answer of upstream an invalid request.
    (r"^litellm (400 embeddings-html-200|422 chat-error-in-200-string)", "server_error"),
    (r" 400 ", "bad_request"),
    # Time is up; the rest is a fault of the gateway or of its upstream. A bare 500 of LiteLLM is
    # what a call without a key gets, and what any fault of its own looks like.
    (r" (408|504|524) ", "upstream_timeout"),
    (r" 5\d\d ", "server_error"),
)

BARE = {401: "key_refused", 403: "access_denied", 429: "own_quota"}
"""What gpt-load passes on of the operator's account, for whoever does not see its URL."""


def row_of(told: str) -> tuple[str, str] | None:
    """The row that decides about the answer of that gateway, status and case."""
    return next((row for row in KINDS if re.search(row[0], told)), None)
