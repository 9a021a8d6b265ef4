"""What a filter refuses, and what is too long or too large."""

from engine.errors import kinds
from engine.errors.rules.rule import Rule, codes, statuses, words

_REQUEST_STATUSES = statuses(400, 403, 413, 422, 500)
_TOKENS = r"(?:tokens?|context|characters|令牌|字符)"
_PROMPT = (
    r"(?:prompt|inputs?|messages?|text|query|request|conversation|contents?|documents?|chunk"
    r"|sequence|tokens?|passage)"
)
_TOO_LONG = (
    r"(?:too (?:long|large|many)|exceed(?:s|ed|ing)?|longer than|greater than|more than|over the"
    r"|cannot exceed|must (?:be less|have less|not exceed|be shorter|be at most)|beyond|overflow)"
)

CONTENT: tuple[Rule, ...] = (
    Rule(
        kinds.CONTENT_REFUSED,
        "NA, Azure, OpenAI, Qwen, Ark, Zhipu (1301), StepFun and others: codes of filters",
        code=(
            r"sensitive|content_?(?:filter|policy|check|moderation|risk|safety|security|blocked)"
            r"|moderation|inspection|censor|^safety|prompt_?blocked|blocked_?prompt|violation|unsafe|^bio_policy$"
            r"|risk_?detect|risk_?control|responsibleai|prohibited_content|illegal_(?:prompt|image)|guardrail|^1301$"
            r"|^base_resp\.102[67]$"
        ),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "StepFun and others: unavailable for legal reasons",
        statuses=statuses(451),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "OpenAI, Azure, Gemini, xAI, DeepSeek, Qwen, Ark, Spark, MiniMax, Bedrock, LiteLLM",
        words=words(
            r"sensitive[ _](?:words?|content|information|data)"
            r"|(?:prompt|input|text|content|message)s? (?:is|are) sensitive|new_sensitive",
            r"(?:unsafe|inappropr?iate|prohibited|harmful|illegal) (?:or \w+ )?"
            r"(?:content|information)",
            r"content (?:is|was) (?:unsafe|inappropr?iate|prohibited|illegal|blocked)",
            r"content (?:exists )?risk|high[- ]risk|risk control|contentsecuritydetection",
            r"content[ _-](?:filter|polic|moderation|management polic|safety|inspection|guideline)",
            r"(?:input|output|prompt|content|text) moderation|(?:failed|blocked by|violat\w*)"
            r"[^.]{0,20}moderation|moderation (?:failed|blocked|check)",
            r"request blocked by|blocked by [^.]{0,40}(?:filter|safety|guardrail|policy)"
            r"|guardrails? (?:intervened|blocked)|(?:violat|trigger|block)\w*[^.]{0,30}guardrail",
            r"safety (?:system|filter|settings|policy|guideline|check|reasons)|safety_check",
            r"flagged (?:as|by|for)|violat\w*[^.]{0,60}(?:polic|guideline|terms of|usage|safety)",
            r"violation_fee\.",
            r"\b(?:content|output|prompt)\b[^.]{0,50}\b(?:is |was |been )?blocked\b",
            r"prohibited_content",
        ),
    ),
    Rule(
        kinds.CONTENT_REFUSED,
        "Zhipu, Qwen, Hunyuan, Baidu, Spark, MiniMax, 360 in Chinese",
        words=words(
            r"敏感(?:词|内容|信息|数据|话题)|不安全(?:或|的)?.{0,4}内容|不当内容|不合规|内容.{0,4}违规"
            r"|(?:输入|输出|提示词|文本|图片).{0,12}违规|违反.{0,20}(?:法律|法规|规定|政策|规范|准则)"
            r"|内容(?:安全|审核|审查|过滤|风险|风控)|安全(?:审核|检测|策略)|审核(?:未|不)通过|涉(?:黄|政|暴)"
        ),
    ),
)

SIZE: tuple[Rule, ...] = (
    Rule(
        kinds.BAD_REQUEST,
        "TEI (413), DashScope, Anthropic: nothing is too large: a text is empty",
        words=words(
            r"(?:cannot|can't|must not|should not|can not) be (?:empty|blank|null)",
            r"must be non-?empty|(?:is|are) empty\b|empty (?:string|input|text)",
            "不能为空",
        ),
        statuses=statuses(400, 413, 422),
    ),
    Rule(
        kinds.TOO_LARGE,
        "OpenAI 429, Groq 413: one request is larger than the limit of a whole minute",
        words=r"requested",
        beyond_limit=True,
        statuses=statuses(413, 429),
    ),
    Rule(
        kinds.TOO_LARGE,
        "more inputs than an embedding model takes: OpenAI, Azure, DashScope, SiliconFlow, Zhipu, "
        "Cohere, Gemini, Voyage, Ark, Baidu, Hunyuan",
        words=words(
            r"input\W.{0,20}array (?:is )?too (?:long|large)",
            r"too many (?:inputs|texts|documents|items)",
            r"batch size (?:is invalid|\d+ > |must|should|exceed|too)",
            r"数组.{0,6}(?:最大|长度|不得|不能|超过)|批量.{0,10}(?:超过|不能|上限)"
            r"|最多.{0,8}\d+ ?(?:条|个|段)",
            r"(?:max(?:imum)? )?number of (?:texts?|inputs?|documents?|items|strings)\b.{0,40}"
            r"(?:must be|exceed|is \d|at most|limit)",
            r"maximum item count",
            r"at most \d+ (?:requests can be in one batch|inputs|texts|documents|items)",
            r"tokens per (?:submitted )?(?:batch|request)",
        ),
        statuses=statuses(400, 413, 422),
    ),
    Rule(
        kinds.TOO_LARGE,
        "NA2: 400 or 413 beyond 128 MB; nginx; OA's TTS counts bytes",
        codes=codes("read_request_body_failed", "text_too_long", "request_too_large"),
    ),
    Rule(
        kinds.TOO_LARGE,
        "NA2: 400; Express, Go and others",
        words=r"(?:request|body|payload|entity)\W{0,3}(?:body |entity )?(?:exceeds? \d+ ?[mk]?b|"
        r"(?:is )?too large)(?! for model)",
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "vLLM: what the prompt leaves of the context is less than nothing",
        words=r"max_?(?:completion|output|new)?_?tokens\b.{0,60}(?:got|value)\W{1,3}-\d",
        statuses=_REQUEST_STATUSES,
    ),
    Rule(
        kinds.BAD_REQUEST,
        "OpenAI: a field beside the prompt is too long, under a code that prompts have too",
        words=r"^invalid '(?!input|messages|prompt|documents|query|instructions)[\w\[\].]+'",
        statuses=statuses(400, 422),
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "OpenAI, LiteLLM, llama.cpp, xAI, Zhipu (1261), Claude's relays, Spark, Baidu: codes",
        code=(
            r"context_?(?:length|window|size|limit)|exceed_context|input_?too_?(?:large|long)"
            r"|prompt_?(?:limit|too_?long)|string_(?:above_max_length|too_long)|^1261$|^10907$"
            r"|^336(?:103|104|105|007)$|tokens?_?(?:too_?long|limit_?reached)"
        ),
        statuses=_REQUEST_STATUSES,
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "every family that says context, or the name of a limit of it",
        words=words(
            r"context[ _-]?(?:length|window|size|limit)\b|\bn_ctx|max_?seq_?len|max_?model_?len",
            r"max(?:imum)? (?:sequence|prompt|input|message|total|allowed) (?:length|tokens?)\b",
            r"input_?too_?large|string_too_long|is too large to process",
            r"\binputs?\b\W{0,3}tokens? \+|range of input length should be",
            r"must have less than \d+ tokens",
            r"keep the first \d+ tokens .{0,20}context",
        ),
        statuses=_REQUEST_STATUSES,
    ),
    Rule(
        kinds.BAD_REQUEST,
        "the answer's limit is out of range, and the prompt is not spoken of",
        words=(
            r"^(?!.*\b(?:prompt|inputs?|messages)\b).*max_?(?:completion|output|new)?_?tokens"
            r"(?![a-z_]).{0,80}(?:too (?:large|big|high|small)|range|valid|maximum|minimum"
            r"|at (?:most|least)|less than|greater than|[<>]|must be|exceed|超过|大于|小于|范围)"
        ),
        statuses=statuses(400, 422),
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "prompts and texts that are too long, in vendors' many words",
        words=words(
            rf"\b{_PROMPT}\b[^.]{{0,80}}\b{_TOO_LONG}\b[^.]{{0,80}}(?:{_TOKENS}|length|limit)",
            rf"length of {_PROMPT}\b[^.]{{0,20}}\b{_TOO_LONG}",
            rf"\b(?:{_PROMPT})\b[^.:]{{0,30}}\b(?:is |are )?too long\b",
            rf"{_TOO_LONG}\b[^.]{{0,50}}\b(?:tokens|characters)\b[^.]{{0,40}}\b{_PROMPT}\b",
            r"too many (?:input |prompt |total )?tokens|token limit",
            r"\b(?:tokens?|characters)\b[^.]{0,60}\bsupports? (?:only |up to |at most |a maximum )",
            r"reduce (?:the |your )?(?:length|size|number of tokens)[^.]{0,20}"
            r"(?:prompt|input|messages)",
            r"(?:shorter|shorten)[^.]{0,20}(?:prompt|input|text|conversation)",
        ),
        statuses=statuses(400, 413, 422),
    ),
    Rule(
        kinds.CONTEXT_TOO_LONG,
        "prompts and texts that are too long, in Chinese",
        words=words(
            r"(?:上下文|输入|提示词|prompt|文本|内容|消息|对话|字符|文档).{0,30}"
            r"(?:过长|超长|太长|超过|超出|长度.{0,6}限制|token.{0,8}(?:小于|限制|上限))",
            r"(?:token|字符|长度).{0,12}(?:超过|超出|超长|上限|超限)",
            r"(?:超过|超出).{0,16}(?:上下文|最大长度|长度限制|token|字数)",
        ),
        statuses=statuses(400, 403, 413, 422, 500),
    ),
    Rule(kinds.TOO_LARGE, "nginx, Cloudflare, any", statuses=statuses(413)),
)
