"""What five more gateways refuse in words of their own: family -> name of the refusal -> words.

Where a family has no row, the refusal of ``own`` stands. Checked against the recordings.
"""

from simulator import own
from simulator.oneapi import JSON_HEADERS
from simulator.own import SATURATED, Refusal

_NEW_API_KEY = Refusal(401, "Invalid token", zh="无效的令牌")
_NO_CHANNEL = Refusal(
    503,
    "No available channel for model {model} under group {group} (distributor)",
    "model_not_found",
    zh="分组 {group} 下模型 {model} 无可用渠道（distributor）",
)
_NO_MODEL = Refusal(400, "Model name not specified, model name cannot be empty")

_HUB_KEYS = {
    "key-missing": Refusal(401, "无效的令牌"),
    "key-wrong": Refusal(401, "无效的令牌"),
    "user-banned": Refusal(401, "无效的令牌"),
    "key-expired": Refusal(401, "令牌已过期"),
    "key-disabled": Refusal(401, "令牌状态不可用"),
    "key-exhausted": Refusal(401, "令牌额度已用尽"),
    "key-exhausted-again": Refusal(401, "令牌额度已用尽"),
    "quota-token-small": Refusal(401, "令牌额度已用尽"),
    "key-iplimited": Refusal(403, "IP 127.0.0.1 is not allowed to access"),
    "group-disabled": Refusal(403, "分组 gone 不存在"),
    "limit-success": Refusal(429, "您的速率达到上限，请稍后再试。"),
    "do-request-failed": Refusal(
        500, "请求上游地址失败", "http_request_failed", kind="system_error"
    ),
    "model-missing": Refusal(400, "field Model is required", "one_hub_error"),
    "invalid-url": Refusal(
        404, "Invalid URL ({path})", "", kind="invalid_request_error", rid=False
    ),
}

_NO_DATABASE = Refusal(400, "No connected db.", 400, kind="no_db_connection")
_CRASHED = Refusal(500, "Internal Server Error", plain=True)
_BAD_KEY = Refusal(401, "Authentication failed", "UNAUTHORIZED")

NEWER: dict[str, dict[str, Refusal]] = {
    "new-api-2026-08": {
        # Any bad key is the same one.
        **dict.fromkeys(
            (
                "key-missing",
                "key-wrong",
                "key-expired",
                "key-disabled",
                "key-exhausted",
                "key-exhausted-again",
            ),
            _NEW_API_KEY,
        ),
        "no-channel": _NO_CHANNEL,
        "no-channel-distributor": _NO_CHANNEL,
        "model-not-allowed": Refusal(
            403, "This token has no access to model {model}", zh="该令牌无权访问模型 {model}"
        ),
        "user-banned": Refusal(403, "User has been banned", zh="用户已被封禁"),
        "model-missing": _NO_MODEL,
        "invalid-json": Refusal(400, "Invalid request: Invalid request: invalid JSON request body"),
        "too-large": Refusal(
            400,
            "Invalid request: Invalid request: request body exceeds 128 MB: request body too large",
        ),
        "model-price-error": Refusal(
            400,
            "模型 {model} 的价格尚未由管理员配置，暂时无法使用，请联系站点管理员开启该模型；"
            "Model {model} has not been priced by the administrator yet. Please contact the site"
            " administrator to enable this model.",
            "model_price_error",
            relay=True,
        ),
        "limit-total": Refusal(
            429,
            "您已达到总请求数限制：1分钟内最多请求6次，包括失败次数，请检查您的请求是否正确",
        ),
        "channel-affinity": Refusal(
            403,
            "The channel selected by channel affinity has been disabled, and retry was stopped by"
            " rule. Please contact the administrator",
            relay=True,
        ),
    },
    "one-hub": {
        **_HUB_KEYS,
        "no-channel": Refusal(
            503, "当前分组 {group} 下对于模型 {model} 无可用渠道", "one_hub_error"
        ),
        "model-not-allowed": Refusal(
            404,
            "Model {model} is not supported for current token",
            "one_hub_error",
            headers=(("Content-Type", "text/plain; charset=utf-8"),),
        ),
        "rerank-no-channel": Refusal(
            503, "当前分组 {group} 下对于模型 {model} 无可用渠道", headers=JSON_HEADERS, detail=True
        ),
        # The words of saturation, and it is the user who has no money.
        "user-nomoney": Refusal(
            429,
            "上游负载已饱和，请稍后再试",
            "insufficient_user_quota",
            kind="system_error",
            rid=False,
        ),
    },
    "done-hub": {
        **_HUB_KEYS,
        "no-channel": Refusal(
            404,
            "The model `{model}` does not exist or you do not have access to it.",
            "model_not_found",
            kind="invalid_request_error",
        ),
        "model-not-allowed": Refusal(503, SATURATED, "service_unavailable", kind="system_error"),
        "user-nomoney": Refusal(402, "user quota is not enough", "insufficient_user_quota"),
        "rerank-no-channel": Refusal(
            503, "model not found: {model}", headers=JSON_HEADERS, detail=True
        ),
        "rerank-user-nomoney": Refusal(
            402,
            "user quota is not enough (request id: {rid})",
            headers=JSON_HEADERS,
            detail=True,
        ),
        "do-request-failed": Refusal(503, SATURATED, "service_unavailable", kind="system_error"),
    },
    "litellm": {
        "key-missing": _CRASHED,
        "crashed": _CRASHED,
        **dict.fromkeys(("key-wrong", "key-disabled", "user-banned"), _NO_DATABASE),
        "key-expired": Refusal(
            401,
            "Authentication Error - Expired Key. Key Expiry time 2026-01-01 00:00:00+00:00 and"
            " current time 2026-11-30 22:31:02.248446+00:00",
            kind="expired_key",
            param="sk-...50cc",
        ),
        "key-exhausted": Refusal(
            429,
            "Budget has been exceeded! Key=sk-...50cc Current cost: 1.2, Max budget: 1.0",
            kind="budget_exceeded",
        ),
        "model-not-allowed": Refusal(
            403,
            "The requested model '{model}' is not available for this API key, or the model name is"
            " invalid. Check the models available to you and try again.",
            kind="key_model_access_denied",
            param="model",
        ),
        "limit-success": Refusal(
            429,
            "Rate limit exceeded for api_key:"
            " a2bb29ccf925cb99a12030571cb7b0ea4c655e82b599d939736ffb0daacf645f. Limit type:"
            " requests. Current limit: 2, Remaining: 0. Limit resets at: 2026-11-30 22:32:16 UTC",
            kind="throttling_error",
            headers=(
                ("retry-after", "60"),
                ("rate_limit_type", "requests"),
                ("reset_at", "2026-11-30 22:32:16 UTC"),
            ),
            called=True,
        ),
        "limit-deployment": Refusal(
            429,
            "litellm.RateLimitError: Model rate limit exceeded. RPM limit=2, current usage=3"
            "{trailer}",
            kind="throttling_error",
            headers=(("llm_provider-retry-after", "60"),),
            called=True,
        ),
        "limit-cooldown": Refusal(
            429,
            "No deployments available for selected model, Try again in 5 seconds. All deployments"
            " for selected model are in cooldown. Passed model={model}. pre-call-checks=False,"
            " cooldown_list=['1d5674043454d7b3', 'c29a6d32b9ce64ef']",
            kind="all_deployments_in_cooldown",
            headers=(("retry-after", "5"),),
            called=True,
        ),
        "limit-precall": Refusal(
            429,
            "litellm.RateLimitError: No deployments available for selected model. Passed"
            " model={model}. Deployments={'21333058b8d439667fc7d5': {'current_rpm': 1, 'rpm_limit':"
            " 2}}{trailer}",
            kind="throttling_error",
            headers=(("llm_provider-retry-after", "60"),),
            called=True,
        ),
        "deployment-timeout": Refusal(
            408,
            "litellm.Timeout: APITimeoutError - Request timed out. Error_str: Request timed out. -"
            " timeout value=2.0, time taken=2.01 seconds\n\nDeployment Info: request_timeout: None"
            "\ntimeout: 2.0{trailer}",
            kind="invalid_request_error",
            called=True,
        ),
        "limit-parallel": Refusal(
            429,
            "litellm.RateLimitError: Deployment has all max_parallel_requests slots in use."
            " Deployment model_group={model}, id=e28ce2f654446ef54699815adf05e65a already has"
            " max_parallel_requests=1 requests in flight. Raise max_parallel_requests (or the"
            " rpm/tpm it is derived from) for this deployment{trailer}",
            kind="throttling_error",
            called=True,
        ),
        "budget-deployment": Refusal(
            429,
            "No deployments available - crossed budget: Exceeded budget for deployment model_name:"
            " {model}, litellm_params.model: openai/ok, model_id:"
            " 1f7d018c4244df7a93cbcbf6adc685aa: 0.018 >= 1d\n",
            kind="internal_server_error",
            called=True,
        ),
        "e413-json": Refusal(
            429,
            "litellm.RateLimitError: RateLimitError: OpenAIException - Request too large for gpt-x"
            " on tokens per min (TPM): Limit 30000, Requested 45000.{trailer}",
            kind="throttling_error",
            called=True,
        ),
        "not-found": Refusal(404, "Not Found", detail=True),
        "not-allowed": Refusal(405, "Method Not Allowed", detail=True),
        "messages-required": Refusal(
            400,
            "/chat/completions: Missing required parameter: 'messages'.",
            kind="invalid_request_error",
            param="messages",
            called=True,
        ),
        "invalid-json": Refusal(
            400,
            "Invalid JSON payload: unexpected end of data: line 1 column 27 (char 26)",
            kind="invalid_request_error",
            param="request_body",
        ),
    },
    "gpt-load": {
        **dict.fromkeys(
            ("key-missing", "key-wrong", "key-expired", "key-disabled", "user-banned"), _BAD_KEY
        ),
        "group-unknown": Refusal(500, "Failed to retrieve proxy group", "INTERNAL_SERVER_ERROR"),
        "group-empty": Refusal(
            503, "No active API keys available for this group", "NO_KEYS_AVAILABLE"
        ),
        "too-many": Refusal(500, "Too many concurrent requests", "INTERNAL_SERVER_ERROR"),
        "no-channel": Refusal(
            503, "No active API keys available for this group", "NO_KEYS_AVAILABLE"
        ),
    },
}


def refusal(name: str, family: str) -> Refusal:
    """The refusal of that name in the words of that family, of whatever age."""
    return NEWER.get(family, {}).get(name) or own.refusal(name, family)


def is_known(name: str, family: str) -> bool:
    """Whether that family has a refusal of that name."""
    return name in own.OWN or name in NEWER.get(family, {})
