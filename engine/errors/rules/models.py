"""Models, channels and APIs that are not there, and requests that cannot be understood."""

from engine.errors import kinds
from engine.errors.rules.rule import Rule, codes, statuses, words

_MISSING = (
    r"(?:does(?:n't| not) exist|not exist|not found|(?:is |are )?(?:not|n't) (?:available|activated"
    r"|accessible|opened|deployed|enabled for|loaded)|has not activated|is unknown|no longer"
    r"|(?:is |has been |was )?(?:deprecated|decommissioned|retired|removed|shut down|disabled"
    r"|offline))"
)

MODELS: tuple[Rule, ...] = (
    Rule(
        kinds.NO_CHANNEL,
        "OA/NA1/NA2/RX 503; NA 2026-08 in three languages; gpt-load",
        words=words(
            "无可用渠道|無可用管道",
            r"no (?:available )?channels? available for model|^no available channel for model",
            "数据库一致性已被破坏",
            r"^no (?:active api keys|available sub-groups)",
            r"无可用(?:账号|账户|供应商)|没有可用的?(?:渠道|账号)",
            r"no available (?:accounts?|channels?)",
        ),
    ),
    Rule(
        kinds.BAD_REQUEST,
        "NA 2026-08: the price of this many tokens cannot be reckoned",
        words="pre-consume quota is out of range",
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "RX 400; NA2 unpriced model",
        words=words("^model not support", "倍率或价格未配置", "价格尚未由管理员配置"),
    ),
    Rule(kinds.MODEL_NOT_FOUND, "NA2 500, later 400", codes=codes("model_price_error")),
    Rule(
        kinds.BAD_REQUEST,
        "OpenRouter 404: no provider of this model takes what the request has",
        words="no endpoints found that support",
    ),
    Rule(
        kinds.WRONG_API,
        "OA 404, OA/NA 501 for an API that it lacks; OpenAI 404 for a model that is only at "
        "another one; vLLM, llama.cpp, Ollama, LM Studio, Ark",
        words=words(
            "^api not implemented",
            r"^invalid url \(post /v1/(?:responses|rerank|embeddings|moderations|audio/\w+)\)",
            r"only supported in v1/(?:responses|chat)",
            r"not supported (?:in|with) the (?:v1/)?(?:chat/completions|responses)",
            r"unexpected endpoint or method|is not (?:a chat|an embeddings?|a rerank\w*) model",
            r"(?:does not|doesn't) support (?:this api\b|(?:the )?(?:chat(?: completions?)?"
            r"|completions?|embeddings?|rerank(?:ing)?|score|generate|transcriptions?|speech)\b"
            r"(?: api)?\s*[.!]?(?:$| start| endpoint|\W))",
            r"does not work with the specified model",
            r"模型.{0,12}不支持.{0,8}(?:接口|api|调用方式)",
        ),
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "OpenAI 404 passed on; OA/NA /v1/models/{x} 200; Ark, Azure, Zhipu",
        code=(
            r"model_?not_?found|model_?not_?open|deployment_?not_?found|^1211$|model_?not_?exist"
            r"|invalid_?endpoint|model_?(?:not_?available|disabled|deprecated)|model_?id\w*disabled"
            r"|^servicenotopen$|invalid_?model"
        ),
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "OpenAI-compatible servers; Ark, Vertex, Moonshot, NVIDIA, HuggingFace, Cloudflare",
        words=words(
            rf"\b(?:models?|deployment|endpoint|inference profile)\b.{{0,120}}?\b{_MISSING}",
            r"\b(?:invalid|unknown|incorrect|no such|unsupported|not found the)"
            r" model(?: name| id)?\b",
            "is not a valid model",
            r"\S{1,120} model is not supported when",
            r"model (?:id |name )?\S{1,120} is not supported|^no models? loaded",
            r"no (?:endpoints|allowed providers|instances?) (?:found|are available|available)",
            r"^model: ?\S+$|function \S+ not found|unable to access model",
            r"on-demand throughput isn.t supported",
            r"模型.{0,40}(?:不存在|未开通|未找到|不可用|已下线|未部署|已停用|无效)|(?:不存在|无效|不支持)的模型",
        ),
        statuses=statuses(400, 403, 404, 410, 503),
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "an error of a server that knows its APIs, about what the route names",
        code=r"^(?:not_found_error|notfounderror|resource_not_found_error|resourcenotfoundexception)$",
        words=r"\bmodel|deployment|endpoint\b",
        statuses=statuses(400, 404),
    ),
    Rule(
        kinds.WRONG_URL,
        "OA/NA 404",
        words=r"^invalid url \(",
    ),
)

REQUESTS: tuple[Rule, ...] = (
    Rule(
        kinds.BAD_REQUEST,
        "NA2/RX 500; OA/NA1 400; LiteLLM, whose older builds say 500",
        codes=codes(
            "invalid_request",
            "invalid_text_request",
            "convert_request_failed",
            "unsupportedparamserror",
        ),
    ),
    Rule(
        kinds.BAD_REQUEST,
        "MiniMax: inside a 200",
        words=r"^invalid params\b",
    ),
    Rule(
        kinds.BAD_REQUEST,
        "OA/NA: broken or missing JSON",
        words=words(
            "无效的请求",
            "未指定模型名称",
            r"model name not specified",
            r"json: cannot unmarshal",
            r"unmarshalbodyreusable failed",
        ),
        statuses=statuses(400, 500),
    ),
    Rule(
        kinds.BAD_REQUEST,
        "LiteLLM, OA and others: what was refused for good, told again as a fault of the server",
        words=words(
            r"does not support (?:the )?parameters?\b|unsupported (?:parameter\b|value: ['\"`])",
            r"unrecognized request argument|unknown (?:name|parameter)\b",
            r"not supported (?:with|by|for) this model",
            r"extra inputs are not permitted|missing a `?thought_signature",
            r"validationexception",
        ),
        statuses=statuses(500, 502, 503),
    ),
    Rule(
        kinds.UPSTREAM_REFUSED,
        "OA: a remapped status; the saturated text covers a permanent fault",
        params=codes("401", "403", "404"),
        codes=codes("bad_response_status_code"),
    ),
)
