"""Money, keys and permissions: whose they are counts as much as what is wrong with them.

Behind a gateway, what its upstream says of money, keys and places is about its operator's account.
"""

from dataclasses import replace

from engine.errors import kinds
from engine.errors.kinds import Kind
from engine.errors.rules.rule import Rule, codes, statuses, words

_REFUSALS = statuses(400, 401, 403, 404, 405, 412, 500)

_MONEY_CODES = (
    r"arrearage|overdue|set_?limit_?exceeded|exceeded_current_quota|free_?tier|budget_exceeded"
    r"|insufficient_?(?:quota|balance|credits?|funds?)|billing_?(?:not_active|hard_limit|error)"
    r"|payment_?required|^1113$|base_resp\.(?:1008|2056)$|resource_?pack\w*_?exhausted"
    r"|balance_?(?:not_enough|insufficient)|not_?enough_?(?:balance|credits?|quota)|out_?of_?credits?|quota_?(?:not_enough|used_up)"
    r"|account_?(?:balance|funds)|credits?_?(?:exhausted|depleted)"
)
_MONEY = words(
    r"arrears|overdue|recharge|top[ -]?up|insufficient[^.]{0,20}(?:balance|credits?|funds?|quota)",
    r"(?:balance|credits?|funds?|quota)\b[^.]{0,25}\b(?:insufficient|not enough|not sufficient"
    r"|too low|exhausted|depleted|used up|run out)",
    r"(?:out of|no|not enough|requires? more|used all|run out of|ran out of)[^.]{0,30}"
    r"\b(?:credits?|funds|balance)\b|can only afford|negative[^.]{0,15}balance",
    r"exceeded your (?:current|monthly|included|account)[^.]{0,25}(?:quota|credits?|budget)",
    r"\b(?:free|trial|monthly|daily|prepaid|included)\b[^.]{0,40}\b(?:quota|tier|credits?"
    r"|allocation|allowance)\b[^.]{0,60}\b(?:exhausted|exceeded|used up|expired|reached|ended)",
    r"(?:used up|exhausted|exceeded|reached|consumed)\b[^.]{0,40}\b(?:free|trial|monthly|daily"
    r"|prepaid|included)\b[^.]{0,40}\b(?:quota|tier|credits?|allocation|allowance)",
    r"spend(?:ing)? (?:limit|cap)|(?:credit|key) limit"
    r"|budget (?:has been |is )?exceeded|exceeded (?:the "
    r"|your )?budget|(?:set|specified|monthly)[^.]{0,20}(?:inference|usage|api usage) limit",
    r"usage limits? (?:is |has been |was )?(?:reached|exceeded)|payment required|billing (?:hard )?"
    r"limit|suspended[^.]{0,60}(?:billing|balance|payment|plan)",
    r"欠费|余额不足|余额已|充值|额度(?:已)?(?:用尽|不足|耗尽|用完)|配额(?:不足|已?用尽|耗尽|用完)"
    r"|资源包|套餐.{0,8}(?:到期|用完|耗尽|失效)|免费.{0,8}(?:用完|用尽|耗尽|结束)",
)

_KEY_WORDS = words(
    r"\b(?:api[ _-]?key|apikey|access[ _-]?key|api[ _-]?token|secret key"
    r"|auth(?:entication|orization)?(?: token| header)?|subscription key|bearer token)\b[^.]{0,40}"
    r"\b(?:invalid|not valid|incorrect|wrong|missing|expired|not provided|not found|revoked"
    r"|disabled|inactive|required|not exist|failed|malformed)",
    r"\b(?:invalid|incorrect|wrong|missing|no|expired|unknown|malformed|bad|illegal|unrecognized)"
    r"[^.]{0,15}\b(?:api[ _-]?key|apikey|x-api-key|authentication|authorization|credentials?"
    r"|bearer|api[ _-]?token|auth\b)",
    r"login fail|unauthori[sz]ed|unauthenticated|didn't provide an api key|user not found"
    r"|unregistered callers|pass a valid api key|^access token (?:is )?(?:invalid|expired)",
    r"无法进行身份验证|(?:鉴权|身份验证|认证|验证|授权)(?:失败|未通过)",
    r"(?:api ?-?key|密钥|令牌|token).{0,6}(?:无效|错误|不存在|过期|不正确|已禁用|失效)",
    r"(?:无效|错误|非法)的?.{0,3}(?:api ?-?key|密钥|令牌)",
)
_KEY_CODES = (
    r"invalid_?(?:api_?)?key|invalid_?(?:iam_)?token|authentication_?(?:error|failed|fails)"
    r"|^unauthori[sz]ed$|^unauthenticated$|unrecognizedclient|invalidclienttokenid"
    r"|base_resp\.(?:1004|2049)$|invalid_?authentication|failed_to_auth|no_?api_?key|missing_?api_?key"
    r"|signature_?does_?not_?match|api_?key_?(?:invalid|expired|disabled|not_found)|authfailure"
)

_DENIED = words(
    r"country, region, or territory|location is not supported|not (?:available|supported|allowed)"
    r" in your (?:country|region|location|area)|unsupported (?:country|region)",
    r"allowed only from|ip (?:address )?.{0,40}not (?:allowed|whitelisted|authorized|in )"
    r"|(?:approved|allowed) ip|ip.{0,12}白名单|不在.{0,10}白名单",
    r"request (?:has been|was) blocked|blocked as it may cause|(?:firewall|waf)\b[^.]{0,40}block"
    r"|blocked by[^.]{0,30}(?:firewall|waf|security)|被.{0,8}(?:防火墙|拦截)",
    r"matching your (?:guardrail|data policy)|data policy",
    r"must be verified to use|account[^.]{0,30}\b(?:is |has been |was )?(?:suspended|deactivated"
    r"|banned|disabled|locked)|(?:账号|账户|用户).{0,10}(?:封禁|停用|冻结|锁定|禁用)",
    r"(?:no|not have|without|lacks?|insufficient) (?:the )?(?:\w+ )?(?:permissions?|access)\b"
    r"|not authorized to|permission denied|无权|没有权限|没有.{0,12}授权|权限不足|未授权访问",
)


def _whose(own: Rule, upstreams: Kind, *, is_own_said: bool = True) -> tuple[Rule, ...]:
    """The rows of what may be the user's or the operator's.

    Args:
        own: the row where it is the user's.
        upstreams: the kind where it is the operator's.
        is_own_said: a gateway that speaks for itself means its user.
    """
    of_gateway = (replace(own, own=True),) if is_own_said else ()
    source = f"{own.source}, behind a gateway"
    return (*of_gateway, replace(own, kind=upstreams, source=source, behind_gateway=True), own)


QUOTA: tuple[Rule, ...] = (
    Rule(
        kinds.OWN_QUOTA,
        "OA/NA: pre-charge refused; task APIs",
        codes=codes(
            "insufficient_user_quota", "pre_consume_token_quota_failed", "quota_not_enough"
        ),
    ),
    Rule(
        kinds.OWN_QUOTA,
        "OA/NA/RX/SH, one-hub: 401, 402 or 403 with the balance in the text",
        words=words(
            "额度已用尽",
            "额度不足",
            "预扣费额度失败",
            "订阅额度",
            "(?:user|token) quota is not enough",
            r"preconsumedquota",
            "token amount has been exhausted",
        ),
    ),
    # RX puts its own type on what its upstream said.
    *_whose(
        Rule(
            kinds.OWN_QUOTA,
            "OpenAI, DashScope, Ark, Moonshot, Zhipu, MiniMax, Hunyuan and others: codes of money",
            code=_MONEY_CODES,
        ),
        kinds.UPSTREAM_QUOTA,
        is_own_said=False,
    ),
    Rule(
        kinds.UPSTREAM_QUOTA,
        "RX, DeepSeek and others, passed on by a gateway under its own type",
        words=words("insufficient (?:account )?balance", "余额不足", "配额不足", "欠费", "arrears"),
        behind_gateway=True,
    ),
    *_whose(
        Rule(
            kinds.OWN_QUOTA,
            "vendors' many words for money that is lacking",
            words=_MONEY,
            statuses=statuses(400, 401, 402, 403, 412, 429, 500),
        ),
        kinds.UPSTREAM_QUOTA,
    ),
)

ACCESS: tuple[Rule, ...] = (
    Rule(
        kinds.ACCESS_DENIED,
        "OA/NA, one-hub 403",
        words=words(
            "用户已被封禁",
            "令牌只能在指定网段使用",
            "不在令牌允许访问的列表中",
            "令牌无权(?:使用|访问)模型",
            r"令牌分组.{0,80}已被禁用",
            r"无权(?:访问|使用).{0,80}分组|无权使用分组",
            r"分组.{0,80}(?:已被弃用|不存在)",
            "该渠道已被禁用",
            "普通用户不支持指定渠道",
            "无效的渠道",
            "is not allowed to access$",
            r"^api requests are not allowed",
            r"^this token has no access to model",
            r"^model \S+ is not supported for current token",
            r"^user has been banned",
        ),
    ),
    Rule(kinds.ACCESS_DENIED, "NA 403", codes=codes("access_denied")),
    Rule(
        kinds.NO_CHANNEL,
        "NA 2026-08: the operator's channel is switched off, not the key's right",
        words="channel selected by channel affinity",
    ),
    *(
        Rule(
            kind,
            f"Claude: credentials that serve one client only{where}",
            words=r"credential is only authorized for|only authorized for use with",
            behind_gateway=behind,
        )
        for kind, behind, where in (
            (kinds.UPSTREAM_REFUSED, True, ", behind a gateway"),
            (kinds.ACCESS_DENIED, False, ""),
        )
    ),
    Rule(
        kinds.ACCESS_DENIED,
        "firewalls of Aliyun, Tencent and Cloudflare, as a page under any status",
        page=r"has been blocked|may cause potential threats|you have been blocked|web application "
        r"firewall|access denied|sorry, you have been|已被(?:拦截|阻断)|访问被(?:拦截|阻断)",
        statuses=statuses(400, 403, 404, 405, 406, 418, 493),
    ),
)

KEYS: tuple[Rule, ...] = (
    Rule(
        kinds.KEY_REFUSED,
        "NA 2026-08: keys that are wrong, expired, switched off and used up",
        codes=codes("new_api_error"),
        words=r"^(?:invalid token|無效的令牌)$",
        ambiguous=True,
    ),
    Rule(
        kinds.KEY_REFUSED,
        "NA 2026-08: the same in words that meant wrong keys alone before",
        codes=codes("new_api_error"),
        words=r"^无效的令牌$",
        gateway="new-api",
        ambiguous=True,
    ),
    Rule(
        kinds.KEY_REFUSED,
        "OA/NA/RX/SH, one-hub 401",
        words=words(
            "未提供令牌",
            "未提供 authorization",
            r"[无無]效的令牌",
            "^(?:该)?令牌已过期$",
            "^(?:该)?令牌状态不可用",
            "^令牌不存在",
            "^invalid token$",
        ),
    ),
    Rule(
        kinds.MODEL_NOT_FOUND,
        "Moonshot, xAI, AIHubMix and others: the name or the right, which are not told apart",
        words=words(
            r"not found the model|incorrect model id|model\b.{0,120}(?:does not exist|not found)\b"
            r".{0,40}\b(?:or|permission|access)"
        ),
        statuses=statuses(400, 401, 403, 404, 503),
    ),
    *_whose(
        Rule(
            kinds.ACCESS_DENIED,
            "places, addresses, firewalls, accounts and rights, in vendors' words",
            words=_DENIED,
            statuses=_REFUSALS,
        ),
        kinds.UPSTREAM_REFUSED,
    ),
    Rule(
        kinds.KEY_REFUSED,
        "the gateway itself, in words not listed above",
        statuses=statuses(401),
        own=True,
    ),
    *_whose(
        Rule(
            kinds.KEY_REFUSED,
            "DashScope, MiniMax, Gemini, Baidu: codes of a refused key, under 400 or 200 too",
            code=_KEY_CODES,
            statuses=_REFUSALS,
        ),
        kinds.UPSTREAM_REFUSED,
        is_own_said=False,
    ),
    *_whose(
        Rule(
            kinds.KEY_REFUSED,
            "vendors' many words for a refused key, under 400 or 200 too",
            words=_KEY_WORDS,
            statuses=_REFUSALS,
        ),
        kinds.UPSTREAM_REFUSED,
        is_own_said=False,
    ),
)
