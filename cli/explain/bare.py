"""Errors without an envelope: a status alone, a sentence alone, the labelled lines of a client.

What is nothing but a status is explained as what it most likely is. Everything here is read in a
short text only: in a long one, numbers and phrases are everybody's.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from cli.explain.finding import Finding
from cli.explain.host import host_error_in
from cli.explain.judge import Judge
from cli.explain.layers import CUT_OUT, UNKNOWN, Delta, is_of_a_call, statuses_in
from engine.errors import Evidence
from engine.errors.classify import rule_of
from engine.errors.evidence import evidence_of_document

_LONGEST_STATUS_TEXT = 300
_LONGEST_SENTENCE = 1_500
_UNAUTHORIZED = 401
_SHORTEST_PHRASE = 16
"""Letters of English words that nobody says by chance."""

_SHORTEST_CHINESE = 5
_CHINESE = re.compile("[\u4e00-\u9fff]")
_ADDRESS = re.compile(r"\b(?:for url|url|at|from)?:?\s{0,3}https?://\S{1,300}", re.IGNORECASE)
_VERSION = re.compile(r"HTTP/\d(?:\.\d)?", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])[45]\d\d(?![\d.])")
_WORD = re.compile(r"[A-Za-z]+|\d+|[\u4e00-\u9fff]+")
_ABOUT_STATUS = frozenset(
    [
        "a",
        "an",
        "the",
        "is",
        "was",
        "of",
        "for",
        "by",
        "in",
        "with",
        "got",
        "returned",
        "received",
        "unexpected",
        "unknown",
        "http",
        "https",
        "api",
        "request",
        "response",
        "reply",
        "call",
        "failed",
        "failure",
        "fail",
        "error",
        "errors",
        "err",
        "exception",
        "code",
        "status",
        "statuscode",
        "status_code",
        "error_code",
        "http_status",
        "server",
        "client",
        "upstream",
        "gateway",
        "llm",
        "model",
        "models",
        "provider",
        "message",
        "msg",
        "info",
        "type",
        "name",
        "credentials",
        "validation",
        "bad",
        "unauthorized",
        "payment",
        "required",
        "forbidden",
        "not",
        "found",
        "method",
        "allowed",
        "timeout",
        "time",
        "out",
        "conflict",
        "gone",
        "too",
        "large",
        "many",
        "requests",
        "entity",
        "content",
        "unprocessable",
        "internal",
        "implemented",
        "service",
        "unavailable",
        "temporarily",
        "overloaded",
        "origin",
        "web",
        "down",
        "connection",
        "timed",
        "unreachable",
        "occurred",
        "body",
    ]
)
"""Words that say no more than a status does."""

_ABOUT_STATUS_ZH = re.compile(
    "错误|报错|异常|状态|返回|响应|请求|接口|调用|失败|服务器|网关|上游|模型|代码|信息|名称|码"
    "|出现|提示|收到|的|了|是|为|内部|未授权|无权限|禁止|过多|超时|不可用|服务|拒绝|访问"
)
_TALK = re.compile(
    r"[?？]|\b(?:means?|asks?|says|indicates?|how|what|why|when|see|should)\b"
    r"|怎么|如何|什么|为什么|表示|意思|含义",
    re.IGNORECASE,
)
"""Somebody speaks about errors."""

_CLASS = re.compile(r"\b[\w.]{3,60}(?:Error|Exception)\b")
"""Names of exceptions: what is within them is no word of an upstream's."""

_NO_CALL = re.compile(r"error code:? 1\d{3}\b", re.IGNORECASE)
"""Cloudflare's own codes, in front of any site."""

_VOCABULARY = re.compile(
    r"\b(?:models?|tokens?|api|inference|prompt|context)\b|令牌|渠道|分组|上游|模型|负载|请求|用户|服务器"
    r"|内容|输入|提示词",
    re.IGNORECASE,
)
_MOST_OF_IT = 0.6
"""Part of a text that a phrase makes up, if that phrase is all that it says."""
_LABEL = (
    r"(?:错误|报错|异常)(?:信息|消息|详情|描述|内容|原因|提示)|响应(?:体|内容)|返回信息"
    r"|error[ _]?(?:message|msg|detail)s?|err_?msg|message"
)
_NEXT_LABEL = r"(?:[\u4e00-\u9fff]{2,8}|(?:status|code|stack|url|type|name|path)\w{0,8})[:：]"
_NOTATION = re.compile(r"[{}\"\\\x00]")
"""Signs of a document, whole or cut, that is read as such."""

_DOCUMENT = re.compile(r"[{}\\\x00]|\"\s*:")
"""Signs of more than words."""

_LABELLED = re.compile(
    rf"(?:^|[\s,，;；{{])[\"']?(?:{_LABEL})[\"']?\s{{0,3}}[:：=]\s{{0,3}}"
    rf"(?P<words>\S.{{0,600}}?)(?=\s{{1,4}}{_NEXT_LABEL}|[\n\r]|$)",
    re.IGNORECASE,
)


def labelled(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """What a client shows line by line: `状态码: 401`, `错误信息: Invalid Token`."""
    if len(piece.text) > _LONGEST_SENTENCE:
        return
    status = _only_status(piece.text) or piece.status
    found = _LABELLED.search(piece.text)
    if not found or not status:
        return
    words = found["words"].strip(" ',，")
    if _NOTATION.search(words):
        return
    evidence = evidence_of_document(status, {}, {"error": {"message": words}})
    finding = judge.evidence(evidence, must_read=True, certain=True)
    if finding is not None:
        yield finding


def status_alone(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """A text that is a status, perhaps with its own words, or with words that tell the cause."""
    text = _ADDRESS.sub(" ", _VERSION.sub("HTTP", piece.text))
    text = " ".join(text.split())
    numbers = set(_STATUS.findall(text))
    if len(text) > _LONGEST_STATUS_TEXT or len(numbers) != 1 or CUT_OUT in text:
        return
    status = int(next(iter(numbers)))
    begin = text.index(str(status))
    before, after = text[:begin], text[begin + 3 :].strip(" :：-–—,.()（）[]【】\"'")
    if not _says_no_more(before):
        return
    said = "" if _says_no_more(after) else after
    if said and (_TALK.search(said) or _NO_CALL.search(said)):
        return
    evidence = evidence_of_document(status, {}, {"error": {"message": said}} if said else None)
    if said:
        finding = judge.evidence(evidence, must_read=True, certain=False)
    elif status == _UNAUTHORIZED:
        # Whose key it was is not told; gateways refuse far more of their own users' keys.
        finding = Judge(behind_gateway=False).evidence(evidence, must_read=False, certain=False)
    else:
        finding = judge.evidence(evidence, must_read=False, certain=False)
    if finding is not None:
        yield finding if said else replace(finding, cut=True)


def sentence(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """Words alone, of a call that failed or so particular that only a gateway or vendor says so."""
    text = " ".join(_CLASS.sub(" ", piece.text).split())
    if not text or len(text) > _LONGEST_SENTENCE or _DOCUMENT.search(text):
        return
    if host_error_in(text):
        return
    status = _only_status(piece.text) or piece.status
    evidence = evidence_of_document(status, {}, {"error": {"message": text}})
    if not (piece.in_call or is_of_a_call(piece.text)) and not _is_particular(evidence, judge):
        return
    finding = judge.evidence(evidence, must_read=True, certain=False)
    if finding is not None:
        yield finding


def _is_particular(evidence: Evidence, judge: Judge) -> bool:
    rule = rule_of(replace(evidence, behind_gateway=judge.behind_gateway))
    is_talk = _TALK.search(evidence.message) or _NO_CALL.search(evidence.message)
    if rule is None or not rule.words or is_talk:
        return False
    found = re.search(rule.words, evidence.message, re.IGNORECASE)
    if found is None:
        return False
    covers = len(found[0]) >= _MOST_OF_IT * len(evidence.message)
    if len(_CHINESE.findall(found[0])) >= _SHORTEST_CHINESE - covers:
        return covers or _VOCABULARY.search(evidence.message) is not None
    if covers:
        return " " in found[0]
    return len(found[0]) >= _SHORTEST_PHRASE and _VOCABULARY.search(evidence.message) is not None


def _only_status(text: str) -> int:
    """The status that a text tells, if it tells one only."""
    told = {status for _, status in statuses_in(text) if status >= 400}
    return told.pop() if len(told) == 1 else UNKNOWN


def _says_no_more(text: str) -> bool:
    return all(
        word.lower() in _ABOUT_STATUS
        or word.lower().endswith(("error", "exception"))
        or not _ABOUT_STATUS_ZH.sub("", word)
        or _STATUS.fullmatch(word) is not None
        for word in _WORD.findall(text)
    )
