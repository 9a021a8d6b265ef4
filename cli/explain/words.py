"""The fixed sentences of a report, in English and Chinese: one row for each thing to be said.

What belongs to one kind of failure alone is in the engine's catalogue (``engine.errors.kinds``).
"""

from typing import NamedTuple

from cli.explain.finding import Sure
from engine.errors.bilingual import Both
from engine.errors.kind import Affected, Check, Step


class Question(NamedTuple):
    """A question of the checklist, and where its answer is to be found."""

    ask: Both
    where: Both


AFFECTED: dict[Affected, Both] = {
    Affected.CALL: Both(
        "This call. Another one may pass, with the same model and key.",
        "这一次调用。用同样的模型和密钥再调用，可能会成功。",
    ),
    Affected.MODEL: Both(
        "Every call to this model with a key of this group; other models may work.",
        "使用该分组的密钥对这个模型的所有调用；其他模型可能正常。",
    ),
    Affected.KEY: Both(
        "Every call with this key or account; other keys may work.",
        "使用该密钥或该账户的所有调用；其他密钥可能正常。",
    ),
    Affected.GROUP: Both(
        "Everybody whose key is in this group of the gateway, other customers included; other "
        "groups may have room.",
        "密钥属于该分组的所有人，包括网关的其他客户；其他分组可能有余量。",
    ),
    Affected.GATEWAY: Both(
        "Everyone on this gateway, whatever key or model they use.",
        "这个网关上的所有人，无论使用哪个密钥或模型。",
    ),
    Affected.DIFY: Both(
        "Every call of this Dify to this gateway; other customers of the gateway notice nothing.",
        "这个 Dify 对该网关的所有调用；网关的其他客户不受影响。",
    ),
}

STEPS: dict[Step, Both] = {
    Step.WAIT: Both(
        "Wait a few minutes and try again; not faster, as failed requests often count too.",
        "等几分钟再试；不要频繁重试，失败的请求往往也计数。",
    ),
    Step.RETRY_SECONDS: Both(
        "Raise Max Retry Seconds in the model's form (120 to 300 for workflows and knowledge "
        "bases), and turn the node's own Retry on failure off.",
        "调大模型表单中的“最长等待秒数”（工作流和知识库 120 到 300），并关闭节点的“失败时重试”。",
    ),
    Step.OTHER_GROUP: Both(
        "Create a key of another group at the gateway and add it to API Key, separated by a comma.",
        "在网关上创建其他分组的密钥，用逗号分隔加到 API Key 中。",
    ),
    Step.OTHER_MODEL: Both(
        "Use another model, or name one under Fallback Models.",
        "换用其他模型，或在“备用模型”中填写。",
    ),
    Step.SPREAD: Both(
        "Spread the load: fewer parallel iterations, smaller batches, bulk jobs at other hours; "
        "type the limit into Max Concurrency.",
        "分散负载：减少并行迭代，缩小批量，错峰运行批量任务；把上限填入“最大并发数”。",
    ),
    Step.CACHE: Both(
        "Do not pay twice: Cache TTL Seconds keeps answers to questions that come again.",
        "相同的问题不重复付费：填写“缓存秒数”，重复的问题直接返回已有的回答。",
    ),
    Step.TOP_UP: Both(
        "Top up the account, or raise the key's quota on the gateway's token page.",
        "给账户充值，或在网关的令牌页面提高该密钥的额度。",
    ),
    Step.LESS_TOKENS: Both(
        "Lower max_tokens: gateways reserve the price of all of it, and long answers take longer.",
        "调小 max_tokens：网关会按它预扣费，回答越长耗时也越长。",
    ),
    Step.MORE_TOKENS: Both(
        "Raise max_tokens, so that the answer is not cut off.",
        "调大 max_tokens，以免回答被截断。",
    ),
    Step.KEY: Both(
        "Copy the key again from the gateway's token page, and look whether it is enabled and not "
        "expired there.",
        "从网关的令牌页面重新复制密钥，并确认它已启用且未过期。",
    ),
    Step.PERMISSIONS: Both(
        "Open the key on the gateway's token page: its group, its list of models, its list of "
        "addresses.",
        "在网关的令牌页面打开该密钥，查看它的分组、可用模型和 IP 白名单。",
    ),
    Step.URL: Both(
        "Compare API Base URL with the gateway's documentation; it usually ends in /v1.",
        "对照网关的文档检查接口地址，它通常以 /v1 结尾。",
    ),
    Step.API_TYPE: Both(
        "Open the model's settings in Dify and choose the other API type; the gateway's page of "
        "the model tells at which API it answers.",
        "在 Dify 中打开该模型的设置，改选另一种接口类型（API type）；"
        "网关的模型页面会说明它在哪个接口上提供。",
    ),
    Step.NAME: Both(
        "Compare the model's name, letter by letter, with the gateway's list of models.",
        "逐字对照网关的模型列表检查模型名称。",
    ),
    Step.REQUEST: Both(
        "Go back to the model's default parameters, then change one at a time; look at what the "
        "prompt of this call held.",
        "恢复模型的默认参数，再逐个修改；并查看这次调用的提示词内容。",
    ),
    Step.SHORTEN: Both(
        "Send less: fewer messages of memory, fewer retrieved chunks, smaller files.",
        "减少发送的内容：更少的记忆轮数、更少的召回片段、更小的文件。",
    ),
    Step.NETWORK: Both(
        "Try the address from the machine that runs Dify's plugin daemon: DNS, firewall, proxy.",
        "在运行 Dify 插件守护进程的机器上访问该地址：检查 DNS、防火墙、代理。",
    ),
    Step.CERTIFICATE: Both(
        "Look at the certificate's date, name and issuer; for an authority of your own set "
        "REQUESTS_CA_BUNDLE.",
        "检查证书的日期、域名和签发机构；自有机构请设置 REQUESTS_CA_BUNDLE。",
    ),
    Step.OPERATOR: Both(
        "Report it to the gateway's operator, with the time and the request id.",
        "把时间和 request id 告诉网关运营方。",
    ),
}

CHECKS: dict[Check, Question] = {
    Check.KEY: Question(
        Both("Does the key work?", "密钥有效吗？"),
        Both(
            "The gateway's token page: enabled, not expired. `resilient-gateway check` tries it.",
            "网关的令牌页面：已启用、未过期。`resilient-gateway check` 会实际验证。",
        ),
    ),
    Check.BALANCE: Question(
        Both("Is there balance?", "还有余额吗？"),
        Both(
            "The gateway's wallet page, and the quota of the key itself, which is separate.",
            "网关的钱包页面；以及密钥自身的额度，两者是分开的。",
        ),
    ),
    Check.GROUP: Question(
        Both("Which group is the key in?", "密钥属于哪个分组？"),
        Both(
            "The group column of the gateway's token page; a key belongs to one group.",
            "网关令牌页面的“分组”一栏；一个密钥只属于一个分组。",
        ),
    ),
    Check.MODEL: Question(
        Both("Does the group have this model?", "该分组有这个模型吗？"),
        Both(
            "The gateway's page of prices or models, by group, or GET /v1/models with this key.",
            "网关的价格或模型页面，按分组筛选；或用这个密钥请求 GET /v1/models。",
        ),
    ),
    Check.URL: Question(
        Both("Is the URL right?", "接口地址正确吗？"),
        Both(
            "The gateway's documentation, under API or Base URL; a key works on its own site only.",
            "网关文档的“接口地址”或“Base URL”；密钥只在自己的站点有效。",
        ),
    ),
    Check.INCIDENT: Question(
        Both("Does the provider announce an incident?", "服务商有故障公告吗？"),
        Both(
            "The announcements on the gateway's home page, its user group, and the status page of "
            "the model's provider.",
            "网关首页的公告、用户群，以及模型厂商的状态页。",
        ),
    ),
}

SURE: dict[Sure, Both] = {
    Sure.CERTAIN: Both(
        "certain: its words or its code say so", "确定：错误的文字或代码说明了这一点"
    ),
    Sure.LIKELY: Both("likely", "很可能"),
    Sure.POSSIBLE: Both("possible, no more than that", "仅是可能"),
}
BY_STATUS = Both("only the status tells it", "只能从状态码判断")
ENDED = Both(
    "certain: the stream ends ([DONE]) and never gave a finish reason",
    "确定：流已结束（[DONE]），却始终没有结束原因（finish reason）",
)
OPEN = Both(
    "possible: there is no finish reason, but the stream may not have been pasted whole",
    "仅是可能：没有结束原因（finish reason），但也可能没有粘贴完整的流",
)
OURS = Both("certain: this plugin said so itself", "确定：这是本插件自己的报错")

UNKNOWN_WORDS = Both(
    "no translation is known; it comes to this: {headline}", "没有现成的翻译；大意是：{headline}"
)
NO_STATUS = Both("The text tells no HTTP status.", "文本中没有 HTTP 状态码。")
NOT_WHOLE = Both(
    "The error is not here in full; what is missing may tell another cause.",
    "报错不完整；缺少的部分可能说明另有原因。",
)
LONG_TEXT = Both(
    "The text is long: only what surrounds signs of errors was read, so that further errors may be "
    "in it. Paste those that matter one by one.",
    "文本很长：只读取了疑似报错前后的部分，其中可能还有其他报错。请把重要的报错逐条粘贴。",
)
NO_GATEWAY = Both(
    "It does not tell whether a gateway stands between Dify and the model's provider. If none "
    "does: {headline}.",
    "看不出 Dify 与模型厂商之间是否有网关。如果没有，则是：{headline}。",
)
NO_ID = Both(
    "It carries no request id, so the operator cannot look this one call up.",
    "其中没有 request id，运营方无法查到这一次调用。",
)
NO_OTHERS = Both(
    "Whether others are affected at this moment cannot be seen from an error: `python -m cli "
    "check` shows what works now.",
    "从一条报错看不出此刻其他人是否也受影响：`resilient-gateway check` 可以看到现在哪些可用。",
)
NO_CAUSE = Both(
    "Why the upstream failed is not in it; only the operator can see that.",
    "其中没有上游出错的原因；只有运营方能看到。",
)

NOT_RECOGNISED = Both(
    "Not recognised: this is no error of a gateway that is known, or too little of it is left.",
    "未能识别：这不是已知的网关错误，或者留下的内容太少。",
)
NOT_RECOGNISED_HINT = Both(
    "Paste the whole message, from the first brace on; for a Dify or plugin error see the log of "
    "the plugin daemon.",
    "请粘贴完整的报错，从第一个大括号开始；Dify 或插件自身的错误，请查看插件守护进程的日志。",
)

OWN_MESSAGE = Both(
    "This is a message of the plugin itself, not of a gateway: what it says is what to change; a "
    "fault of the plugin is to be reported with the plugin daemon's log.",
    "这是插件自身的提示，不是网关的报错：按它所说的修改即可；若是插件故障，请附上插件守护进程的日志反馈。",
)

LABELS: dict[str, Both] = {
    "error": Both("Error", "错误"),
    "of": Both("of", "/"),
    "words": Both("Original words", "原文"),
    "translation": Both("In English", "译文"),
    "cause": Both("Cause", "原因"),
    "means": Both("What it means", "含义"),
    "code": Both("Code", "错误码"),
    "sure": Both("How sure", "把握"),
    "gateway": Both("Gateway", "网关"),
    "affected": Both("Who is affected", "影响范围"),
    "do": Both("What to do", "怎么办"),
    "prevent": Both("How to prevent it", "如何预防"),
    "checklist": Both("To check at the gateway", "网关排查清单"),
    "unknown": Both("Not known", "尚不清楚"),
    "ids": Both("Request ids", "请求 ID"),
    "class": Both("Class in Dify", "Dify 中的错误类型"),
    "first": Both("first", "优先"),
}
