"""What the gateways themselves refuse or break, in their own words.

One row per refusal: who says it (`*` stands for every gateway not named) and what. A row is
reached by its name as a model, by a key (`KEYS`), or by what a request holds (`gateway`).
"""

from dataclasses import dataclass
from typing import Any

from simulator.answer import Headers

SATURATED = "当前分组上游负载已饱和，请稍后再试"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One error of a gateway's own.

    `{model}`, `{group}`, `{key}` and `{path}` in the message are filled in. `relay` marks errors
    of the relay, which have all four fields (a `code` of None is null there); the others have the
    family's plain envelope. `rid` tells whether the request's id is added to the message.
    """

    status: int
    message: str = ""
    code: str | int | None = None
    relay: bool = False
    kind: str = ""
    """The error's type; empty is the family's own."""
    param: str = ""
    rid: bool = True
    extra: tuple[tuple[str, Any], ...] = ()
    zh: str = ""
    """The message for whoever asks for Chinese; empty where there is only one."""
    headers: Headers = ()
    plain: bool = False
    """Whether it is bare text."""
    detail: bool = False
    """Whether it is `{"detail": …}`."""
    called: bool = False
    """Whether LiteLLM had begun a call by then, whose id its headers tell."""


def _relayed(status: int, message: str, code: str) -> Refusal:
    return Refusal(status, message, code, relay=True)


_OPENAI_KEY = Refusal(401, "Incorrect API key provided: {key}", "invalid_api_key")
_OPENAI_QUOTA = Refusal(
    429,
    "You exceeded your current quota, please check your plan and billing details.",
    "insufficient_quota",
    kind="insufficient_quota",
)
_RIX_EXHAUSTED = Refusal(
    401, "[{key}] Token amount has been exhausted token.RemainQuota = 0", relay=True
)
_DISTRIBUTOR = "分组 {group} 下模型 {model} 无可用渠道（distributor）"

OWN: dict[str, dict[str, Refusal]] = {
    # 429: limits of the gateway's own.
    "sat-old-text": {
        "*": Refusal(429, "当前分组负载已饱和，请稍后再试，或升级账户以提升服务质量", relay=True)
    },
    "sat-null-code": {"*": Refusal(429, SATURATED, relay=True)},
    "sat-new_api_error": {"*": Refusal(429, SATURATED, relay=True, kind="new_api_error")},
    "sat-message-empty": {"*": Refusal(429, "", relay=True, rid=False)},
    "sat-message-rid": {"*": Refusal(429, "", relay=True)},
    "sat-rejected-by-tpm": {
        "*": Refusal(
            429,
            "Request was rejected due to rate limiting. Details: TPM limit reached.",
            "bad_response_status_code",
            relay=True,
        )
    },
    "limit-success": {"*": Refusal(429, "您已达到请求数限制：1分钟内最多请求3次")},
    "limit-total": {
        "*": Refusal(
            429,
            "您已达到总请求数限制：1分钟内最多请求3次，包括失败次数，请检查您的请求是否正确",
        )
    },
    "limit-token": {"*": Refusal(429, "本令牌一分钟只许三次，歇会儿再来。", relay=True)},
    # 401: keys.
    "key-missing": {
        "*": Refusal(401, "未提供令牌"),
        "openai": Refusal(401, "You didn't provide an API key.", kind="invalid_request_error"),
    },
    "key-wrong": {
        "*": Refusal(401, "无效的令牌"),
        "rix": Refusal(401, "Invalid Token"),
        "openai": _OPENAI_KEY,
    },
    "key-wrong-site": {"*": Refusal(401, "无效的令牌")},
    "key-expired": {"*": Refusal(401, "该令牌已过期"), "openai": _OPENAI_KEY},
    "key-disabled": {"*": Refusal(401, "该令牌状态不可用"), "openai": _OPENAI_KEY},
    "key-check-failed": {"*": Refusal(401, "令牌验证失败")},
    "key-check-database": {"*": Refusal(401, "无效的令牌，数据库查询出错，请联系管理员")},
    # 401, and yet it is about quota.
    "key-exhausted": {
        "*": Refusal(401, "该令牌额度已用尽"),
        "new-api": Refusal(401, "该令牌额度已用尽 TokenStatusExhausted[{key}]"),
        "rix": _RIX_EXHAUSTED,
        "openai": _OPENAI_QUOTA,
    },
    "key-exhausted-again": {
        "*": Refusal(401, "令牌 exhausted（#9）额度已用尽"),
        "new-api": Refusal(
            401,
            "[{key}] 该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = 0",
        ),
        "rix": _RIX_EXHAUSTED,
        "openai": _OPENAI_QUOTA,
    },
    # 403: quota.
    "user-nomoney": {
        "*": _relayed(403, "user quota is not enough", "insufficient_user_quota"),
        "new-api": _relayed(403, "用户额度不足, 剩余额度: ＄0.000000", "insufficient_user_quota"),
        "shell": Refusal(
            403,
            "user [36] quota [0] preConsumedQuota [550] is not enough",
            "insufficient_user_quota",
            relay=True,
            extra=(("localized_message", "用户额度不足"),),
        ),
        "rix": _relayed(403, "用户 [36] 配额不足", "insufficient_quota"),
        "openai": _OPENAI_QUOTA,
    },
    "quota-token-small": {
        "*": _relayed(403, "令牌额度不足", "pre_consume_token_quota_failed"),
        "new-api": _relayed(
            403,
            "token quota is not enough, token remain quota: ＄0.000020, need quota: ＄0.001100",
            "pre_consume_token_quota_failed",
        ),
    },
    "quota-user-small": {
        "*": _relayed(403, "用户额度不足", "pre_consume_token_quota_failed"),
        "new-api": _relayed(
            403,
            "预扣费额度失败, 用户剩余额度: ＄0.001164, 需要预扣费额度: ＄0.011000",
            "insufficient_user_quota",
        ),
    },
    "quota-subscription": {
        "*": _relayed(403, "订阅额度不足或未配置订阅: 无可用订阅", "insufficient_user_quota")
    },
    # 403: not allowed.
    "user-banned": {"*": Refusal(403, "用户已被封禁")},
    "key-iplimited": {
        "*": Refusal(403, "该令牌只能在指定网段使用：10.9.8.0/24，当前 ip：127.0.0.1"),
        "new-api": Refusal(403, "您的 IP 不在令牌允许访问的列表中", "access_denied"),
    },
    "model-not-allowed": {
        "*": Refusal(403, "该令牌无权使用模型：{model}"),
        "new-api": Refusal(403, "该令牌无权访问模型 {model}"),
    },
    "group-disabled": {"*": Refusal(403, "令牌分组 {group} 已被禁用")},
    "group-forbidden": {"*": Refusal(403, "无权访问 secret 分组")},
    "group-deprecated": {"*": Refusal(403, "分组 {group} 已被弃用")},
    "channel-off": {"*": Refusal(403, "该渠道已被禁用")},
    "channel-pinned": {"*": Refusal(403, "普通用户不支持指定渠道")},
    "channel-unknown": {"*": Refusal(400, "无效的渠道 Id")},
    # 503 and 400: no channel.
    "no-channel": {
        "openai": Refusal(404, "The model `{model}` does not exist", "model_not_found"),
        "*": Refusal(503, "当前分组 {group} 下对于模型 {model} 无可用渠道"),
        "new-api": Refusal(503, _DISTRIBUTOR, "model_not_found"),
        "rix": Refusal(
            503,
            "There are no channels available for model {model} under all token groups {group},"
            " please try changing the group",
            "model_not_found",
            relay=True,
        ),
    },
    "no-channel-distributor": {"*": Refusal(503, _DISTRIBUTOR, "model_not_found")},
    "no-channel-inconsistent": {"*": Refusal(503, "数据库一致性已被破坏，请联系管理员")},
    "no-channel-auto-retry": {
        "*": Refusal(
            500,
            "分组 auto 下模型 {model} 的可用渠道不存在（retry）",
            "get_channel_failed",
            relay=True,
        )
    },
    "model-not-support": {"*": Refusal(400, "Model not support", relay=True)},
    # 503 and 500: the gateway itself is unwell.
    **{
        f"system-{part}-overloaded": {
            "*": Refusal(
                503,
                f"system {part} overloaded",
                f"system_{part}_overloaded",
                relay=True,
                rid=False,
            )
        }
        for part in ("cpu", "memory", "disk")
    },
    "rate-limit-check-failed": {"*": Refusal(500, "rate_limit_check_failed")},
    "do-request-failed": {
        "*": Refusal(500, "请求上游地址失败", "do_request_failed", relay=True),
        "one-api": Refusal(
            500,
            'do request failed: Post "http://10.0.3.7:3190/v1{path}": EOF',
            "do_request_failed",
            relay=True,
        ),
        "new-api": Refusal(
            500, "upstream error: do request failed", "do_request_failed", relay=True
        ),
    },
    "do-request-failed-2025": {
        "*": Refusal(500, "请求上游地址失败", "do_request_failed", relay=True)
    },
    **{
        f"relay-{code.replace('_', '-').replace(':', '-')}": {
            "*": Refusal(500, message, code, relay=True)
        }
        for code, message in {
            "read_response_body_failed": "unexpected EOF",
            "unmarshal_response_body_failed": "unexpected end of JSON input",
            "bad_response_body": "unexpected end of JSON input",
            "bad_response": "bad response",
            "empty_response": "empty response",
            "get_channel_failed": "获取渠道失败",
            "channel:no_available_key": "no available key",
            "aws_invoke_error": "operation error Bedrock Runtime: InvokeModel",
            "write_response_body_failed": "write response body failed",
        }.items()
    },
    "panic": {
        "*": Refusal(
            500,
            "Panic detected, error: runtime error: invalid memory address or nil pointer"
            " dereference. Please submit a issue here",
            relay=True,
            kind="new_api_panic",
            rid=False,
        ),
        "one-api": Refusal(
            500,
            "Panic detected, error: runtime error: index out of range [0] with length 0",
            relay=True,
            kind="one_api_panic",
            rid=False,
        ),
    },
    # 500 and 400: the request is at fault, whatever the status says.
    "sensitive-words": {
        "*": Refusal(500, "sensitive_words_detected", "sensitive_words_detected", relay=True)
    },
    "sensitive-words-2025": {
        "*": Refusal(400, "sensitive words detected", "sensitive_words_detected", relay=True)
    },
    "model-price-error": {
        "*": Refusal(
            500,
            "模型 {model} 倍率或价格未配置，请联系管理员设置或开始自用模式；Model {model} ratio or"
            " price not set, please set or start self-use mode",
            "model_price_error",
            relay=True,
        )
    },
    "convert-request-failed": {
        "*": Refusal(500, "not implemented", "convert_request_failed", relay=True)
    },
    "prompt-blocked": {
        "*": Refusal(
            400, "request blocked by Gemini API: PROHIBITED_CONTENT", "prompt_blocked", relay=True
        )
    },
    "violation-fee": {
        "*": Refusal(
            400, "content violates usage guidelines", "violation_fee.grok.csam", relay=True
        )
    },
    "invalid-json": {
        "*": Refusal(400, "Invalid request, 无效的请求, unexpected end of JSON input")
    },
    "text-too-long": {
        "*": _relayed(400, "input is too long (over 4096 characters)", "text_too_long")
    },
    "multipart-eof": {
        "*": _relayed(
            500,
            "error parsing multipart form: multipart: NextPart: EOF",
            "convert_request_failed",
        )
    },
    "hidden-429": {
        "*": _relayed(
            500,
            "type requests, code rate_limit_exceeded, message Rate limit reached for whisper-1",
            "request_error",
        )
    },
    "not-implemented": {
        "*": Refusal(501, "API not implemented", "api_not_implemented", relay=True, rid=False)
    },
    "invalid-url": {
        "*": Refusal(
            404,
            "Invalid URL ({path})",
            relay=True,
            kind="invalid_request_error",
            rid=False,
            code="",
        )
    },
    "too-large": {
        "*": Refusal(
            400,
            "Invalid request, 无效的请求, request body exceeds 128 MB: request body too large",
        )
    },
    "too-large-413": {
        "*": Refusal(413, "request body exceeds 128 MB", "read_request_body_failed", relay=True)
    },
    "full-524": {
        "*": Refusal(524, "524 服务器已经满载,请更换模型,或者稍后再试", relay=True, rid=False)
    },
    "messages-required": {
        "*": Refusal(500, "field messages is required", "invalid_request", relay=True),
        "one-api": Refusal(400, "field messages is required", "invalid_text_request", relay=True),
    },
    "model-missing": {
        "*": Refusal(400, "未指定模型名称，模型名称不能为空"),
        "one-api": Refusal(503, "当前分组 {group} 下对于模型  无可用渠道"),
    },
}

EMPTY_BODIES: dict[str, int] = {"limit-empty": 429, "redis-down": 500}
"""Refusals without a body: the limiter without Redis, and a limiter whose Redis is down."""


_LIKE = {"cdn": "openai", "new-api-2026-08": "new-api"}
"""Families that speak like another where they have no words of their own."""


def refusal(name: str, family: str) -> Refusal:
    """The refusal of that name in the words of that family."""
    row = OWN[name]
    return row.get(_LIKE.get(family, family)) or row["*"]
