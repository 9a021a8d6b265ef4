"""The catalogue of failures: what each kind means, how often it is repeated, what people read.

A row here is all that ``retry`` (repeats, pause), ``explain`` (texts), the adapters (outcome), the
report of ``python -m gateway explain`` and the READMEs' failure tables know of a kind: a new kind
is one row, in English and Chinese.
"""

from gateway.failure.kind import Affected, Check, Kind, Outcome, Pause, Step, Texts

__all__ = ["KINDS", "UNTIL_DEADLINE", "Kind", "Outcome", "Pause"]

UNTIL_DEADLINE: int | None = None
"""As often as the waiting budget allows; the queue says when."""

_MAKE_ROOM = (
    Step.WAIT,
    Step.RETRY_SECONDS,
    Step.OTHER_GROUP,
    Step.OTHER_MODEL,
    Step.SPREAD,
    Step.CACHE,
)
_QUEUE = (Step.SPREAD, Step.OTHER_GROUP, Step.RETRY_SECONDS, Step.CACHE, Step.WAIT)
_THEIR_FAULT = (Step.WAIT, Step.OTHER_MODEL, Step.OTHER_GROUP, Step.OPERATOR)

SATURATED = Kind(
    "saturated",
    Outcome.RATE_LIMIT,
    Affected.GROUP,
    _MAKE_ROOM,
    (Check.GROUP, Check.INCIDENT),
    Texts(
        "the gateway is saturated",
        "Every upstream channel of this key's group is at its limit; key and settings are fine.",
        "Try again in a few minutes, choose another model or a key of another group, or raise Max "
        "Retry Seconds.",
        "Type keys of several groups and fallback models into the form, let calls wait longer, and "
        "keep bulk jobs out of the busy hours.",
    ),
    Texts(
        "网关当前分组的上游负载已饱和",
        "该密钥所在分组的所有上游渠道都已达到上限；密钥和设置没有问题。",
        "请过几分钟再试，换用其他模型或其他分组的密钥，或调大“最长等待秒数”。",
        "在表单中填写多个分组的密钥和备用模型，允许更长的等待，并避开高峰时段运行批量任务。",
    ),
    repeats=UNTIL_DEADLINE,
)
RATE_LIMITED = Kind(
    "rate_limited",
    Outcome.RATE_LIMIT,
    Affected.KEY,
    (
        Step.WAIT,
        Step.SPREAD,
        Step.RETRY_SECONDS,
        Step.OTHER_GROUP,
        Step.OTHER_MODEL,
        Step.CACHE,
    ),
    (Check.GROUP, Check.INCIDENT),
    Texts(
        "the rate limit is reached",
        "More requests or tokens were sent per minute than this account or the gateway's upstream "
        "allows.",
        "Try again in a minute, send fewer calls at once, or raise Max Retry Seconds.",
        "Type the account's limit into Requests per Minute and Max Concurrency, and add keys of "
        "other accounts or groups.",
    ),
    Texts(
        "已达到速率限制",
        "每分钟发送的请求或 token 超过了该账户或网关上游的允许值。",
        "请一分钟后再试，减少同时发出的调用，或调大“最长等待秒数”。",
        "把账户的限额填入“每分钟请求数”和“最大并发数”，并添加其他账户或分组的密钥。",
    ),
    repeats=UNTIL_DEADLINE,
)
OVERLOADED = Kind(
    "overloaded",
    Outcome.UNAVAILABLE,
    Affected.GATEWAY,
    (Step.WAIT, Step.RETRY_SECONDS, Step.OTHER_MODEL, Step.OTHER_GROUP, Step.SPREAD, Step.OPERATOR),
    (Check.INCIDENT,),
    Texts(
        "the gateway or its upstream is overloaded",
        "It turns calls away for the moment; key and settings are fine.",
        "Try again in a few minutes, choose another model, or raise Max Retry Seconds.",
        "Type fallback models of other providers into the form, and let calls wait longer.",
    ),
    Texts(
        "网关或其上游过载",
        "它暂时拒绝新的调用；密钥和设置没有问题。",
        "请过几分钟再试，换用其他模型，或调大“最长等待秒数”。",
        "在表单中填写其他厂商的备用模型，并允许更长的等待。",
    ),
    repeats=UNTIL_DEADLINE,
)
OWN_QUOTA = Kind(
    "own_quota",
    Outcome.RATE_LIMIT,
    Affected.KEY,
    (Step.TOP_UP, Step.LESS_TOKENS, Step.OTHER_GROUP),
    (Check.BALANCE, Check.KEY),
    Texts(
        "the quota of this API key or its account is used up",
        "The gateway does not serve this key until it is topped up; waiting does not help.",
        "Top up the account or raise the key's quota at the gateway; a smaller max_tokens can pass "
        "a low balance.",
        "Watch the balance, and type a second key, which takes over when the first is used up.",
    ),
    Texts(
        "该密钥或其账户的额度已用尽",
        "充值之前网关不会再为该密钥服务；等待没有用。",
        "请给账户充值，或在网关上提高该密钥的额度；余额不多时，调小 max_tokens 可能可以通过。",
        "关注余额；并填写第二个密钥，第一个用尽时自动接替。",
    ),
    names_balance=True,
    condemns_key=True,
)
UPSTREAM_QUOTA = Kind(
    "upstream_quota",
    Outcome.RATE_LIMIT,
    Affected.GROUP,
    (Step.OPERATOR, Step.OTHER_MODEL, Step.OTHER_GROUP, Step.WAIT),
    (Check.INCIDENT, Check.BALANCE),
    Texts(
        "the gateway operator's upstream account has no quota left",
        "It is the operator's account with the model's provider, not yours.",
        "Tell the gateway's operator, or choose another model or a key of another group.",
        "Type fallback models and keys of other groups, whose channels have other accounts.",
    ),
    Texts(
        "网关运营方的上游账户额度不足",
        "用尽的是运营方在模型厂商处的账户，不是您的账户。",
        "请联系网关运营方，或换用其他模型、其他分组的密钥。",
        "填写备用模型和其他分组的密钥，它们的渠道使用别的账户。",
    ),
    repeats=1,
    names_balance=True,
    condemns_lane=True,
)
KEY_REFUSED = Kind(
    "key_refused",
    Outcome.AUTHORIZATION,
    Affected.KEY,
    (Step.KEY, Step.URL),
    (Check.KEY, Check.URL),
    Texts(
        "the API key is missing, wrong, disabled or expired",
        "The gateway does not accept this key.",
        "Check API Key and API Base URL: a key works only on the site that issued it.",
        "Copy the key from the gateway's page without spaces, give it no early end, and type a "
        "second key, which takes over when the first is refused.",
    ),
    Texts(
        "API Key 缺失、错误、被禁用或已过期",
        "网关不接受这个密钥。",
        "请检查 API Key 和接口地址：密钥只在签发它的站点有效。",
        "从网关页面完整复制密钥，有效期不要设得太短，并填写第二个密钥，第一个被拒时自动接替。",
    ),
    condemns_key=True,
)
UPSTREAM_REFUSED = Kind(
    "upstream_refused",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    (Step.OPERATOR, Step.OTHER_MODEL, Step.OTHER_GROUP),
    (Check.INCIDENT, Check.MODEL),
    Texts(
        "the gateway's own upstream refuses it",
        "The channel that the gateway's operator set up for this model is not accepted by the "
        "model's provider; your key is fine.",
        "Tell the gateway's operator, or choose another model or a key of another group.",
        "Type fallback models and keys of other groups, which use other channels.",
    ),
    Texts(
        "网关自己的上游拒绝了请求",
        "运营方为该模型配置的渠道未被模型厂商接受；您的密钥没有问题。",
        "请联系网关运营方，或换用其他模型、其他分组的密钥。",
        "填写备用模型和其他分组的密钥，它们使用别的渠道。",
    ),
    repeats=1,
    condemns_lane=True,
)
ACCESS_DENIED = Kind(
    "access_denied",
    Outcome.BAD_REQUEST,
    Affected.KEY,
    (Step.PERMISSIONS, Step.OTHER_GROUP, Step.OTHER_MODEL),
    (Check.KEY, Check.GROUP, Check.MODEL),
    Texts(
        "this API key may not do that",
        "The key is known, but its address list, its group, its model list or its owner forbids "
        "the call.",
        "Change the key's permissions at the gateway, or use another key.",
        "Give the key of this Dify no list of addresses or models that leaves out what it needs.",
    ),
    Texts(
        "该密钥没有权限这样调用",
        "网关认识这个密钥，但它的 IP 白名单、分组、模型列表或所属用户不允许这次调用。",
        "请在网关上修改密钥的权限，或换用其他密钥。",
        "给这个 Dify 用的密钥设置 IP 白名单或模型列表时，不要漏掉所需要的。",
    ),
    condemns_lane=True,
)
NO_CHANNEL = Kind(
    "no_channel",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    (Step.NAME, Step.OTHER_GROUP, Step.OTHER_MODEL, Step.OPERATOR),
    (Check.MODEL, Check.GROUP, Check.INCIDENT),
    Texts(
        "the gateway has no channel for this model",
        "The model's name is wrong, the key's group lacks it, or all its channels are switched "
        "off.",
        "Check the model's spelling against the gateway's list, or use a key of a group that has "
        "it.",
        "Copy names from the gateway's list of models, and type fallback models.",
    ),
    Texts(
        "网关没有该模型的可用渠道",
        "模型名称有误，密钥所在分组没有这个模型，或它的渠道全部被停用。",
        "请对照网关的模型列表检查名称，或使用包含该模型的分组的密钥。",
        "从网关的模型列表中复制名称，并填写备用模型。",
    ),
    is_about_model=True,
    repeats=1,
    pause=Pause(fixed=5.0),
    condemns_lane=True,
)
MODEL_NOT_FOUND = Kind(
    "model_not_found",
    Outcome.BAD_REQUEST,
    Affected.MODEL,
    (Step.NAME, Step.OTHER_MODEL, Step.OTHER_GROUP),
    (Check.MODEL, Check.GROUP),
    Texts(
        "the model is not known or not set up",
        "The gateway or its upstream does not serve a model of this name.",
        "Check the model's spelling against the gateway's list, or choose another model.",
        "Copy names from the gateway's list of models, and watch for models that are retired.",
    ),
    Texts(
        "模型不存在或未配置",
        "网关或其上游不提供这个名称的模型。",
        "请对照网关的模型列表检查名称，或换用其他模型。",
        "从网关的模型列表中复制名称，并留意下线的模型。",
    ),
    is_about_model=True,
    condemns_lane=True,
)
WRONG_URL = Kind(
    "wrong_url",
    Outcome.BAD_REQUEST,
    Affected.DIFY,
    (Step.URL, Step.OTHER_MODEL),
    (Check.URL,),
    Texts(
        "the API Base URL does not lead to this API",
        "A web page, a redirect or 'not found' came back instead of an answer.",
        "Check API Base URL; it usually ends in /v1.",
        "Copy the base URL from the gateway's documentation, and save it in the form, which checks "
        "it.",
    ),
    Texts(
        "接口地址没有指向这个 API",
        "返回的不是回答，而是网页、重定向或“未找到”。",
        "请检查接口地址（API Base URL），它通常以 /v1 结尾。",
        "从网关的文档中复制接口地址，并在表单中保存，保存时会验证。",
    ),
)
WRONG_API = Kind(
    "wrong_api",
    Outcome.BAD_REQUEST,
    Affected.MODEL,
    (Step.API_TYPE, Step.NAME, Step.URL, Step.OTHER_MODEL),
    (Check.MODEL, Check.URL),
    Texts(
        "the gateway does not offer this model at this API",
        "The gateway has no such API, or the model answers only at another one.",
        "Choose the other API type in a chat model's settings; for other models, check that the "
        "model is of this type, or use a gateway that has this API (One API has no rerank).",
        "Use the API type Responses only for models that exist only there, on a gateway that has "
        "/v1/responses.",
    ),
    Texts(
        "网关没有在这个接口上提供该模型",
        "网关没有这个接口，或该模型只在另一个接口上提供。",
        "聊天模型请在模型设置中改选另一种接口类型（API type）；其他模型请确认模型类型正确，"
        "或改用提供该接口的网关（One API 没有 rerank）。",
        "只有仅支持 Responses 的模型才选 Responses，并且网关要提供 /v1/responses。",
    ),
)
CONTENT_REFUSED = Kind(
    "content_refused",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.REQUEST, Step.OTHER_MODEL),
    (),
    Texts(
        "the content was refused by a filter",
        "The gateway or the model's provider does not process this prompt.",
        "Change the prompt, or choose another model.",
        "Let the app check what users type before it is sent, and give its workflow a fail branch.",
    ),
    Texts(
        "内容被过滤器拒绝",
        "网关或模型厂商不处理这段提示词。",
        "请修改提示词，或换用其他模型。",
        "在发送之前先审查用户输入，并为工作流设置异常分支。",
    ),
)
CONTEXT_TOO_LONG = Kind(
    "context_too_long",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.SHORTEN, Step.LESS_TOKENS, Step.OTHER_MODEL),
    (),
    Texts(
        "the prompt is too long for this model",
        "Messages, tools and answer together exceed the model's context.",
        "Shorten the conversation or the documents in it, lower max_tokens, or choose a model with "
        "a larger context.",
        "Type the model's true context size into the form, and limit memory and retrieved chunks "
        "in the app.",
    ),
    Texts(
        "提示词超出了该模型的上下文长度",
        "消息、工具和回答加起来超过了模型的上下文。",
        "请缩短对话或其中的文档，调小 max_tokens，或换用上下文更长的模型。",
        "在表单中填写模型真实的上下文长度，并在应用中限制记忆轮数和召回的片段数。",
    ),
)
TOO_LARGE = Kind(
    "too_large",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.SHORTEN, Step.OPERATOR),
    (),
    Texts(
        "the request is too large",
        "The gateway or a proxy in front of it limits the size of a request.",
        "Send fewer or smaller files, or a shorter prompt.",
        "Limit the size and number of uploads in the app.",
    ),
    Texts(
        "请求体过大",
        "网关或它前面的代理限制了请求的大小。",
        "请减少或压缩文件，或缩短提示词。",
        "在应用中限制上传文件的大小和数量。",
    ),
)
BAD_REQUEST = Kind(
    "bad_request",
    Outcome.BAD_REQUEST,
    Affected.CALL,
    (Step.REQUEST, Step.OTHER_MODEL),
    (Check.MODEL,),
    Texts(
        "the request was refused as invalid",
        "A parameter or a message does not suit this model.",
        "Check the model's parameters in the app against what the model accepts.",
        "Set only the parameters that the model documents, and try a changed app once before it is "
        "published.",
    ),
    Texts(
        "请求被判定为无效",
        "某个参数或某条消息不适合该模型。",
        "请对照该模型接受的参数，检查应用中的模型参数。",
        "只设置模型文档中列出的参数；应用改动后，发布前先试一次。",
    ),
)
SERVER_ERROR = Kind(
    "server_error",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    Texts(
        "the gateway or its upstream failed",
        "It is a fault on their side; key and settings are fine.",
        "Try again; if it lasts, choose another model or tell the gateway's operator.",
        "Type fallback models and keys of other groups, and give workflows a fail branch.",
    ),
    Texts(
        "网关或其上游出错",
        "故障在对方；密钥和设置没有问题。",
        "请重试；若一直如此，请换用其他模型，或联系网关运营方。",
        "填写备用模型和其他分组的密钥，并为工作流设置异常分支。",
    ),
    repeats=3,
    slow_repeats=1,
)
LIMITER_FAILED = Kind(
    "limiter_failed",
    Outcome.UNAVAILABLE,
    Affected.GATEWAY,
    (Step.OPERATOR,),
    (Check.INCIDENT,),
    Texts(
        "the gateway's own rate limiter is out of order",
        "It fails until the gateway is restarted; repeating does not help.",
        "Tell the gateway's operator (its Redis failed).",
        "Have a second gateway at hand as another provider or model in Dify.",
    ),
    Texts(
        "网关自身的限流组件故障",
        "在网关重启之前会一直失败；重试没有用。",
        "请联系网关运营方（它的 Redis 出了故障）。",
        "在 Dify 中另备一个网关作为其他供应商或模型。",
    ),
)
UPSTREAM_TIMEOUT = Kind(
    "upstream_timeout",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    (Step.WAIT, Step.LESS_TOKENS, Step.OTHER_MODEL, Step.OPERATOR),
    (Check.INCIDENT,),
    Texts(
        "the gateway waited too long for its upstream",
        "A proxy on the way gave the call up.",
        "Try again; ask for shorter answers, or choose a faster model.",
        "Stream the answer, and split long tasks: proxies give up a silent answer after about "
        "100 s.",
    ),
    Texts(
        "网关等待上游超时",
        "途中的代理放弃了这次调用。",
        "请重试；要求更短的回答，或换用更快的模型。",
        "使用流式输出，并拆分长任务：回答沉默约 100 秒后，代理就会放弃。",
    ),
    repeats=1,
)
CONNECT_FAILED = Kind(
    "connect_failed",
    Outcome.CONNECTION,
    Affected.DIFY,
    (Step.URL, Step.NETWORK, Step.WAIT),
    (Check.URL, Check.INCIDENT),
    Texts(
        "no connection to the gateway",
        "Its address could not be found or reached from the machine that runs Dify's plugins.",
        "Check API Base URL, and that this machine may reach it (DNS, firewall, proxy).",
        "Let the plugin daemon's network reach the gateway, and name a proxy in HTTPS_PROXY where "
        "one is needed.",
    ),
    Texts(
        "无法连接网关",
        "运行 Dify 插件的机器找不到或连不上它的地址。",
        "请检查接口地址，以及这台机器能否访问它（DNS、防火墙、代理）。",
        "让插件守护进程所在的网络能够访问网关；需要代理时设置 HTTPS_PROXY。",
    ),
    repeats=3,
)
TLS_FAILED = Kind(
    "tls_failed",
    Outcome.CONNECTION,
    Affected.DIFY,
    (Step.CERTIFICATE, Step.URL),
    (Check.URL,),
    Texts(
        "the gateway's TLS certificate is not accepted",
        "Its certificate is expired, made for another name, or signed by an unknown authority.",
        "Have the certificate put right, or name the authority's file in REQUESTS_CA_BUNDLE.",
        "Have the certificate renewed before it expires.",
    ),
    Texts(
        "网关的 TLS 证书不被接受",
        "证书已过期、与域名不符，或由未知机构签发。",
        "请让对方更正证书，或在 REQUESTS_CA_BUNDLE 中指定签发机构的证书文件。",
        "在证书过期之前及时更新。",
    ),
)
CONNECTION_LOST = Kind(
    "connection_lost",
    Outcome.CONNECTION,
    Affected.CALL,
    (Step.WAIT, Step.NETWORK, Step.OPERATOR),
    (Check.INCIDENT,),
    Texts(
        "the connection broke before the gateway answered",
        "",
        "Try again; if it lasts, tell the gateway's operator.",
        "Look for a proxy or firewall on the way that closes idle connections.",
    ),
    Texts(
        "网关应答之前连接中断",
        "",
        "请重试；若一直如此，请联系网关运营方。",
        "检查途中是否有代理或防火墙会关闭空闲连接。",
    ),
    repeats=2,
    within=5.0,
)
NO_ANSWER = Kind(
    "no_answer",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    Texts(
        "the gateway accepted the call and then fell silent",
        "The call may have been billed, so it was not sent again.",
        "Try again; if it lasts, choose another model or tell the gateway's operator.",
        "Choose a faster model for long prompts, and give workflows a fail branch.",
    ),
    Texts(
        "网关接受了调用，随后再无响应",
        "这次调用可能已经计费，因此没有重发。",
        "请重试；若一直如此，请换用其他模型，或联系网关运营方。",
        "长提示词请选用更快的模型，并为工作流设置异常分支。",
    ),
)
TIME_LIMIT = Kind(
    "time_limit",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    (Step.LESS_TOKENS, Step.OTHER_MODEL, Step.SHORTEN),
    (),
    Texts(
        "the answer was not complete within 590 s",
        "Dify ends every call to a plugin at 600 s.",
        "Ask for a shorter answer, or choose a faster model.",
        "Split long tasks into several nodes, each with a shorter answer.",
    ),
    Texts(
        "回答未能在 590 秒内完成",
        "Dify 会在 600 秒时终止对插件的任何调用。",
        "请要求更短的回答，或换用更快的模型。",
        "把长任务拆成多个节点，每个节点的回答短一些。",
    ),
)
EMPTY_ANSWER = Kind(
    "empty_answer",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    Texts(
        "the model's answer was empty",
        "The gateway reported success without any content.",
        "Try again, or choose another model.",
        "Type fallback models, and tell the operator if one model does it again and again.",
    ),
    Texts(
        "模型的回答是空的",
        "网关报告成功，却没有任何内容。",
        "请重试，或换用其他模型。",
        "填写备用模型；若某个模型反复如此，请告知运营方。",
    ),
    repeats=1,
)
TRUNCATED = Kind(
    "truncated",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    _THEIR_FAULT,
    (Check.INCIDENT,),
    Texts(
        "the answer broke off",
        "The gateway ended it without a finish reason, so it is not complete.",
        "Try again; if it lasts, choose another model or tell the gateway's operator.",
        "Ask for shorter answers, and give workflows a fail branch.",
    ),
    Texts(
        "回答中途断开",
        "网关在没有给出结束原因的情况下结束了回答，因此它并不完整。",
        "请重试；若一直如此，请换用其他模型，或联系网关运营方。",
        "要求更短的回答，并为工作流设置异常分支。",
    ),
    repeats=3,
    slow_repeats=1,
)

QUEUE_FULL = Kind(
    "queue_full",
    Outcome.RATE_LIMIT,
    Affected.DIFY,
    _QUEUE,
    (Check.GROUP,),
    Texts(
        "too many calls are waiting for the gateway",
        "It takes fewer calls than this Dify sends.",
        "Try again in a few minutes, send fewer calls at once, or add keys of other groups.",
        "Run bulk jobs one after the other, and add keys of other groups.",
    ),
    Texts(
        "等待网关的调用太多",
        "网关能接受的调用少于这个 Dify 发出的。",
        "请过几分钟再试，减少同时发出的调用，或添加其他分组的密钥。",
        "批量任务请依次运行，并添加其他分组的密钥。",
    ),
)
QUEUE_TOO_LONG = Kind(
    "queue_too_long",
    Outcome.RATE_LIMIT,
    Affected.DIFY,
    _QUEUE,
    (Check.GROUP,),
    Texts(
        "the turn of this call does not come in time",
        "Calls wait for each other, because the gateway takes only so many at once.",
        "Try again in a few minutes, send fewer calls at once, add keys of other groups, or raise "
        "Max Retry Seconds.",
        "Add keys of other groups, and let bulk jobs wait longer.",
    ),
    Texts(
        "这次调用来不及排到",
        "网关同时只接受有限的调用，因此调用在互相等待。",
        "请过几分钟再试，减少同时发出的调用，添加其他分组的密钥，或调大“最长等待秒数”。",
        "添加其他分组的密钥，并允许批量任务等待更久。",
    ),
)
GATEWAY_SHUT = Kind(
    "gateway_shut",
    Outcome.RATE_LIMIT,
    Affected.GROUP,
    _MAKE_ROOM,
    (Check.INCIDENT, Check.GROUP),
    Texts(
        "the gateway has let nothing through for a minute",
        "Every call, and the last probe too, was refused as saturated.",
        "Try again in a few minutes, choose another model or a key of another group.",
        "Type keys of several groups and fallback models into the form.",
    ),
    Texts(
        "网关已有一分钟没有放行任何调用",
        "所有调用，包括最近一次试探，都因饱和被拒绝。",
        "请过几分钟再试，换用其他模型或其他分组的密钥。",
        "在表单中填写多个分组的密钥和备用模型。",
    ),
)
KEYS_RESTING = Kind(
    "keys_resting",
    Outcome.RATE_LIMIT,
    Affected.KEY,
    (Step.KEY, Step.TOP_UP, Step.WAIT),
    (Check.KEY, Check.BALANCE),
    Texts(
        "none of the API keys can be used",
        "Each was refused or has used its quota up; they are tried again after five minutes.",
        "Check the keys at the gateway; saving the settings tries them at once.",
        "Watch the keys' quotas and expiry dates.",
    ),
    Texts(
        "没有可用的 API Key",
        "每个密钥都被拒绝或额度已用尽；五分钟后会再次尝试。",
        "请在网关上检查这些密钥；保存设置会立即重新尝试。",
        "关注各个密钥的额度和有效期。",
    ),
)

MALFORMED_ANSWER = Kind(
    "malformed_answer",
    Outcome.UNAVAILABLE,
    Affected.MODEL,
    (Step.NAME, Step.URL, Step.OTHER_MODEL, Step.OPERATOR),
    (Check.MODEL, Check.URL),
    Texts(
        "the gateway's answer is not what was asked for",
        "",
        "Check that the model is of this type, and API Base URL; if it lasts, tell the gateway's "
        "operator.",
        "Add each model under its own type, as the gateway's list of models has it.",
    ),
    Texts(
        "网关返回的不是所请求的内容",
        "",
        "请检查该模型是否属于这种类型，以及接口地址；若一直如此，请联系网关运营方。",
        "按网关模型列表中的类型添加每个模型。",
    ),
    repeats=1,
)
BROKEN_TOOL_CALL = Kind(
    "broken_tool_call",
    Outcome.UNAVAILABLE,
    Affected.CALL,
    (Step.MORE_TOKENS, Step.WAIT, Step.OTHER_MODEL),
    (),
    Texts(
        "a tool call in the model's answer is not complete",
        "Its arguments are no valid JSON, often because the answer reached max_tokens.",
        "Raise max_tokens, or try again.",
        "Leave max_tokens high enough for the arguments of the app's tools.",
    ),
    Texts(
        "模型回答中的工具调用不完整",
        "它的参数不是合法的 JSON，往往是因为回答达到了 max_tokens。",
        "请调大 max_tokens，或重试。",
        "max_tokens 要足够容纳工具的参数。",
    ),
)

KINDS: tuple[Kind, ...] = (
    QUEUE_FULL,
    QUEUE_TOO_LONG,
    GATEWAY_SHUT,
    KEYS_RESTING,
    SATURATED,
    RATE_LIMITED,
    OVERLOADED,
    OWN_QUOTA,
    UPSTREAM_QUOTA,
    KEY_REFUSED,
    UPSTREAM_REFUSED,
    ACCESS_DENIED,
    NO_CHANNEL,
    MODEL_NOT_FOUND,
    WRONG_URL,
    WRONG_API,
    CONTENT_REFUSED,
    CONTEXT_TOO_LONG,
    TOO_LARGE,
    BAD_REQUEST,
    SERVER_ERROR,
    LIMITER_FAILED,
    UPSTREAM_TIMEOUT,
    CONNECT_FAILED,
    TLS_FAILED,
    CONNECTION_LOST,
    NO_ANSWER,
    TIME_LIMIT,
    EMPTY_ANSWER,
    TRUNCATED,
    MALFORMED_ANSWER,
    BROKEN_TOOL_CALL,
)
