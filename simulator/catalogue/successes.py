"""What succeeds, in every odd form that a client must understand."""

from simulator.catalogue.row import Row, rows

_ALL = "one-api new-api rix shell openai cdn"
_CHAT = ("chat",)
_TALK = ("chat", "responses")

SUCCESSES: tuple[Row, ...] = (
    *rows(_ALL, "ok", "success"),
    *rows("one-api new-api rix openai", "ok-no-usage ok-usage-always", "success: usage"),
    *rows("one-api new-api rix openai", "ok-azure-first ok-comments", "success: §2, first chunks"),
    *rows("rix openai", "ok-crlf ok-no-space ok-multi-line", "success: forms of SSE"),
    *rows("openai", "ok-no-blank-line ok-finish-without-blank-line", "success: forms of SSE"),
    *rows("rix openai", "ok-split-writes", "success: torn UTF-8", endpoints=_CHAT),
    *rows("openai", "ok-close-delimited ok-json-for-stream", "success: framing, whole JSON"),
    *rows("one-api rix openai", "no-done", "success: finish reason, no [DONE] upstream"),
    *rows("openai rix", "ok-big-event", "success: one event of 2 MB"),
    *rows("openai rix", "tokens-1000 tokens-5-every-20", "success: long and slow streams"),
    *rows("rix openai", "ok-slow-20 slow-first-token-100 slow-headers-100", "success: slow"),
    *rows("new-api", "ping-20-slow-headers-100", "success: §2, pings before the first token"),
    *rows("one-api new-api rix", "finish-length finish-content-filter", "success: finish reasons"),
    *rows("rix openai", "finish-length-empty", "success: no text"),
    *rows("rix", "echo", "success: the last message"),
    *rows("one-api new-api rix", "ok-reasoning", "success: §5 reasoning", endpoints=_TALK),
    *rows("new-api", "think-to-content", "success: §5 inline <think>", endpoints=_CHAT),
    *rows("rix", "ok-reasoning-field ok-reasoning-only", "success: §5 reasoning", endpoints=_TALK),
    *rows("rix", "ok-think-inline ok-refusal ok-parts", "success: content", endpoints=_TALK),
    *rows("rix", "ok-role-every-chunk", "success: a role in each chunk", endpoints=_CHAT),
    *rows("one-api new-api", "claude-ok", "success: §7 finish_reason empty", endpoints=_CHAT),
    *rows("rix", "ok-tools ok-tools-whole ok-tools-parallel", "success: tools", endpoints=_TALK),
    *rows("rix", "ok-tools-no-ids ok-tools-all-index-0", "success: tools", endpoints=_CHAT),
    *rows("rix", "ok-tools-no-index ok-tools-finish-stop", "success: tools", endpoints=_CHAT),
    *rows("rix", "ok-tools-no-arguments ok-text-and-tools", "success: tools", endpoints=_TALK),
    *rows("rix", "ok-function-call", "success: the calls of before tools", endpoints=_CHAT),
    *rows("rix", "slots-2 bucket-50-5 window-50-1 windowf-50-1", "success: capacity"),
)
