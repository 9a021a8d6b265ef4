"""What gateways and their upstreams say, in the other language.

A row is a pattern with what it means; what the pattern's groups found is put in. Words without a
row are shown as they are, and the report says what they come to.
"""

import re
from dataclasses import dataclass

from engine.errors import Language
from engine.errors.messages import language_of


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing that is said: the pattern of its words, and its sense in the other language."""

    pattern: str
    sense: str


_CHINESE: tuple[Phrase, ...] = (
    Phrase(
        r"当前分组上游负载已饱和[,，]\s?请稍后再试",
        "The upstream load of the current group is saturated; please try again later.",
    ),
    Phrase(
        r"当前分组负载已饱和[,，]\s?请稍后再试[,，]\s?或升级账户以提升服务质量",
        "The load of the current group is saturated; please try again later, or upgrade the "
        "account for better service.",
    ),
    Phrase(r"负载已饱和", "The load is saturated."),
    Phrase(
        r"(?:524 )?服务器已经?满载[,，]\s?请更换模型[,，]\s?或者稍后再试",
        "The server is fully loaded; please change the model, or try again later.",
    ),
    Phrase(
        r"您已达到总请求数限制[:：]\s?(\d+)分钟内最多请求(\d+)次[,，]\s?包括失败次数[,，]"
        r"\s?请检查您的请求是否正确",
        "You have reached the limit of all requests: at most {1} in {0} minutes, failed ones "
        "included; please check that your requests are correct.",
    ),
    Phrase(
        r"您已达到请求数限制[:：]\s?(\d+)分钟内最多请求(\d+)次",
        "You have reached the limit of requests: at most {1} in {0} minutes.",
    ),
    Phrase(r"未提供令牌", "No token (API key) was given."),
    Phrase(r"未提供 Authorization 请求头", "No Authorization header was given."),
    Phrase(
        r"无效的令牌[,，]\s?数据库查询出错[,，]\s?请联系管理员",
        "Invalid token: the database query failed; please contact the administrator.",
    ),
    Phrase(r"无效的令牌", "Invalid token (API key)."),
    Phrase(r"令牌验证失败", "The token could not be verified."),
    Phrase(r"该令牌已过期", "This token (API key) has expired."),
    Phrase(r"该令牌状态不可用", "This token (API key) is not enabled."),
    Phrase(r"该令牌额度已用尽", "The quota of this token (API key) is used up."),
    Phrase(r"令牌 .{1,80}?\s?额度已用尽", "The quota of the named token (API key) is used up."),
    Phrase(r"令牌额度不足", "The token's (API key's) quota is not enough."),
    Phrase(
        r"预扣费额度失败",
        "The estimated price could not be reserved: the user's remaining quota is less than it.",
    ),
    Phrase(
        r"订阅额度不足或未配置订阅",
        "The subscription's quota is not enough, or no subscription is set up.",
    ),
    Phrase(r"用户额度不足", "The user's quota is not enough."),
    Phrase(r"用户 \[[^\]]{0,20}\] 配额不足", "The user's quota is not enough."),
    Phrase(r"配额不足|余额不足", "The quota or balance is not enough."),
    Phrase(r"用户已被封禁", "The user is banned."),
    Phrase(
        r"该令牌只能在指定网段使用",
        "This token may only be used from certain networks, and the call came from another one.",
    ),
    Phrase(
        r"您的 IP 不在令牌允许访问的列表中",
        "Your IP address is not in the list that the token allows.",
    ),
    Phrase(
        r"该令牌无权(?:使用|访问)模型[:： ]\s?(\S{1,80})",
        "This token may not use the model {0}.",
    ),
    Phrase(r"令牌分组 (\S{1,60}) 已被禁用", "The token's group {0} is disabled."),
    Phrase(r"无权访问 (\S{1,60}) 分组", "No permission for the group {0}."),
    Phrase(r"分组 (\S{1,60}) 已被弃用", "The group {0} is no longer in use."),
    Phrase(r"该渠道已被禁用", "This channel is disabled."),
    Phrase(r"无效的渠道 Id", "Invalid channel id."),
    Phrase(r"普通用户不支持指定渠道", "Ordinary users may not choose a channel."),
    Phrase(
        r"当前分组 (\S{1,60}) 下对于模型\s{1,2}(\S{0,80}?)\s?无可用渠道",
        "In the current group {0} there is no channel for the model {1}.",
    ),
    Phrase(
        r"分组 (\S{1,60}) 下模型 (\S{1,80}) 的可用渠道不存在（retry）",
        "In the group {0} no channel for the model {1} was left to try.",
    ),
    Phrase(
        r"分组 (\S{1,60}) 下模型 (\S{1,80}) 无可用渠道",
        "In the group {0} there is no channel for the model {1}.",
    ),
    Phrase(r"无可用渠道", "There is no channel for it."),
    Phrase(r"获取渠道失败", "No channel could be chosen."),
    Phrase(
        r"数据库一致性已被破坏[,，]\s?请联系管理员",
        "The database is no longer consistent; please contact the administrator.",
    ),
    Phrase(r"数据库错误", "Database error."),
    Phrase(r"请求上游地址失败", "The upstream's address could not be asked."),
    Phrase(
        r"模型 (\S{1,80}) 倍率或价格未配置",
        "No price is set up for the model {0}; the administrator has to set it.",
    ),
    Phrase(
        r"未指定模型名称[,，]\s?模型名称不能为空",
        "No model was named; the model's name may not be empty.",
    ),
    Phrase(r"无效的请求", "Invalid request."),
    Phrase(r"令牌已过期或验证不正确", "The token has expired, or could not be verified."),
    Phrase(r"系统繁忙|服务繁忙|繁忙", "The system is busy."),
    Phrase(r"请求过于频繁", "Requests come too often."),
    Phrase(r"限流", "The flow of requests is limited."),
    Phrase(r"过载", "Overloaded."),
    Phrase(r"资源不足", "There are not enough resources."),
    Phrase(r"欠费", "The account is in arrears."),
)

_ENGLISH: tuple[Phrase, ...] = (
    Phrase(r"rate limit reached for (\S{1,80})", "模型 {0} 已达到速率限制。"),
    Phrase(
        r"rejected due to rate limiting\. Details: TPM limit",
        "因限流被拒绝：已达到每分钟 token 数上限。",
    ),
    Phrase(r"\btpm limit", "已达到每分钟 token 数上限。"),
    Phrase(r"exceed your (?:organization's )?rate limit", "该请求会超过速率限制。"),
    Phrase(r"too many requests|rate limit exceeded", "请求过多，超出速率限制。"),
    Phrase(r"you exceeded your current quota", "已超出当前额度，请检查套餐和账单。"),
    Phrase(r"insufficient (?:account )?balance", "余额不足。"),
    Phrase(r"resource has been exhausted", "资源已耗尽（例如配额用尽）。"),
    Phrase(r"system (cpu|memory|disk) overloaded", "网关所在系统过载（{0}）。"),
    Phrase(r"overloaded", "服务器过载。"),
    Phrase(r"is busy", "上游繁忙，请稍后再试。"),
    Phrase(r"the server had an error", "服务器在处理请求时出错。"),
    Phrase(r"incorrect api key provided", "提供的 API Key 不正确。"),
    Phrase(r"invalid token|invalid x-api-key", "无效的密钥。"),
    Phrase(r"didn't provide an api key", "没有提供 API Key。"),
    Phrase(r"token amount has been exhausted", "该密钥的额度已用尽。"),
    Phrase(r"(?:user|token) quota is not enough|preconsumedquota", "额度不足。"),
    Phrase(r"permission denied", "没有权限。"),
    Phrase(r"country, region, or territory not supported", "不支持所在的国家或地区。"),
    Phrase(
        r"no channels available for model (\S{1,80}) under all token groups (\S{1,60}?),",
        "分组 {1} 下没有模型 {0} 的可用渠道，请尝试更换分组。",
    ),
    Phrase(r"model [`'\"]?([^`'\" ]{1,80})[`'\"]? does not exist", "模型 {0} 不存在。"),
    Phrase(r"^model not support", "不支持该模型。"),
    Phrase(
        r"maximum context length is (\d{1,9}) tokens.{0,60}resulted in (\d{1,9})",
        "该模型的最大上下文长度为 {0} 个 token，而消息共有 {1} 个。",
    ),
    Phrase(r"maximum context length is (\d{1,9})", "该模型的最大上下文长度为 {0}。"),
    Phrase(r"unsupported parameter: ['\"]?(\w{1,60})['\"]?", "不支持参数 {0}。"),
    Phrase(r"request body exceeds (\d{1,6}) MB", "请求体超过 {0} MB。"),
    Phrase(r"input is too long", "输入过长。"),
    Phrase(r"field messages is required", "缺少 messages 字段。"),
    Phrase(r"sensitive[ _]words[ _]detected", "检测到敏感词。"),
    Phrase(r"request blocked by|content violates", "内容违反使用规则，请求被拦截。"),
    Phrase(r"out of range", "参数超出范围。"),
    Phrase(r"invalid url", "地址无效：网关没有这个接口。"),
    Phrase(r"not implemented", "未实现该接口。"),
    Phrase(r"bad response status code (\d{3})", "上游返回了状态码 {0}。"),
    Phrase(r"do request failed", "请求上游失败。"),
    Phrase(r"unexpected eof|unexpected end of json", "上游的回答不完整。"),
    Phrase(r"request timeout|timed? ?out", "请求超时。"),
    Phrase(r"panic detected", "网关程序自身崩溃。"),
    Phrase(r"rate_limit_check_failed", "限流检查失败（网关的 Redis 故障）。"),
    Phrase(r"multipart: nextpart: eof", "网关重试时丢失了上传的文件。"),
    Phrase(r"connection refused", "连接被拒绝。"),
    Phrase(r"certificate[ _]verify[ _]failed", "证书校验失败。"),
)


def translated(words: str, to: Language) -> str:
    """The words in a language; empty if they are in it, or no row knows them."""
    found = _known(words)
    if found is None or language_of(words) == to:
        return ""
    match, sense = found
    return sense.format(*(group or "?" for group in match.groups()))


def known_part(words: str) -> str:
    """The part of the words that a row knows: it holds no key, whatever else was said."""
    found = _known(words)
    return found[0][0] if found else ""


def _known(words: str) -> tuple[re.Match[str], str] | None:
    for phrase in _CHINESE if language_of(words) == "zh" else _ENGLISH:
        match = re.search(phrase.pattern, words, re.IGNORECASE)
        if match:
            return match, phrase.sense
    return None
