"""Failed answers as they were seen (gateway-errors.md 1, 2 and 7), by the kind that each is."""

import json
from dataclasses import dataclass, field
from typing import Any

from gateway.failure import kinds
from gateway.failure.evidence import Evidence, read_evidence
from gateway.failure.kinds import Kind

OA = {"X-Oneapi-Request-Id": "2026112405"}
NA = {"X-Oneapi-Request-Id": "2026112405", "X-New-Api-Version": "v0.9.16"}
RX = {"X-Rixapi-Request-Id": "2026112405"}
DIRECT = {"X-Request-Id": "req_1"}
CDN = {"Server": "cloudflare", "CF-RAY": "8f"}
SATURATED = "当前分组上游负载已饱和，请稍后再试 (request id: 2026112405)"
BAD_STATUS = "bad_response_status_code"
PAGE = b"<!DOCTYPE html><html><head><title>Error</title></head></html>"


@dataclass(frozen=True)
class Answer:
    """One failed answer: a JSON error with these fields, or a body of its own."""

    who: dict[str, str]
    status: int
    message: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def evidence(self) -> Evidence:
        body = json.dumps({"error": {"message": self.message, **self.fields}}).encode()
        return read_evidence(self.status, self.who, body if self.body is None else self.body)


def a(who: dict[str, str], status: int, message: str = "", **fields: Any) -> Answer:
    return Answer(who, status, message, fields)


def raw(who: dict[str, str], status: int, body: bytes) -> Answer:
    return Answer(who, status, body=body)


SEEN: dict[Kind, list[Answer]] = {
    kinds.SATURATED: [
        a(OA, 429, SATURATED, type="requests", code="rate_limit_exceeded"),
        a(OA, 429, SATURATED, type="upstream_error", param="429", code=BAD_STATUS),
        a(NA, 429, SATURATED, type="new_api_error", code=None),
        a(
            RX,
            429,
            "当前分组上游负载已饱和,请稍后再试",
            type="rix_api_error",
            code="RateLimitReached",
        ),
        a(RX, 429, SATURATED, type="rix_api_error", code=None),
        a(RX, 429, "", type="rix_api_error", code="RateLimitReached"),
        a(
            OA,
            429,
            "当前分组负载已饱和，请稍后再试，或升级账户以提升服务质量",
            type="one_api_error",
        ),
        a({}, 429, SATURATED),
        a(NA, 503, SATURATED),
        a(RX, 503, "524 服务器已经满载,请更换模型,或者稍后再试"),
    ],
    kinds.RATE_LIMITED: [
        a(NA, 429, "Rate limit reached for gpt-x", type="requests", code="rate_limit_exceeded"),
        a(NA, 503, "Rate limit reached for gpt-x", type="requests", code="rate_limit_exceeded"),
        a(NA, 429, "This would exceed your rate limit.", type="rate_limit_error"),
        a(NA, 500, "Resource has been exhausted (e.g. check quota).", code=429),
        a(RX, 429, ""),
        a(RX, 429, "(request id: 2026112405)"),
        a(
            RX,
            429,
            "Request was rejected due to rate limiting. Details: TPM limit reached.",
            code=BAD_STATUS,
        ),
        a(RX, 500, "Details: TPM limit reached."),
        a(NA, 429, "您已达到请求数限制：1分钟内最多请求3次", type="new_api_error"),
        a(
            NA,
            429,
            "您已达到总请求数限制：1分钟内最多请求3次，包括失败次数，请检查您的请求是否正确",
        ),
        raw(NA, 429, b""),
        raw(CDN, 429, PAGE),
        a(RX, 429, "本令牌一分钟只许三次，歇会儿再来。"),
        a(
            OA,
            500,
            "type requests, code rate_limit_exceeded, message Rate limit reached",
            code="request_error",
        ),
        a(OA, 500, "type , code 429, message upstream is busy, try later", code="request_error"),
        a(
            NA,
            500,
            "error parsing multipart form: multipart: NextPart: EOF",
            code="convert_request_failed",
        ),
        a(NA, 500, "分组 auto 下模型 M 的可用渠道不存在（retry）", code="get_channel_failed"),
        a(NA, 200, "try later", code=429),
        a(NA, 200, "Rate limit reached", type="requests", code="rate_limit_exceeded"),
    ],
    kinds.OVERLOADED: [
        a(NA, 503, "system cpu overloaded", type="new_api_error", code="system_cpu_overloaded"),
        a(NA, 503, "system memory overloaded", code="system_memory_overloaded"),
        a(NA, 503, "system disk overloaded", code="system_disk_overloaded"),
        a(NA, 503, "The server is currently overloaded", type="server_error", code="overloaded"),
        a(DIRECT, 529, "Overloaded", type="overloaded_error"),
        a(DIRECT, 529, "x"),
        a(RX, 500, "Service is overloaded, try later", type="server_error"),
        a(RX, 502, "upstream is overloaded", type="server_error"),
        a(NA, 200, "Overloaded", type="overloaded_error", code="503"),
        a(NA, 200, "", type="overloaded_error"),
        a(OA, 200, "upstream is busy, try later"),
    ],
    kinds.OWN_QUOTA: [
        a(OA, 401, "令牌 NAME（#9）额度已用尽", type="one_api_error"),
        a(NA, 401, "该令牌额度已用尽 TokenStatusExhausted[sk-exh***end]", type="new_api_error"),
        a(
            NA,
            401,
            "[sk-abc***xyz] 该令牌额度已用尽 !token.UnlimitedQuota && token.RemainQuota = 0",
        ),
        a(
            RX,
            401,
            "[sk-…] Token amount has been exhausted token.RemainQuota = 0",
            type="rix_api_error",
        ),
        a(OA, 403, "user quota is not enough", code="insufficient_user_quota"),
        a(OA, 403, "令牌额度不足", code="pre_consume_token_quota_failed"),
        a(OA, 403, "用户额度不足"),
        a(NA, 403, "用户额度不足, 剩余额度: ＄0.000000", code="insufficient_user_quota"),
        a(NA, 403, "预扣费额度失败, 用户剩余额度: ＄0.001, 需要预扣费额度: ＄0.011"),
        a(NA, 403, "订阅额度不足或未配置订阅: 无可用订阅", code="insufficient_user_quota"),
        a(NA, 403, "token quota is not enough, token remain quota: ＄0.00002", code="x"),
        a(OA, 403, "user [36] quota [0] preConsumedQuota [550] is not enough", code="x"),
        raw(NA, 200, b'{"code":"quota_not_enough","message":"x","data":null}'),
        a(DIRECT, 429, "You exceeded your current quota", code="insufficient_quota"),
        a(DIRECT, 402, "Insufficient Balance", type="unknown_error"),
        a(DIRECT, 402, "Payment Required"),
        a(OA, 402, "x", type="one_api_error"),
    ],
    kinds.UPSTREAM_QUOTA: [
        a(OA, 429, SATURATED, type="insufficient_quota", code="insufficient_quota"),
        a(NA, 429, "You exceeded your current quota", code="insufficient_quota"),
        a(NA, 200, "You exceeded your current quota", type="insufficient_quota"),
        a(RX, 403, "用户 [36] 配额不足", code="insufficient_quota"),
        a(RX, 403, "用户 [36] 配额不足"),
        a(NA, 402, "Insufficient Balance", type="unknown_error", code="invalid_request_error"),
        a(NA, 402, "Payment Required"),
    ],
    kinds.KEY_REFUSED: [
        a(NA, 401, "words that no release is known to use", type="new_api_error"),
        a(OA, 401, "未提供令牌", type="one_api_error"),
        a(OA, 401, "无效的令牌", type="one_api_error"),
        a(NA, 401, "该令牌已过期", type="new_api_error"),
        a(NA, 401, "该令牌状态不可用", type="new_api_error"),
        a(RX, 401, "Invalid Token", type="rix_api_error"),
        a({}, 401, "无效的令牌"),
        a(DIRECT, 401, "Incorrect API key provided", code="invalid_api_key"),
        a(DIRECT, 401, "invalid x-api-key", type="authentication_error"),
        # Zhipu AI asked directly: the word for a token is not One API's alone.
        a({}, 401, "令牌已过期或验证不正确！", code="401"),
    ],
    kinds.UPSTREAM_REFUSED: [
        a(NA, 401, "Incorrect API key provided: sk-a***z", code="invalid_api_key"),
        a(OA, 401, "invalid x-api-key", type="authentication_error"),
        a(NA, 401, "令牌已过期或验证不正确！", code="401"),
        a(NA, 403, "Country, region, or territory not supported", type="request_forbidden"),
        a(NA, 403, "permission denied", type="permission_error"),
        a(NA, 200, "Incorrect API key provided", code="invalid_api_key"),
        a(OA, 429, SATURATED, type="upstream_error", param="404", code=BAD_STATUS),
        a(OA, 429, SATURATED, type="upstream_error", param="401", code=BAD_STATUS),
        a(
            OA,
            404,
            " (request id: 2026112405)",
            type="upstream_error",
            param="404",
            code=BAD_STATUS,
        ),
        a(NA, 404, "openai_error", type=BAD_STATUS, code=BAD_STATUS),
    ],
    kinds.ACCESS_DENIED: [
        a(OA, 403, "用户已被封禁", type="one_api_error"),
        a(
            OA,
            403,
            "该令牌只能在指定网段使用：10.9.8.0/24，当前 ip：127.0.0.1",
            type="one_api_error",
        ),
        a(NA, 403, "您的 IP 不在令牌允许访问的列表中", code="access_denied"),
        a(NA, 403, "x", code="access_denied"),
        a(OA, 403, "该令牌无权使用模型：gpt-5"),
        a(NA, 403, "该令牌无权访问模型 gpt-5"),
        a(NA, 403, "令牌分组 vip 已被禁用"),
        a(NA, 403, "无权访问 vip 分组"),
        a(NA, 403, "分组 vip 已被弃用"),
        a(OA, 403, "该渠道已被禁用"),
        a(OA, 403, "普通用户不支持指定渠道"),
        a(NA, 400, "无效的渠道 Id", type="new_api_error"),
        a(NA, 403, "another reason", type="new_api_error"),
        raw(CDN, 403, PAGE),
    ],
    kinds.NO_CHANNEL: [
        a(OA, 503, "当前分组 default 下对于模型 gpt-5 无可用渠道", type="one_api_error"),
        a(OA, 503, "数据库一致性已被破坏，请联系管理员", type="one_api_error"),
        a(NA, 503, "分组 default 下模型 gpt-5 无可用渠道（distributor）", code="model_not_found"),
        a(
            RX,
            503,
            "There are no channels available for model M under all token groups G",
        ),
    ],
    kinds.MODEL_NOT_FOUND: [
        a(RX, 400, "Model not support", type="rix_api_error"),
        a(NA, 500, "模型 M 倍率或价格未配置，请联系管理员", code="model_price_error"),
        a(NA, 400, "x", code="model_price_error"),
        a(NA, 404, "The model `gpt-x` does not exist", code="model_not_found"),
        a(DIRECT, 404, "The model `gpt-x` does not exist or you do not have access to it."),
        a(OA, 200, "The model 'x' does not exist", type="invalid_request_error"),
    ],
    kinds.WRONG_URL: [
        a(OA, 404, "Invalid URL (POST /v1/v1/rerank)", type="invalid_request_error"),
        raw(OA, 200, PAGE),
        raw({}, 404, PAGE),
        raw({}, 404, b"404 page not found"),
        raw({"Location": "/v1/models"}, 307, b""),
        raw({}, 405, b""),
    ],
    kinds.WRONG_API: [
        a(OA, 501, "API not implemented", code="api_not_implemented"),
        a(OA, 404, "Invalid URL (POST /v1/responses)", type="invalid_request_error"),
        a(OA, 404, "Invalid URL (POST /v1/rerank)", type="invalid_request_error"),
        a(
            DIRECT,
            404,
            "This model is only supported in v1/responses and not in v1/chat/completions.",
            type="invalid_request_error",
            param="model",
        ),
        a(
            NA,
            404,
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
        ),
    ],
    kinds.CONTENT_REFUSED: [
        a(
            DIRECT,
            200,
            "Your prompt was flagged as potentially violating our usage policy.",
            code="invalid_prompt",
        ),
        a(NA, 400, "x", code="image_content_policy_violation"),
        a(DIRECT, 200, "x", code="bio_policy"),
        a(NA, 500, "sensitive_words_detected", code="sensitive_words_detected"),
        a(NA, 400, "sensitive words detected", type="new_api_error"),
        a(NA, 400, "request blocked by Gemini API: PROHIBITED_CONTENT", code="prompt_blocked"),
        a(NA, 400, "request blocked by Gemini API: PROHIBITED_CONTENT"),
        a(NA, 400, "violation_fee.grok.csam"),
        a(NA, 400, "x", code="violation_fee"),
        a(NA, 400, "The response was filtered", code="content_filter"),
        a(NA, 200, "Please modify your input.", code="content_check_rejected"),
        raw(DIRECT, 200, b'{"code": 10013, "message": "input moderation", "sid": "cha000"}'),
    ],
    kinds.CONTEXT_TOO_LONG: [
        a(NA, 400, "This model's maximum context length is 8192", code="context_length_exceeded"),
        a(DIRECT, 400, "This model's maximum context length is 8192 tokens.", code=None),
        a(
            NA,
            400,
            "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 8192]",
            code="InvalidParameter",
        ),
        a(
            DIRECT,
            413,
            "Input validation error: `inputs` must have less than 512 tokens. Given: 600",
            type="Validation",
        ),
        a(DIRECT, 500, "input is too large to process. increase the physical batch size"),
        a(DIRECT, 413, "length of prompt_tokens (9000) must be less than max_seq_len (512)."),
        a(DIRECT, 400, "the input length exceeds the context length"),
        a(
            DIRECT,
            400,
            "[{'type': 'string_too_long', 'loc': ('body', 'input'), 'msg': 'String should have at "
            "most 4096 characters'}]",
            type="invalid_request_error",
        ),
        a(NA, 400, "input must be at most 600 characters"),
    ],
    kinds.TOO_LARGE: [
        a(
            NA,
            400,
            "Invalid request, 无效的请求, request body exceeds 128 MB: request body too large",
        ),
        a(NA, 413, "x", code="read_request_body_failed"),
        a(OA, 400, "input is too long (over 4096 characters)", code="text_too_long"),
        raw({"Server": "nginx"}, 413, PAGE),
        a(
            NA,
            400,
            "<400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it "
            "should not be larger than 10.: input.contents",
            type="InvalidParameter",
            code="InvalidParameter",
        ),
        a(
            DIRECT,
            400,
            "Invalid 'input': array too long. Expected an array with maximum length 2048, but got "
            "an array with length 3000 instead.",
            code="array_above_max_length",
        ),
        a(NA, 400, "input array too large"),
        a(
            OA,
            400,
            "Too many inputs. The max number of inputs is 16.",
            type="invalid_request_error",
        ),
        a(NA, 400, "input batch size 136 > maximum allowed batch size 64", code=20042),
        a(RX, 400, "input数组最大不得超过64条", code="1214"),
        a(NA, 400, "invalid request: total number of texts must be at most 96 - received 100"),
        a(
            NA,
            400,
            "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch",
        ),
        raw(
            DIRECT,
            400,
            b'{"detail":"Request to model \'v\' failed. The max allowed tokens per submitted batch '
            b'is 120000. Your batch has 121138 tokens after truncation."}',
        ),
        a(DIRECT, 400, "Requested 600000 tokens, max 300000 tokens per request"),
    ],
    kinds.BAD_REQUEST: [
        a(
            DIRECT,
            400,
            "Invalid 'tools': array too long. Expected an array with maximum length 128, but got "
            "an array with length 129 instead.",
            code="array_above_max_length",
        ),
        a(DIRECT, 200, "The image could not be read.", code="invalid_image"),
        a(DIRECT, 200, "invalid params, temperature out of range", code=2013),
        a(NA, 500, "field messages is required", code="invalid_request"),
        a(NA, 500, "model is required", code="invalid_request"),
        a(NA, 500, "query is empty", code="invalid_request"),
        a(OA, 400, "max_tokens is invalid", code="invalid_text_request"),
        a(NA, 500, "not implemented", code="convert_request_failed"),
        a(NA, 400, "Invalid request, 无效的请求, invalid character"),
        a(NA, 400, "未指定模型名称，模型名称不能为空"),
        a(NA, 500, "json: cannot unmarshal string into Go struct field ***.temperature"),
        a(
            NA,
            400,
            "Unsupported parameter: 'max_tokens'",
            code="unsupported_parameter",
            param="max_tokens",
        ),
        a(DIRECT, 422, "temperature: out of range"),
        a(NA, 200, "messages is required", type="invalid_request_error"),
    ],
    kinds.SERVER_ERROR: [
        a(OA, 401, "令牌验证失败", type="one_api_error"),
        a(OA, 401, "无效的令牌，数据库查询出错，请联系管理员", type="one_api_error"),
        a(
            OA,
            500,
            'do request failed: Post "http://10.0.3.7:3190/v1": EOF',
            code="do_request_failed",
        ),
        a(NA, 500, "请求上游地址失败", code="do_request_failed"),
        a(NA, 500, "upstream error: do request failed", code="do_request_failed"),
        a(NA, 500, "unexpected EOF", code="read_response_body_failed"),
        a(OA, 500, "json: cannot unmarshal", code="unmarshal_response_body_failed"),
        a(OA, 500, "json: cannot unmarshal", code="get_text_from_body_err"),
        a(NA, 500, "unexpected end of JSON input", code="bad_response_body"),
        *(
            a(NA, 500, "x", code=code)
            for code in ("bad_response", "empty_response", "get_channel_failed")
        ),
        a(NA, 500, "x", code="channel:no_available_key"),
        a(NA, 500, "operation error Bedrock", code="aws_invoke_error"),
        a({}, 500, "x", code="write_response_body_failed"),
        raw(OA, 500, b""),
        a(
            OA,
            502,
            "bad response status code 502",
            type="upstream_error",
            param="502",
            code=BAD_STATUS,
        ),
        a(NA, 502, "openai_error", type=BAD_STATUS, code=BAD_STATUS),
        a(NA, 500, "Panic detected, error: runtime error", type="new_api_panic"),
        *(raw(CDN, status, PAGE) for status in (500, 502, 503, 520, 521, 522, 523, 525, 526)),
        a(NA, 200, "something else"),
    ],
    kinds.LIMITER_FAILED: [
        a(NA, 500, "rate_limit_check_failed", type="new_api_error", code=""),
        a(NA, 500, "x", code="rate_limit_check_failed"),
    ],
    kinds.UPSTREAM_TIMEOUT: [
        raw(CDN, 504, PAGE),
        raw(CDN, 524, PAGE),
        raw(CDN, 524, b'{"title":"Error 524: A timeout occurred","status":524,"retry_after":120}'),
        a(RX, 524, "524 服务器已经满载,请更换模型,或者稍后再试"),
        a(NA, 504, "openai_error", type=BAD_STATUS, code=BAD_STATUS),
        a(NA, 408, "Request timeout", type="timeout", code="request_timeout"),
        a(NA, 200, "x", type="timeout_error"),
    ],
}
