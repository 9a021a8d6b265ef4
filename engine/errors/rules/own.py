"""What gateways say of themselves, in words and codes that nobody else uses."""

from engine.errors import kinds
from engine.errors.rules.rule import Rule, codes, statuses, words

OWN: tuple[Rule, ...] = (
    Rule(kinds.LIMITER_FAILED, "OA/NA: its Redis is down", code="^rate_limit_check_failed$"),
    Rule(kinds.LIMITER_FAILED, "OA/NA: its Redis is down", words="rate_limit_check_failed"),
    Rule(
        kinds.OVERLOADED,
        "NA 2026-02: sent before authentication at 90 % load",
        codes=codes("system_cpu_overloaded", "system_memory_overloaded", "system_disk_overloaded"),
    ),
    Rule(
        kinds.RATE_LIMITED,
        "NA: group auto, a 429 hidden by cross-group retry",
        words=r"可用渠道不存在（retry）",
    ),
    Rule(
        kinds.RATE_LIMITED,
        "NA transcription: a 429 hidden by the gateway's own retry",
        words=r"multipart: nextpart: eof",
        codes=codes("convert_request_failed"),
    ),
    Rule(
        kinds.SERVER_ERROR,
        "OA/NA, one-hub: upstream's body could not be read; its words are about Go, not about the "
        "request",
        codes=codes(
            "read_response_body_failed",
            "unmarshal_response_body_failed",
            "bad_response_body",
            "get_text_from_body_err",
            "decode_response_failed",
        ),
        statuses=statuses(500, 502),
    ),
    Rule(
        kinds.SERVER_ERROR,
        "OA/NA, one-hub: a database fault dressed as a refused key",
        words=words("令牌验证失败", "数据库查询出错", "获取令牌额度失败"),
    ),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "NA: the key of its channel is refused",
        codes=codes("channel:invalid_key"),
    ),
    Rule(
        kinds.SERVER_ERROR,
        "NA 2026-08: choosing a channel failed (database)",
        words=words(
            "failed to get available channel for model", r"获取.{1,80}可用渠道失败（distributor）"
        ),
    ),
    Rule(
        kinds.SERVER_ERROR,
        "done-hub 503, or in a stream: whatever is wrong with its upstream, but for a full one",
        codes=codes("service_unavailable"),
        words="负载已饱和",
        fact="vague_gateway",
        hides_words=True,
    ),
    Rule(
        kinds.OWN_QUOTA,
        "one-hub: its user has no money, in the words of saturation",
        codes=codes("insufficient_user_quota"),
        words="负载已饱和",
        hides_words=True,
    ),
    Rule(
        kinds.OVERLOADED,
        "gpt-load: more than 100 calls at once on the whole server",
        codes=codes("internal_server_error"),
        words="too many concurrent requests",
    ),
    Rule(
        kinds.WRONG_URL,
        "gpt-load 500: the group in the URL does not exist",
        words="failed to retrieve proxy group",
    ),
    Rule(
        kinds.UPSTREAM_QUOTA,
        "LiteLLM 429: the budget of a deployment, until the operator's period ends",
        words=words("crossed budget", "exceeded budget for deployment"),
    ),
    Rule(
        kinds.OWN_QUOTA,
        "LiteLLM: the budget of a key, user or team; old builds say 400",
        words=words(r"^budget has been exceeded", r"^exceededbudget"),
    ),
    Rule(
        kinds.ACCESS_DENIED,
        "LiteLLM 401 or 403: the key's, team's or user's list of models",
        code="_model_access_denied$",
    ),
    Rule(
        kinds.ACCESS_DENIED,
        "LiteLLM 401, older builds",
        words=r"^(?:key|team|user|org\w*) not allowed to access model",
    ),
    Rule(
        kinds.KEY_REFUSED,
        "LiteLLM: 400 without a database, 401 with one",
        code=r"^(?:no_db_connection|expired_key|token_not_found_in_db|auth_error)$",
    ),
    Rule(
        kinds.RATE_LIMITED,
        "LiteLLM: all of its deployments are cooling down",
        words=r"^no deployments available for selected model",
    ),
    Rule(
        kinds.SERVER_ERROR,
        "LiteLLM 400 or 422: its upstream sent a page or an error, and the request was fine",
        words=words(r"^invalid request format: litellm\.", r"^error in response object"),
    ),
    Rule(
        kinds.WRONG_API,
        "LiteLLM 500, one-hub 503: the channel's provider has no such API",
        words=words("^unsupported provider:", "channel not implemented"),
    ),
)
