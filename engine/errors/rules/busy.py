"""Rates and load: what waiting helps against."""

from engine.errors import kinds
from engine.errors.rules.rule import BUSY_STATUSES, SERVER_STATUSES, Rule, codes, statuses, words

LIMITS: tuple[Rule, ...] = (
    Rule(
        kinds.RATE_LIMITED,
        "Gemini and DashScope call a rate a quota; the words or the link tell a rate",
        words=words(
            r"quota (?:exceeded|metric)[^.]{0,40}(?:metric|per (?:minute|second))",
            r"quota[^.]{0,120}(?:requests|tokens)[ _]per[ _](?:minute|second|model)",
            r"please retry in \d|#token-limit|allocated quota exceeded, please increase",
        ),
        statuses=statuses(429),
    ),
    Rule(
        kinds.RATE_LIMITED,
        "Gemini 429: its quota is a rate, unless the words are of money",
        code=r"^resource_?exhausted$",
        words=r"^(?!.*\b(?:credits?|prepa\w+|balance|spending|free trial)\b)",
        statuses=statuses(429),
    ),
    Rule(
        kinds.RATE_LIMITED,
        "DashScope 429: a rate, in words like those of money",
        code=r"^limit_(?:requests|burst_rate)$",
    ),
)
"""Before money is thought of."""

BUSY: tuple[Rule, ...] = (
    Rule(
        kinds.UPSTREAM_TIMEOUT,
        "nginx, Cloudflare: 100 s and more are gone",
        statuses=statuses(504, 524),
    ),
    Rule(
        kinds.SATURATED,
        "OA/NA1/RX/SH 429, older OA; one-hub; DMXAPI",
        words=words("负载已饱和", "負載已飽和", "服务器已经?满载"),
        statuses=BUSY_STATUSES,
    ),
    Rule(kinds.SATURATED, "RX 429", codes=codes("ratelimitreached"), statuses=BUSY_STATUSES),
    Rule(
        kinds.RATE_LIMITED,
        "OpenAI, Anthropic, Gemini, DashScope, Bedrock, MiniMax, passed on under any status",
        code=(
            r"rate_?limit|too_?many_?requests|throttl|^resource_?exhausted$|^429$"
            r"|^base_resp\.(?:1002|1039|1041|2045)$|request_?limit_?exceeded|qps_?\w*(?:limit|over)"
            r"|requestbursttoofast|^1120[23]$"
        ),
        statuses=BUSY_STATUSES | {400},
    ),
    Rule(
        kinds.RATE_LIMITED,
        "any upstream, also behind 500 and 502",
        words=words(
            r"rate[ _-]?limit",
            "too many requests",
            r"\b[tr]p[msd] (?:limit|exceed)|qps\w*(?:limit|over|\b)|request limit reached",
            r"请求数限制|限流|流控|并发数过|请求过于频繁|访问频率|速率限制|并发.{0,6}(?:超|限制|上限)|qps.{0,4}超",
            "速率达到上限",
            "resource has been exhausted",
            "throttlingexception",
            r"(?:code|status(?: ?code)?)[ :=]*429\b",
        ),
        statuses=BUSY_STATUSES,
    ),
    Rule(kinds.RATE_LIMITED, "any, also without a body", statuses=statuses(429)),
    Rule(
        kinds.OVERLOADED,
        "OpenAI 503, Anthropic 529, Bedrock, Gemini; one-hub 400",
        code=r"overloaded|^(?:server_)?busy$|modelnotreadyexception|serviceunavailableexception",
        statuses=SERVER_STATUSES | {400},
    ),
    Rule(
        kinds.OVERLOADED,
        "any upstream; llama.cpp, LM Studio and HuggingFace while a model is loaded",
        words=words(
            r"overloaded|\bbusy\b|at (?:full )?capacity|high demand|server is full",
            r"loading model|(?:model|server)[^.]{0,40}\b(?:is (?:currently |still )?"
            r"(?:loading|starting|warming)|not ready)",
            r"繁忙|过载|负载(?:过|较)高|资源不足|忙碌|模型.{0,6}加载中|访问量过大|算力不足",
        ),
        statuses=SERVER_STATUSES,
    ),
    Rule(
        kinds.OVERLOADED,
        "a server that asks to come back later",
        words=words(
            r"\b(?:try|retry)\w*(?: your request| again)? (?:later|in a)\b", "稍后(?:再|重)试"
        ),
        statuses=statuses(503),
    ),
    Rule(kinds.OVERLOADED, "Anthropic", statuses=statuses(529)),
)
