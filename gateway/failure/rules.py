"""How each kind of failure is recognised: one row a rule, the first that holds decides.

Codes and texts come before the status, because operators remap statuses per channel and gateways
overwrite texts (New API ``status_code_mapping``; One API puts the saturated text on every 429).
OA = One API, NA = New API, RX = Rix API and DMXAPI, SH = Shell API.
"""

import functools
import re
from dataclasses import dataclass

from gateway.failure import kinds
from gateway.failure.evidence import Evidence
from gateway.failure.kinds import Kind

UNKNOWN_STATUS = 0
"""Of an error that somebody pasted: then words and codes decide alone."""

SERVER_STATUSES = frozenset(range(500, 600))
BUSY_STATUSES = SERVER_STATUSES | {429}
"""What full servers answer with, if their words say so."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: all that is given must hold.

    Attributes:
        kind: what the failure is then.
        source: where the rule was seen.
        codes: one of the error's ``code`` or ``type`` is among these.
        words: a pattern that the message matches, in any case; compiled when first needed, as
            compiling them all would be a tenth of the start-up.
        statuses: the status is among these (for an error inside HTTP 200: the status it stands
            for, see ``classify.effective_status``).
        params: ``param`` is among these.
        own: the gateway speaks for itself (or not).
        behind_gateway: a gateway of the family answered (or not).
        html: the body is a web page (or not).
    """

    kind: Kind
    source: str
    codes: frozenset[str] | None = None
    words: str | None = None
    statuses: frozenset[int] | None = None
    params: frozenset[str] | None = None
    own: bool | None = None
    behind_gateway: bool | None = None
    html: bool | None = None

    def holds(self, evidence: Evidence, status: int) -> bool:
        """Whether every given condition is met."""
        return (
            (self.codes is None or any(code in self.codes for code in evidence.codes))
            and (self.words is None or _matches(self.words, evidence.message))
            and (self.statuses is None or status in self.statuses or self._ignores(status))
            and (self.params is None or evidence.param in self.params)
            and (self.own is None or self.own == evidence.own)
            and (self.behind_gateway is None or self.behind_gateway == evidence.behind_gateway)
            and (self.html is None or self.html == evidence.html)
        )

    @property
    def reads(self) -> bool:
        """It goes by what was said, not by the status alone."""
        return self.words is not None or self.codes is not None

    def _ignores(self, status: int) -> bool:
        return status == UNKNOWN_STATUS and self.reads


def _codes(*codes: str) -> frozenset[str]:
    return frozenset(codes)


def _words(*patterns: str) -> str:
    return "|".join(patterns)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _matches(pattern: str, message: str) -> bool:
    return _compiled(pattern).search(message) is not None


def _statuses(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


_GATEWAY_STATES: tuple[Rule, ...] = (
    Rule(kinds.LIMITER_FAILED, "OA/NA: its Redis is down", codes=_codes("rate_limit_check_failed")),
    Rule(
        kinds.LIMITER_FAILED,
        "OA/NA: its Redis is down",
        words=_words("rate_limit_check_failed"),
    ),
    Rule(
        kinds.OVERLOADED,
        "NA 2026-02: sent before authentication at 90 % load",
        codes=_codes("system_cpu_overloaded", "system_memory_overloaded", "system_disk_overloaded"),
    ),
    Rule(
        kinds.RATE_LIMITED,
        "NA: group auto, a 429 hidden by cross-group retry",
        words=_words(r"可用渠道不存在（retry）"),
    ),
    Rule(
        kinds.RATE_LIMITED,
        "NA transcription: a 429 hidden by the gateway's own retry",
        words=_words(r"multipart: nextpart: eof"),
        codes=_codes("convert_request_failed"),
    ),
    Rule(
        kinds.SERVER_ERROR,
        "OA/NA: upstream's body could not be read; its words are about Go, not about the request",
        codes=_codes(
            "read_response_body_failed",
            "unmarshal_response_body_failed",
            "bad_response_body",
            "get_text_from_body_err",
        ),
        statuses=frozenset({500, 502}),
    ),
    Rule(
        kinds.SERVER_ERROR,
        "OA/NA: a database fault dressed as a refused key",
        words=_words("令牌验证失败", "数据库查询出错"),
    ),
)

_CONTENT_AND_SIZE: tuple[Rule, ...] = (
    Rule(
        kinds.CONTENT_REFUSED,
        "NA: sensitive words, Gemini's prompt filter, charged violations; Azure and Qwen filters",
        codes=_codes(
            "sensitive_words_detected",
            "prompt_blocked",
            "content_filter",
            "content_policy_violation",
            "image_content_policy_violation",
            "bio_policy",
            "misalignment_policy_violation",
            "data_inspection_failed",
            "datainspectionfailed",
        ),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "NA1: 400; NA: violation_fee.* is charged",
        words=_words(r"sensitive[ _]words[ _]detected", "request blocked by", r"violation_fee\."),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "OpenAI's Responses API: within the stream, under code invalid_prompt",
        words=_words("flagged as potentially violating"),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "within a stream: a provider's check, passed on by NA",
        codes=_codes("content_check_rejected", "content_check_error"),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "iFlytek: 10013 of the input, 10014 of the output",
        codes=_codes("10013", "10014"),
        words=_words("moderation", "审核", "敏感", "违规"),
    ),
    Rule(kinds.CONTENT_REFUSED, "NA: charged", codes=_codes("violation_fee")),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "OpenAI and others",
        codes=_codes("context_length_exceeded", "string_above_max_length"),
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "OpenAI-compatible servers without a code",
        words=_words(
            "maximum context length",
            r"prompt is too long: \d",
            "input is too long for requested",
            "string_too_long",
            r"at most \d+ characters",
        ),
        statuses=_statuses(400, 413, 422),
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "embeddings: DashScope, text-embeddings-inference, SiliconFlow, Ollama, llama.cpp (500)",
        words=_words(
            r"range of input length should be",
            r"must have less than \d+ tokens",
            "must be less than max_seq_len",
            "input length exceeds (the|maximum) context length",
            "input is too large to process",
        ),
        statuses=_statuses(400, 413, 422, 500),
    ),
    Rule(
        kinds.TOO_LARGE,
        "more inputs than an embedding model takes: OpenAI, Azure, DashScope, SiliconFlow, Zhipu, "
        "Cohere, Gemini, Voyage",
        words=_words(
            r"input\W.{0,20}array (?:is )?too (?:long|large)",
            "too many inputs",
            r"batch size (?:is invalid|\d+ > )",
            r"数组最大不得超过",
            r"number of texts must be at most",
            r"at most \d+ requests can be in one batch",
            r"tokens per (?:submitted )?(?:batch|request)",
        ),
        statuses=_statuses(400, 413, 422),
    ),
    Rule(
        kinds.TOO_LARGE,
        "NA2: 400 or 413 beyond 128 MB; nginx; OA's TTS counts bytes",
        codes=_codes("read_request_body_failed", "text_too_long"),
    ),
    Rule(kinds.TOO_LARGE, "NA2: 400", words=_words("request body (exceeds|too large)")),
    Rule(kinds.TOO_LARGE, "nginx, Cloudflare, any", statuses=_statuses(413)),
)

_ACCESS: tuple[Rule, ...] = (
    Rule(
        kinds.OWN_QUOTA,
        "OA/NA: pre-charge refused; task APIs",
        codes=_codes(
            "insufficient_user_quota", "pre_consume_token_quota_failed", "quota_not_enough"
        ),
    ),
    Rule(
        kinds.UPSTREAM_QUOTA,
        "OpenAI behind a gateway; RX (perhaps an upstream gateway's user)",
        codes=_codes("insufficient_quota", "insufficient_balance", "billing_not_active"),
        behind_gateway=True,
    ),
    Rule(
        kinds.OWN_QUOTA,
        "OpenAI and others asked directly",
        codes=_codes("insufficient_quota", "insufficient_balance", "billing_not_active"),
    ),
    Rule(
        kinds.OWN_QUOTA,
        "OA/NA/RX/SH: 401 or 403 with the balance in the text",
        words=_words(
            "额度已用尽",
            "额度不足",
            "预扣费额度失败",
            "订阅额度",
            "(?:user|token) quota is not enough",
            r"preconsumedquota",
            "token amount has been exhausted",
            "credit balance is too low",
        ),
    ),
    Rule(
        kinds.UPSTREAM_QUOTA,
        "DeepSeek 402 and others, passed on by a gateway",
        words=_words(
            "insufficient (?:account )?balance", "余额不足", "配额不足", "欠费", "arrears"
        ),
        behind_gateway=True,
    ),
    Rule(
        kinds.OWN_QUOTA,
        "DeepSeek 402 and others asked directly",
        words=_words(
            "insufficient (?:account )?balance", "余额不足", "配额不足", "欠费", "arrears"
        ),
    ),
    Rule(
        kinds.KEY_REFUSED,
        "OA/NA/RX/SH 401",
        words=_words(
            "未提供令牌",
            "未提供 authorization",
            "无效的令牌",
            "该令牌已过期",
            "该令牌状态不可用",
            "^invalid token$",
        ),
    ),
    Rule(
        kinds.ACCESS_DENIED,
        "OA/NA 403",
        words=_words(
            "用户已被封禁",
            "令牌只能在指定网段使用",
            "不在令牌允许访问的列表中",
            "令牌无权(?:使用|访问)模型",
            r"令牌分组.{0,80}已被禁用",
            r"无权访问.{0,80}分组",
            r"分组.{0,80}已被弃用",
            "该渠道已被禁用",
            "普通用户不支持指定渠道",
            "无效的渠道",
        ),
    ),
    Rule(kinds.ACCESS_DENIED, "NA 403", codes=_codes("access_denied")),
)

_MODELS_AND_CHANNELS: tuple[Rule, ...] = (
    Rule(
        kinds.NO_CHANNEL,
        "OA/NA1/NA2/RX 503",
        words=_words("无可用渠道", "no channels available", "数据库一致性已被破坏"),
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "RX 400; NA2 unpriced model",
        words=_words("^model not support", "倍率或价格未配置"),
    ),
    Rule(kinds.MODEL_NOT_FOUND, "NA2 500, later 400", codes=_codes("model_price_error")),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "OpenAI 404 passed on; OA/NA /v1/models/{x} 200",
        codes=_codes("model_not_found", "modelnotfound"),
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "OpenAI-compatible servers",
        words=_words(
            r"model .{0,120}does not exist",
            r"model .{0,120}not found",
            "model not exist",
            r"invalid model(?: name)?\b",
            "is not a valid model",
        ),
        statuses=_statuses(400, 404),
    ),
    Rule(
        kinds.WRONG_API,
        "OA 404, OA/NA 501 for an API that it lacks; OpenAI 404 for a model that is only at "
        "another one",
        words=_words(
            "^api not implemented",
            r"^invalid url \(post /v1/(?:responses|rerank|embeddings|moderations|audio/\w+)\)",
            r"only supported in v1/(?:responses|chat)",
            r"not supported (?:in|with) the (?:v1/)?(?:chat/completions|responses)",
        ),
    ),
    Rule(
        kinds.WRONG_URL,
        "OA/NA 404",
        words=_words(r"^invalid url \("),
    ),
    Rule(
        kinds.BAD_REQUEST,
        "NA2/RX 500; OA/NA1 400",
        codes=_codes("invalid_request", "invalid_text_request", "convert_request_failed"),
    ),
    Rule(
        kinds.BAD_REQUEST,
        "MiniMax: inside a 200",
        codes=_codes("2013"),
        words=_words("^invalid params"),
    ),
    Rule(
        kinds.BAD_REQUEST,
        "OA/NA: broken or missing JSON",
        words=_words(
            "无效的请求",
            "未指定模型名称",
            r"json: cannot unmarshal",
            r"unmarshalbodyreusable failed",
        ),
        statuses=_statuses(400, 500),
    ),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "OA: a remapped status; the saturated text covers a permanent fault",
        params=_codes("401", "403", "404"),
        codes=_codes("bad_response_status_code"),
    ),
)

_BUSY: tuple[Rule, ...] = (
    Rule(
        kinds.UPSTREAM_TIMEOUT,
        "nginx, Cloudflare: 100 s and more are gone",
        statuses=_statuses(504, 524),
    ),
    Rule(
        kinds.SATURATED,
        "OA/NA1/RX/SH 429, older OA; DMXAPI",
        words=_words("负载已饱和", "服务器已经?满载"),
        statuses=BUSY_STATUSES,
    ),
    Rule(kinds.SATURATED, "RX 429", codes=_codes("ratelimitreached"), statuses=BUSY_STATUSES),
    Rule(
        kinds.RATE_LIMITED,
        "OpenAI, Anthropic, Gemini, DashScope, passed on under any status",
        codes=_codes(
            "rate_limit_exceeded",
            "rate_limit_error",
            "too_many_requests",
            "toomanyrequests",
            "throttling",
            "throttling.ratequota",
            "resource_exhausted",
            "429",
        ),
        statuses=BUSY_STATUSES,
    ),
    Rule(
        kinds.RATE_LIMITED,
        "any upstream, also behind 500 and 502",
        words=_words(
            r"rate[ _-]?limit",
            "too many requests",
            r"\b[tr]p[md] limit",
            "请求数限制",
            "限流",
            "请求过于频繁",
            "resource has been exhausted",
            r"(?:code|status(?: code)?)[ :=]*429\b",
        ),
        statuses=BUSY_STATUSES,
    ),
    Rule(kinds.RATE_LIMITED, "any, also without a body", statuses=_statuses(429)),
    Rule(
        kinds.OVERLOADED,
        "OpenAI 503, Anthropic 529",
        codes=_codes("overloaded", "overloaded_error", "server_overloaded", "busy"),
        statuses=SERVER_STATUSES,
    ),
    Rule(
        kinds.OVERLOADED,
        "any upstream",
        words=_words(
            r"overloaded", r"\bis busy\b", "at capacity", "high demand", "繁忙", "过载", "资源不足"
        ),
        statuses=SERVER_STATUSES,
    ),
    Rule(kinds.OVERLOADED, "Anthropic", statuses=_statuses(529)),
)

_BY_STATUS: tuple[Rule, ...] = (
    Rule(
        kinds.KEY_REFUSED,
        "the gateway itself, in words not listed above",
        statuses=_statuses(401),
        own=True,
    ),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "upstream's 401 behind a gateway: the operator's key",
        statuses=_statuses(401),
        behind_gateway=True,
    ),
    Rule(kinds.KEY_REFUSED, "any server asked directly", statuses=_statuses(401)),
    Rule(
        kinds.OWN_QUOTA,
        "the gateway itself",
        statuses=_statuses(402),
        own=True,
    ),
    Rule(
        kinds.UPSTREAM_QUOTA,
        "upstream's 402 behind a gateway",
        statuses=_statuses(402),
        behind_gateway=True,
    ),
    Rule(kinds.OWN_QUOTA, "any server asked directly", statuses=_statuses(402)),
    Rule(kinds.ACCESS_DENIED, "the gateway itself", statuses=_statuses(403), own=True),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "upstream's 403 behind a gateway",
        statuses=_statuses(403),
        behind_gateway=True,
    ),
    Rule(kinds.ACCESS_DENIED, "any server asked directly; a firewall", statuses=_statuses(403)),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "OA/NA2: the channel's base URL leads nowhere",
        statuses=_statuses(404),
        behind_gateway=True,
        codes=_codes("bad_response_status_code"),
    ),
    Rule(
        kinds.WRONG_URL,
        "not found, not allowed, redirected",
        statuses=_statuses(300, 301, 302, 303, 305, 307, 308, 404, 405, 410, 501),
    ),
    Rule(
        kinds.UPSTREAM_TIMEOUT,
        "an upstream's own time-out",
        statuses=_statuses(408),
    ),
    Rule(kinds.SERVER_ERROR, "any other 5xx, HTML of a proxy", statuses=SERVER_STATUSES),
    Rule(kinds.BAD_REQUEST, "any other 4xx", statuses=frozenset(range(400, 500))),
    Rule(kinds.WRONG_URL, "OA/NA: 200 with the web page, /v1 is missing", html=True),
)

RULES: tuple[Rule, ...] = (
    *_GATEWAY_STATES,
    *_CONTENT_AND_SIZE,
    *_ACCESS,
    *_MODELS_AND_CHANNELS,
    *_BUSY,
    *_BY_STATUS,
)
