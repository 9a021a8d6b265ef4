"""What each row of the simulator's catalogue has to end in."""

from dataclasses import replace

from tests.catalogue.expectations import (
    BAD,
    LIMITER,
    LOST,
    NO_CHANNEL,
    NOT_LISTED,
    NOTHING,
    OPERATORS_KEY,
    OPERATORS_QUOTA,
    OVERLOADED,
    OVERLOADED_TOLD_TOO_LONG,
    OWN_KEY,
    OWN_QUOTA,
    RATE_LIMIT,
    REFUSED,
    SERVER,
    SILENT,
    STOP_EMPTY,
    TIMEOUT,
    TOLD_TOO_LONG,
    UNAVAILABLE,
    UNSTREAMED,
    UNSTREAMED_OVERLOADED,
    UNSTREAMED_SERVER,
    UNSTREAMED_WAITED,
    WAITED,
    WORDS,
    Line,
    breaks_off,
    fails,
    succeeds,
    table,
)

GATEWAYS = "one-api new-api rix shell"
ALL = f"{GATEWAYS} openai cdn"

SATURATED = (
    Line(WAITED, "one-api rix shell cdn", "sat-forever"),
    # Who passes upstream's words on passes "Please try again in 20s." on.
    Line(TOLD_TOO_LONG, "new-api openai", "sat-forever"),
    Line(TOLD_TOO_LONG, "openai", "sat-forever-ra-120 sat-forever-radate-600"),
    Line(OPERATORS_QUOTA, GATEWAYS, "sat-quota"),
    Line(OWN_QUOTA, "openai", "sat-quota"),
    # Facts §1: param "404" is a remapped status under the saturated text: stop early.
    Line(OPERATORS_KEY, "rix shell one-api", "sat-param-404"),
    Line(WAITED, "rix one-api new-api", "sat-html sat-anthropic-body sat-gemini-body"),
    Line(WAITED, "rix one-api new-api openai", "sat-empty sat-message-only"),
    Line(WAITED, "one-api new-api", "claude-429 limit-empty"),
    Line(WAITED, "one-api", "remap-429"),
    Line(TOLD_TOO_LONG, "new-api", "remap-429"),
    Line(WAITED, "new-api openai", "sat-detail"),
    Line(WAITED, "rix", "sat-null-code sat-message-empty sat-message-rid limit-token"),
    Line(WAITED, "rix", "sat-rejected-by-tpm sat-rejected"),
    Line(WAITED, "rix", "sat-forever", key="sk-saturated"),
    Line(WAITED, "new-api", "sat-new_api_error limit-success limit-total"),
    Line(WAITED, "one-api", "sat-old-text"),
    Line(WAITED, "rix openai", "e503-rate-limit"),
    # Facts §7, "429 hidden"
    Line(WAITED, "one-api", "hidden-429"),
    Line(WAITED, "new-api", "multipart-eof no-channel-auto-retry"),
    Line(succeeds(2), "rix", "sat-1-then-ok"),
    Line(succeeds(4), "rix", "sat-3-then-ok"),
    Line(succeeds(2), "rix openai", "sat-1-then-ok-ra-1"),
    Line(succeeds(2), "openai", "sat-1-then-ok-ra-0.2 sat-1-then-ok-rams-150"),
    Line(succeeds(2), "openai", "sat-1-then-ok-radate"),
    Line(OVERLOADED, "one-api new-api openai", "e529"),
    Line(OVERLOADED, "one-api new-api", "claude-529"),
    Line(OVERLOADED, "one-api new-api rix", "e503-overloaded"),
    Line(OVERLOADED_TOLD_TOO_LONG, "openai", "claude-529 e503-overloaded"),
    Line(OVERLOADED, "rix openai", "e502-overloaded e500-overloaded"),
    Line(OVERLOADED, "new-api", "system-cpu-overloaded system-memory-overloaded"),
    Line(OVERLOADED, "new-api", "system-disk-overloaded claude-error-first"),
)

KEYS = (
    Line(OWN_KEY, f"{GATEWAYS} openai", "ok", key="sk-wrong"),
    Line(OWN_KEY, f"{GATEWAYS} openai", "ok", key="sk-expired"),
    Line(OWN_KEY, f"{GATEWAYS} openai", "ok", key="sk-disabled"),
    Line(OWN_KEY, f"{GATEWAYS} openai", "ok", key=""),
    Line(OWN_KEY, "rix", "key-wrong-site"),
    Line(OWN_KEY, "openai", "e401"),
    # Facts §1: a fault of the database is transient.
    Line(SERVER, "one-api new-api", "key-check-failed key-check-database"),
    Line(OWN_QUOTA, "one-api new-api rix", "ok", key="sk-exhausted"),
    Line(OWN_QUOTA, "one-api new-api rix", "key-exhausted key-exhausted-again"),
    Line(OPERATORS_KEY, GATEWAYS, "e401"),
    Line(OPERATORS_KEY, "one-api new-api rix", "e401-anthropic e403 e403-permission"),
    Line(OPERATORS_QUOTA, "one-api new-api rix", "e402"),
    Line(OWN_QUOTA, "openai", "e402"),
    Line(BAD, "openai", "e403"),
    Line(BAD, "one-api new-api rix openai", "e404-model"),
    Line(OWN_QUOTA, "one-api new-api shell openai", "ok", key="sk-nomoney"),
    # Facts §1: perhaps an upstream gateway's user, so perhaps the operator's account.
    Line(OPERATORS_QUOTA, "rix", "ok", key="sk-nomoney"),
    Line(OWN_QUOTA, "one-api new-api", "ok", key="sk-tiny"),
    Line(OWN_QUOTA, "one-api new-api", "ok", key="sk-poor"),
    Line(OWN_QUOTA, "new-api", "quota-subscription"),
    Line(BAD, "one-api new-api rix", "ok", key="sk-banned"),
    Line(BAD, "one-api new-api rix", "ok", key="sk-iplimited"),
    Line(BAD, "one-api new-api rix", "gpt-4o", key="sk-onlyok"),
    Line(BAD, "new-api", "group-disabled group-forbidden group-deprecated"),
    Line(BAD, "new-api", "ok", key="sk-nogroup"),
    Line(BAD, "one-api new-api", "ok", key="sk-pinned"),
    Line(BAD, "one-api new-api", "ok", key="sk-pinned-off"),
    Line(BAD, "one-api new-api", "ok", key="sk-pinned-unknown"),
    Line(NOT_LISTED, GATEWAYS, "unknown-model-x"),
    Line(NO_CHANNEL, "one-api new-api rix", "ok", key="sk-nochannel"),
    Line(NOT_LISTED, "one-api", "no-channel-inconsistent model-missing"),
    Line(NOT_LISTED, "rix", "no-channel-distributor"),
    Line(BAD, "rix", "model-not-support"),
    Line(BAD, "openai", "unknown-model-x"),
)

REQUESTS = (
    Line(BAD, "one-api new-api rix openai", "e400 e400-context e400-masked e422"),
    Line(BAD, "one-api new-api", "messages-required invalid-url not-implemented"),
    Line(BAD, "new-api", "sensitive-words sensitive-words-2025 prompt-blocked violation-fee"),
    Line(BAD, "new-api", "model-price-error convert-request-failed model-missing invalid-json"),
    Line(BAD, "new-api", "too-large too-large-413"),
    Line(BAD, "one-api", "text-too-long"),
    Line(BAD, f"cdn {GATEWAYS}", "e413-html"),
    # "A 400 that names max_tokens or temperature gets one repeat without it"
    Line(succeeds(2, max_tokens=9), "openai rix", "needs-max_completion_tokens"),
    Line(succeeds(2, temperature=0.5), "openai rix", "refuses-temperature"),
    Line(
        succeeds(3, max_tokens=9, temperature=0.5),
        "openai rix",
        "refuses-max_tokens-and-temperature",
    ),
    Line(succeeds(2), "openai rix", "refuses-stream_options refuses-stream"),
)

SERVERS = (
    Line(LIMITER, "new-api", "rate-limit-check-failed"),
    Line(SERVER, "one-api new-api", "redis-down do-request-failed close-without-answer panic"),
    Line(SERVER, "new-api", "do-request-failed-2025"),
    Line(SERVER, "one-api", "dead-port dead-first-then-ok reset-without-answer"),
    Line(SERVER, "one-api", "relay-read-response-body-failed"),
    Line(SERVER, "one-api", "relay-unmarshal-response-body-failed"),
    Line(SERVER, "new-api", "relay-bad-response-body relay-bad-response relay-empty-response"),
    Line(SERVER, "new-api", "relay-get-channel-failed relay-channel-no-available-key"),
    Line(SERVER, "new-api", "relay-aws-invoke-error"),
    Line(SERVER, "shell", "relay-write-response-body-failed"),
    Line(SERVER, f"{GATEWAYS} openai", "e500 e500-empty"),
    Line(SERVER, f"{GATEWAYS} cdn", "e502-html e503-html"),
    Line(TIMEOUT, f"{GATEWAYS} cdn", "e504-html e524-html"),
    Line(TIMEOUT, f"{GATEWAYS} openai", "e408"),
    Line(TIMEOUT, "rix", "full-524"),
    # Its body tells to wait 120 s, which no budget here allows.
    Line(fails(UNAVAILABLE, 1), "cdn", "e524-json"),
    Line(OPERATORS_KEY, GATEWAYS, "e404-html"),
    Line(SERVER, "cdn", "e500-html e520-html e521-html e522-html e523-html e525-html e526-html"),
    Line(succeeds(2), "rix", "e500-1-then-ok e502-html-1-then-ok"),
    Line(LOST, "openai cdn", "close-without-answer reset-without-answer"),
    Line(SILENT, "one-api new-api openai", "hang stall-before-content"),
    Line(SILENT, "new-api", "ping-50-hang"),
    Line(SILENT, "rix", "ok", key="sk-silent"),
    # New API forwards one chunk late: of the two words the newest is still inside.
    Line(breaks_off(text="你好，"), "one-api openai", "stall-after-content"),
    Line(breaks_off(text="你好"), "new-api", "stall-after-content"),
    Line(succeeds(2), "rix", "redirect-307-same redirect-308-same"),
    # "no redirect of a POST to another host"
    Line(BAD, "rix", "redirect-307-other redirect-308-other"),
)

HIDDEN = (
    Line(OVERLOADED, "one-api openai", "error-in-200"),
    Line(UNSTREAMED_OVERLOADED, "new-api", "error-in-200 error-in-200-string"),
    Line(WAITED, "one-api openai rix", "error-in-200-no-type"),
    Line(UNSTREAMED_WAITED, "new-api", "error-in-200-no-type"),
    Line(OVERLOADED, "openai rix", "error-in-200-string error-in-200-message error-in-200-msg"),
    Line(OVERLOADED, "openai rix", "error-in-200-err error-in-200-error_msg error-in-200-detail"),
    Line(OVERLOADED, "openai rix", "error-in-200-header error-in-200-response"),
    Line(OVERLOADED, "openai", "error-in-200-success-false"),
    Line(UNSTREAMED_SERVER, "one-api", "error-in-200-string"),
    Line(OWN_QUOTA, "openai", "error-in-200-quota"),
    Line(TOLD_TOO_LONG, "openai", "error-in-200-429"),
    Line(UNSTREAMED_SERVER, "one-api new-api", "choices-empty empty-body"),
    Line(NOTHING, "openai rix", "choices-empty empty-body"),
    # "wrong URL, also when dressed as an HTML 200"; One API and its like hide the page.
    Line(BAD, "openai", "html-200"),
    Line(UNSTREAMED_SERVER, "one-api new-api rix", "html-200"),
    Line(STOP_EMPTY, "openai rix", "stop-empty"),
    # The finish reason has arrived: what is missing after it does not matter.
    Line(succeeds(), "openai", "truncated-conn"),
)

STREAMS = (
    Line(NOTHING, "openai", "cut-before-content"),
    Line(UNSTREAMED_SERVER, "one-api new-api rix", "cut-before-content"),
    Line(UNSTREAMED, "one-api new-api rix", "done-only sse-empty sse-html"),
    Line(UNSTREAMED, "new-api", "sse-choices-null"),
    Line(breaks_off(), "one-api new-api rix openai", "cut-after-content eof-after-content"),
    Line(breaks_off(), "openai", "reset-after-content"),
    Line(breaks_off(text=WORDS), "one-api new-api rix", "ok-no-finish"),
    Line(breaks_off(), "one-api new-api", "claude-cut"),
    Line(OVERLOADED, "new-api rix openai", "sse-error-first sse-bare-error"),
    Line(TOLD_TOO_LONG, "new-api rix openai", "sse-error-first-429"),
    Line(BAD, "new-api rix openai", "sse-error-first-400"),
    Line(OPERATORS_QUOTA, "new-api rix", "sse-error-first-quota"),
    Line(OWN_QUOTA, "openai", "sse-error-first-quota"),
    Line(OPERATORS_KEY, "rix", "sse-error-first-401"),
    Line(OWN_KEY, "openai", "sse-error-first-401"),
    # One API drops the event: only [DONE] is left of it.
    # One API drops the error and says `[DONE]` alone.
    Line(UNSTREAMED, "one-api", "sse-error-first sse-error-first-429 sse-error-first-400"),
    Line(UNSTREAMED, "one-api", "sse-error-first-quota claude-error-first"),
    Line(breaks_off(), "one-api new-api rix openai", "sse-error-after-content sse-error-event"),
    Line(breaks_off(RATE_LIMIT), "new-api rix openai", "sse-error-after-content-429"),
    Line(breaks_off(), "one-api", "sse-error-after-content-429"),
    Line(breaks_off(), "new-api rix", "sse-bare-error-after-content"),
    Line(breaks_off(), "new-api", "claude-error-after-content claude-restart sse-text-repeated"),
    Line(TOLD_TOO_LONG, "new-api", "ping-50-slow-headers-429-200"),
    Line(SERVER, "new-api", "ping-50-slow-headers-e500-200"),
    Line(UNSTREAMED, "one-api new-api", "ok-json-for-stream"),
    Line(OVERLOADED, "openai rix", "sse-error-event-first sse-error-typed-first sse-error-string"),
    Line(OVERLOADED, "openai rix", "sse-error-message sse-error-msg sse-error-err"),
    Line(OVERLOADED, "openai rix", "sse-error-error_msg sse-error-detail sse-error-header"),
    Line(OVERLOADED, "openai rix", "sse-error-response"),
    Line(WAITED, "openai rix", "sse-error-no-type"),
    Line(succeeds(2), "rix", "sse-error-first-429-1-then-ok"),
    Line(UNSTREAMED_SERVER, "new-api", "give-up-200"),
    Line(UNSTREAMED_SERVER, "one-api", "give-up-200"),
    Line(breaks_off(text="你好，"), "new-api one-api", "give-up-after-content-200"),
)

_THOUGHT = "let me think"
_TOOLS = succeeds(text="", finish="tool_calls")

SUCCESSES = (
    Line(succeeds(), ALL, "ok"),
    Line(succeeds(), "one-api new-api rix openai", "ok-no-usage ok-usage-always"),
    Line(succeeds(), "one-api new-api rix openai", "ok-azure-first ok-comments"),
    Line(succeeds(), "rix openai", "ok-crlf ok-no-space ok-multi-line ok-split-writes"),
    Line(succeeds(), "openai", "ok-no-blank-line ok-finish-without-blank-line"),
    Line(succeeds(), "openai", "ok-close-delimited ok-json-for-stream"),
    Line(succeeds(), "one-api rix openai", "no-done"),
    Line(succeeds(text="大" * (2 * 1024 * 1024 // 3)), "openai rix", "ok-big-event"),
    Line(succeeds(text=" token" * 1000), "openai rix", "tokens-1000"),
    Line(succeeds(text=" token" * 5), "openai rix", "tokens-5-every-20"),
    Line(succeeds(), "rix openai", "ok-slow-20 slow-first-token-100 slow-headers-100"),
    Line(succeeds(), "new-api", "ping-20-slow-headers-100"),
    Line(succeeds(finish="length"), "one-api new-api rix", "finish-length"),
    Line(succeeds(finish="content_filter"), "one-api new-api rix", "finish-content-filter"),
    # `length` and answers of reasoning only are successes; what a filter took whole is none.
    Line(succeeds(text="", finish="length"), "rix openai", "finish-length-empty"),
    Line(BAD, "rix openai", "finish-content-filter-empty"),
    Line(succeeds(text=f"<think>\n{_THOUGHT}\n</think>"), "rix", "ok-reasoning-only"),
    Line(
        succeeds(text=f"<think>\n{_THOUGHT}\n</think>{WORDS}"),
        "one-api new-api rix",
        "ok-reasoning",
    ),
    Line(succeeds(text=f"<think>\n{_THOUGHT}\n</think>{WORDS}"), "rix", "ok-reasoning-field"),
    Line(succeeds(text=f"<think>\n{_THOUGHT}\n</think>\n{WORDS}"), "new-api", "think-to-content"),
    Line(succeeds(text=f"<think>{_THOUGHT}</think>{WORDS}"), "rix", "ok-think-inline"),
    Line(succeeds(text="I cannot help with that."), "rix", "ok-refusal"),
    Line(succeeds(text="hi"), "rix", "echo"),
    Line(succeeds(), "rix", "ok-parts ok-role-every-chunk"),
    Line(succeeds(), "one-api new-api", "claude-ok"),
    Line(_TOOLS, "rix", "ok-tools ok-tools-whole ok-tools-parallel ok-tools-no-ids"),
    Line(_TOOLS, "rix", "ok-tools-all-index-0 ok-tools-no-index ok-tools-no-arguments"),
    Line(replace(_TOOLS, finish="stop"), "rix", "ok-tools-finish-stop"),
    Line(replace(_TOOLS, finish="function_call"), "rix", "ok-function-call"),
    Line(succeeds(finish="tool_calls"), "rix", "ok-text-and-tools"),
    Line(succeeds(), "rix", "slots-2 bucket-50-5 window-50-1 windowf-50-1"),
)

_SPEAKERS = "new-api rix openai"

RESPONSES = (
    Line(SERVER, _SPEAKERS, "failed-first failed-without-error error-event-first"),
    Line(TOLD_TOO_LONG, _SPEAKERS, "failed-first-429 error-event-first-429"),
    Line(BAD, _SPEAKERS, "failed-first-flagged"),
    Line(breaks_off(), _SPEAKERS, "failed-after-content error-event-after-content"),
    Line(breaks_off(RATE_LIMIT), _SPEAKERS, "failed-after-content-429"),
    Line(breaks_off(), _SPEAKERS, "incomplete-otherwise cancelled-after-content begins-anew"),
    Line(succeeds(2, max_tokens=99), "openai rix", "refuses-max_output_tokens"),
    Line(succeeds(2, reasoning_effort="high"), "openai rix", "refuses-summaries"),
    Line(succeeds(2, reasoning_effort="high"), "openai rix", "refuses-encrypted-content"),
)

LINES = (
    *SATURATED,
    *KEYS,
    *REQUESTS,
    *SERVERS,
    *HIDDEN,
    *STREAMS,
    *SUCCESSES,
    *RESPONSES,
)

DIFFERS_AT_RESPONSES = (
    # There it is called otherwise, or does not exist.
    Line(succeeds(1, max_tokens=9), "openai rix", "needs-max_completion_tokens"),
    Line(succeeds(1), "openai rix", "refuses-stream_options"),
    Line(succeeds(2, temperature=0.5), "openai rix", "refuses-max_tokens-and-temperature"),
    # New API passes on what has an event's form, at once, and adds nothing: a bare error is lost,
    # and the stream is empty then.
    Line(NOTHING, "new-api", "sse-choices-null"),
    Line(UNSTREAMED, "new-api", "sse-bare-error"),
    Line(breaks_off(text="你好，"), "new-api", "stall-after-content"),
)
"""Rows whose end is another at `/v1/responses`."""

SAVED = succeeds(text="", finish="")
REFUSED_AT_ONCE = fails(REFUSED, 1)

LIST_LINES = (
    *(
        Line(REFUSED_AT_ONCE, f"{GATEWAYS} openai", "ok", key=key)
        for key in ("sk-wrong", "sk-expired", "sk-disabled")
    ),
    # Refused by the form itself: nothing is asked.
    Line(fails(REFUSED, 0), f"{GATEWAYS} openai", "ok", key=""),
    # "a used-up quota is refused with its reason"
    Line(REFUSED_AT_ONCE, "one-api new-api rix", "ok", key="sk-exhausted"),
    # "does not retry beyond one repeat"
    Line(fails(REFUSED, 2), "one-api", "ok", key="sk-nolist"),
    # "a 404 there is accepted and logged"
    Line(SAVED, "rix", "ok", key="sk-nolist-404"),
)
"""Saving the provider's form, which asks `GET /v1/models`: the rows with that endpoint."""

EXPECTED = table(LINES)
EXPECTED_AT_RESPONSES = table(DIFFERS_AT_RESPONSES)
EXPECTED_LISTS = table(LIST_LINES)
