"""Facts §1, row by row, and what §7 adds to it: errors that carry a status of their own."""

from simulator.catalogue.row import EVERYWHERE, STREAMING, Row, rows

_REWRITTEN = "§1 429 OA, NA1, RX, SH: message overwritten, type and code of the upstream"
_LIMITER = "§1 429 NA: the limiter per user"
_KEY = "§1 401: the user's own key"
_KEY_QUOTA = "§1 401: quota of the key, not its validity"
_OPERATOR = "§1 401/402/403/404: upstream's own words, the operator's key"
_QUOTA_403 = "§1 403: quota of the user or the token"
_FORBIDDEN = "§1 403: not allowed"
_NO_CHANNEL = "§1 503: no channel for this model in this group"
_AS_500 = "§1 500: a bad request all the same"
_RELAY = "§1 500: the relay's own errors"
_PAGE = "§1 upstream body not OpenAI-shaped"
_CDN = "§1 502/504/520-526: nginx and Cloudflare"
_IN_200 = "§1 200 + error"

SATURATED: tuple[Row, ...] = (
    *rows("rix shell one-api", "sat-forever", _REWRITTEN),
    *rows("rix shell one-api", "sat-quota", _REWRITTEN + " (insufficient_quota: the operator's)"),
    *rows("rix shell one-api", "sat-param-404", _REWRITTEN + " (param 404: a remapped status)"),
    *rows("rix one-api", "sat-empty sat-html sat-anthropic-body sat-gemini-body", _REWRITTEN),
    *rows("rix one-api", "sat-message-only", _REWRITTEN),
    *rows("one-api", "remap-429 claude-429", _REWRITTEN, endpoints=("chat",)),
    *rows("rix", "sat-null-code", _REWRITTEN + " (rix_api_error/null)"),
    *rows("new-api", "sat-new_api_error", _REWRITTEN + " (new_api_error/null: NA1)"),
    *rows("one-api", "sat-old-text", _REWRITTEN + " (the older text)"),
    *rows("new-api", "sat-forever sat-quota sat-empty sat-html", "§1 429 NA2: not rewritten"),
    *rows("new-api", "sat-anthropic-body sat-gemini-body", "§1 429 NA2: not rewritten"),
    *rows("new-api", "sat-message-only sat-detail", "§1 429 NA2: not rewritten"),
    *rows("new-api", "claude-429", "§1 429 NA2: not rewritten", endpoints=("chat",)),
    *rows("new-api", "remap-429", "§1: operators may remap any status (429 to 503)"),
    *rows("openai", "sat-forever sat-quota sat-message-only sat-detail sat-empty", "openai: 429"),
    *rows("cdn", "sat-forever", "cdn: a 429 page instead of JSON"),
    *rows("rix", "sat-message-empty sat-message-rid", '§1 429 RX: message "" or only the id'),
    *rows("rix", "sat-rejected-by-tpm sat-rejected", "§1 429 RX: TPM limit reached"),
    *rows("new-api", "limit-success", _LIMITER),
    *rows("new-api", "limit-total", _LIMITER + ", which counts failures"),
    *rows("new-api one-api", "limit-empty", "§1 429 empty body; §7: NA2 without Redis too"),
    *rows("rix", "limit-token", "§1 DMXAPI per-token limiter: text freely chosen"),
    *rows("rix", "sat-forever", "§1 429: a saturated key, whatever the model", key="sk-saturated"),
    *rows("rix", "sat-1-then-ok sat-3-then-ok", "§1 429, then capacity comes back"),
    *rows("rix openai", "sat-1-then-ok-ra-1", "Retry-After in seconds"),
    *rows("openai", "sat-1-then-ok-ra-0.2", "Retry-After with a fraction"),
    *rows("openai", "sat-1-then-ok-rams-150", "retry-after-ms"),
    *rows("openai", "sat-1-then-ok-radate", "Retry-After as HTTP-date (RFC 9110 §10.2.3)"),
    *rows("openai", "sat-forever-ra-120 sat-forever-radate-600", "Retry-After beyond any budget"),
    *rows("one-api new-api openai", "claude-529 e529", "529 overloaded", endpoints=("chat",)),
    *rows("one-api new-api rix openai", "e503-overloaded", "503 overloaded"),
    *rows("rix openai", "e502-overloaded e500-overloaded", "502/500 whose text says overloaded"),
    *rows("rix openai", "e503-rate-limit", "§1 503: AiHubMix documents it for rate limits"),
    *rows("one-api", "hidden-429", "§1 500 request_error: hides upstream 429"),
    *rows("new-api", "multipart-eof", "§7 429 hidden: NA transcription with retries"),
    *rows(
        "new-api", "system-cpu-overloaded", "§1 503 NA >= 2026-02; §7: really comes, before auth"
    ),
    *rows("new-api", "system-memory-overloaded system-disk-overloaded", "§1 503 NA >= 2026-02"),
)

KEYS: tuple[Row, ...] = (
    *(
        row
        for key in ("sk-wrong", "sk-expired", "sk-disabled", "")
        for row in rows(
            "one-api new-api rix shell openai",
            "ok",
            _KEY,
            key=key,
            endpoints=(*EVERYWHERE, "models"),
        )
    ),
    *rows("rix", "key-wrong-site", "§1 401 DMXAPI: a .cn key on .com"),
    *rows(
        "one-api new-api", "key-check-failed key-check-database", "§1 401: a fault of the database"
    ),
    *rows(
        "one-api new-api rix",
        "ok",
        _KEY_QUOTA,
        key="sk-exhausted",
        endpoints=(*EVERYWHERE, "models"),
    ),
    *rows("one-api new-api rix", "key-exhausted key-exhausted-again", _KEY_QUOTA),
    *rows("one-api new-api rix shell openai", "e401", _OPERATOR),
    *rows("one-api new-api rix", "e401-anthropic e402 e403 e403-permission e404-model", _OPERATOR),
    *rows("openai", "e402 e403 e404-model", "openai: the same without a gateway"),
    *rows("one-api new-api shell rix openai", "ok", _QUOTA_403, key="sk-nomoney"),
    *rows("one-api new-api", "ok", _QUOTA_403 + " (estimate)", key="sk-tiny"),
    *rows("one-api new-api", "ok", _QUOTA_403 + " (estimate)", key="sk-poor"),
    *rows("new-api", "quota-subscription", _QUOTA_403),
    *rows("one-api new-api rix", "ok", _FORBIDDEN + ": user banned", key="sk-banned"),
    *rows("one-api new-api rix", "ok", _FORBIDDEN + ": address", key="sk-iplimited"),
    *rows("one-api new-api rix", "gpt-4o", _FORBIDDEN + ": model", key="sk-onlyok"),
    *rows("new-api", "group-disabled group-forbidden group-deprecated", _FORBIDDEN + ": group"),
    *rows("new-api", "ok", _FORBIDDEN + ": group", key="sk-nogroup"),
    *rows("one-api new-api", "ok", _FORBIDDEN + ": channel off", key="sk-pinned-off"),
    *rows("one-api new-api", "ok", _FORBIDDEN + ": channel named by the key", key="sk-pinned"),
    *rows("one-api new-api", "ok", "§7: channel unknown", key="sk-pinned-unknown"),
)

LISTS: tuple[Row, ...] = (
    *rows("one-api", "ok", _IN_200 + ": /v1/models", key="sk-nolist", endpoints=("models",)),
    *rows("rix", "ok", "seen: a 404 there is accepted", key="sk-nolist-404", endpoints=("models",)),
    *rows("rix", "ok", "seen: silence after connecting", key="sk-silent"),
)

CHANNELS: tuple[Row, ...] = (
    *rows("one-api new-api rix shell", "unknown-model-x", _NO_CHANNEL),
    *rows("one-api new-api rix", "ok", _NO_CHANNEL, key="sk-nochannel"),
    *rows("one-api", "no-channel-inconsistent", _NO_CHANNEL),
    *rows("rix", "no-channel-distributor model-not-support", _NO_CHANNEL),
    *rows("new-api", "no-channel-auto-retry", "§7: cross_group_retry ends in get_channel_failed"),
    *rows("openai", "unknown-model-x", "openai: 404 model_not_found"),
)

REQUESTS: tuple[Row, ...] = (
    *rows(
        "one-api new-api rix openai", "e400 e400-context e400-masked e422", "400 of the upstream"
    ),
    *rows("one-api new-api", "messages-required", _AS_500, endpoints=("chat",)),
    *rows("new-api", "sensitive-words sensitive-words-2025", "§1 500/400: sensitive words"),
    *rows("new-api", "model-price-error convert-request-failed", "§1 500: price, wrong endpoint"),
    *rows("new-api", "prompt-blocked violation-fee", "§1 400: content refused"),
    *rows("new-api", "too-large too-large-413", "§1 413; §7: 400 in NA2"),
    *rows("one-api new-api", "model-missing", "§1 400: no model; §7: 503 in OA"),
    *rows("new-api", "invalid-json", "§1 400: bad JSON"),
    *rows("one-api", "text-too-long", "§1 400: text_too_long"),
    *rows("one-api new-api", "invalid-url not-implemented", "§1 404/501"),
    *rows("cdn", "e413-html", "§1 413: nginx"),
    *rows("openai rix", "needs-max_completion_tokens", "400 naming max_tokens until it is gone"),
    *rows("openai rix", "refuses-temperature refuses-stream_options", "400 naming it until gone"),
    *rows("openai rix", "refuses-max_tokens-and-temperature", "400 naming one after the other"),
    *rows("openai rix", "refuses-stream", "400 naming stream until it is gone"),
)

SERVERS: tuple[Row, ...] = (
    *rows("new-api", "rate-limit-check-failed", "§1 500; §7: lasts until the gateway restarts"),
    *rows("one-api new-api", "redis-down", "§1 500: empty body, Redis down"),
    *rows("one-api new-api", "do-request-failed close-without-answer", "§1 500 do_request_failed"),
    *rows("new-api", "do-request-failed-2025", "§1 500 do_request_failed: NA1"),
    *rows(
        "one-api", "dead-port dead-first-then-ok reset-without-answer", "§1 500 do_request_failed"
    ),
    *rows(
        "one-api", "relay-read-response-body-failed relay-unmarshal-response-body-failed", _RELAY
    ),
    *rows("new-api", "relay-bad-response-body relay-bad-response relay-empty-response", _RELAY),
    *rows("new-api", "relay-get-channel-failed relay-channel-no-available-key", _RELAY),
    *rows("new-api", "relay-aws-invoke-error", _RELAY),
    *rows("shell", "relay-write-response-body-failed", _RELAY),
    *rows("one-api new-api rix shell", "e500 e500-empty e502-html e503-html", _PAGE),
    *rows("one-api new-api rix shell", "e504-html e524-html e404-html e413-html e408", _PAGE),
    *rows("one-api new-api", "panic", "§1 500: panic"),
    *rows(
        "new-api",
        "claude-error-first",
        "NA2 500: the first event was an error",
        endpoints=("chat",),
    ),
    *rows("cdn", "e502-html e503-html e504-html e520-html e521-html e522-html", _CDN),
    *rows("cdn", "e523-html e524-html e525-html e526-html e500-html", _CDN),
    *rows("cdn", "e524-json", _CDN + ": JSON with retry_after"),
    *rows("rix", "full-524", _CDN + ": DMXAPI's own text"),
    *rows("openai", "e500 e500-empty e408", "openai: 5xx"),
    *rows("rix", "e500-1-then-ok e502-html-1-then-ok", "a 5xx, then success"),
)

HIDDEN: tuple[Row, ...] = (
    *rows("one-api new-api openai", "error-in-200", _IN_200),
    *rows("openai rix", "error-in-200-no-type error-in-200-string", _IN_200),
    *rows("one-api new-api", "error-in-200-no-type error-in-200-string", _IN_200),
    *rows("openai rix", "error-in-200-message error-in-200-msg error-in-200-err", "§2: parsers"),
    *rows("openai rix", "error-in-200-error_msg error-in-200-detail", "§2: parsers"),
    *rows("openai rix", "error-in-200-header error-in-200-response", "§2: parsers"),
    *rows("openai", "error-in-200-success-false error-in-200-quota error-in-200-429", _IN_200),
    *rows("one-api new-api openai rix", "choices-empty", "200 with choices []"),
    *rows("one-api new-api openai rix", "html-200", "§1 200 HTML"),
    *rows("one-api new-api openai rix", "empty-body", "200 without a body"),
    *rows("openai rix", "stop-empty", "seen: stop without any content is a failure"),
    *rows(
        "rix openai", "finish-content-filter-empty", "a filter took all of it", endpoints=STREAMING
    ),
    *rows("openai", "truncated-conn", "200 whose Content-Length promises more than comes"),
)
