"""What is left when all JSON is taken out: our own messages, cut JSON, pages, phrases.

Every pattern is bounded, so that a line of any length is read in proportion to its length.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from cli.explain import bare
from cli.explain.connections import connection_in
from cli.explain.finding import Finding, Sure
from cli.explain.host import host_error_in
from cli.explain.judge import Judge, family_in, is_typed, stated
from cli.explain.layers import CUT_OUT, UNKNOWN, Delta, is_of_a_call, statuses_in
from cli.explain.ours import headlines, labels
from engine.errors import Failure, Kind, Language, kinds
from engine.errors.evidence import Evidence, evidence_of_document, read_evidence
from engine.errors.rules import RULES

_MAX_FINDINGS = 60
_MIN_HEADLINE_CHARACTERS = 6
"""Characters of a headline that was cut off."""

_STRING = r"\s{0,4}:\s{0,4}(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote)).){0,3000})"
_FIELD = re.compile(
    r"[\"'](?P<name>message|localized_message|error_msg|msg|detail|type|code|param)[\"']"
    rf"(?:{_STRING}|\s{{0,4}}:\s{{0,4}}(?P<bare>\d{{3,6}}|null|None))",
    re.DOTALL,
)
_NAMES_OF_WORDS = frozenset({"message", "error_msg", "msg", "detail"})
_HALF_ESCAPE = re.compile(r"\\+(?:u[0-9a-fA-F]{0,3})?$")
_ERROR_KEY = re.compile(r"[\"']error[\"']\s{0,4}:")
_NEAR = 2_500
"""Characters within which the fields of one error lie."""

_CLOSES_WITHIN = 300
"""Characters between the last field that is read of an error and its closing brace."""

_PAGE = re.compile(r"<(?:!doctype html|html)\b", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,80}>([^<]{0,200})", re.IGNORECASE)
_TITLE_STATUS = re.compile(r"(?:^|\| |Error )([45]\d\d)\b")
_GUARD = re.compile(r"^\s*(?:Just a moment|Attention Required|Access denied)", re.IGNORECASE)
_FORBIDDEN = 403
_OUR_STATUS = re.compile(r"HTTP (\d{3})")
_OUR_WORDS = re.compile(r"(?:HTTP \d{3}(?:[,，]|\):|）：)|said:|返回：)\s?“([^”]{0,600})”")
"""In the places that they have now, and had in earlier versions."""

_LONGEST_HEAD = 800
"""Characters up to the end of the upstream's words."""

_OUR_ID = re.compile(r"Request id[:：]\s?([\w-]{1,80}(?:\.[\w-]{1,40}){0,4})")
_KEY_BEFORE = re.compile(
    r"key \d{1,3}(?: \(…[^)]{1,12}\))?: |第 \d{1,3} 个密钥(?:（…[^）]{1,12}）)?："
)
_AUTHORITY_REPLACED = re.compile(
    r"Incorrect (?:model credentials provided, please check|API key provided(?:$|[^:]))"
)
_ERROR_TYPE = re.compile(r"[\"']?error_type[\"']?\s{0,3}[:=]\s{0,3}[\"']?(Invoke\w{4,30}Error)")

_OUTCOMES = {
    "InvokeRateLimitError": kinds.RATE_LIMITED,
    "InvokeAuthorizationError": kinds.KEY_REFUSED,
    "InvokeBadRequestError": kinds.BAD_REQUEST,
    "InvokeServerUnavailableError": kinds.SERVER_ERROR,
    "InvokeConnectionError": kinds.CONNECT_FAILED,
}

_CHINESE = re.compile("[\u4e00-\u9fff]")
_ENOUGH_CHINESE = 5
"""Characters of a rule's words that nobody says by chance; shorter ones are everybody's."""

_GATEWAYS_CHINESE = re.compile("令牌|渠道|分组|上游|模型|负载|请求|用户|服务器|token|api", re.I)
"""Where nothing speaks of a call, one of these does: a budget can be used up, too."""

_CHINESE_WORDS = re.compile(
    "|".join(f"(?:{rule.words})" for rule in RULES if rule.words and _CHINESE.search(rule.words)),
    re.IGNORECASE,
)
_ENGLISH_WORDS = re.compile(
    r"token amount has been exhausted|(?:user|token) quota is not enough|preconsumedquota"
    r"|no channels available for model|rate_limit_check_failed|bad response status code \d{3}"
    r"|panic detected, error|do request failed|request was rejected due to rate limiting"
    r"|you exceeded your current quota, please check|rate limit reached for \S{1,80} in org"
    r"|system (?:cpu|memory|disk) overloaded|request body exceeds \d+ MB|sensitive_words_detected"
    r"|this model's maximum context length is \d+|incorrect api key provided: ",
    re.IGNORECASE,
)
"""Words that nobody says but a gateway or its upstream: they need no envelope to be believed."""


def errors_in(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """The errors that a piece of prose holds; the surest signs first."""
    text = piece.text
    ours = list(_our_messages(text))
    yield from ours
    if _PAGE.search(text):
        yield from _page(piece, judge)
        return
    found = list(_cut_documents(piece, judge)) if not ours else []
    yield from found
    if ours or found:
        return
    for read in (bare.labelled, bare.status_alone, _lines, bare.sentence, _outcomes):
        found = list(read(piece, judge))
        if found:
            yield from found
            return


def _our_messages(text: str) -> Iterator[Finding]:
    """This plugin's own messages, recognised by their headlines, also where they are cut off."""
    for label, language in labels():
        place = text.find(label)
        for _ in range(_MAX_FINDINGS):
            if place < 0:
                break
            place += len(label)
            rest = text[place : place + 2_500]
            kind = _kind_headed(rest, language)
            if kind is not None:
                yield _our(kind, rest, language)
            else:
                yield from _our_keys(rest, language)
            place = text.find(label, place)


def _kind_headed(rest: str, language: Language) -> Kind | None:
    """The kind whose headline stands here, or the only one that is cut off by the text's end."""
    for headline, kind in headlines(language):
        if rest.startswith(headline):
            return kind
    end = rest.rstrip(" .…\"'}")
    cut = {kind.name: kind for headline, kind in headlines(language) if headline.startswith(end)}
    return (
        next(iter(cut.values())) if len(cut) == 1 and len(end) >= _MIN_HEADLINE_CHARACTERS else None
    )


def _our(kind: Kind, rest: str, language: Language) -> Finding:
    head = rest[:_LONGEST_HEAD]
    status, words = _OUR_STATUS.search(head[:200]), _OUR_WORDS.search(head)
    ids = _OUR_ID.search(rest)
    failure = Failure(
        kind,
        int(status[1]) if status else UNKNOWN,
        words[1] if words else "",
    )
    found = (ids[1],) if ids else ()
    return Finding(failure, Sure.CERTAIN, ours=True, request_ids=found, language=language)


def _our_keys(rest: str, language: Language) -> Iterator[Finding]:
    """What saving says of several keys: one headline a key."""
    for found in list(_KEY_BEFORE.finditer(rest))[:_MAX_FINDINGS]:
        kind = _kind_headed(rest[found.end() :], language)
        if kind is not None:
            yield Finding(Failure(kind), Sure.CERTAIN, ours=True, language=language)


def _page(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """A web page where an answer was expected: what its status says, or its title."""
    for found in list(_PAGE.finditer(piece.text))[:5]:
        page = piece.text[found.start() : found.start() + 5_000]
        before = piece.text[max(0, found.start() - 300) : found.start()]
        told = [status for _, status in statuses_in(before)]
        title = _TITLE.search(page)
        status = told[-1] if told else _status_of_title(title[1]) if title else 0
        status = status or piece.status
        in_call = piece.in_call or is_of_a_call(piece.text)
        if not status or (status < 400 and not in_call):
            continue
        evidence = read_evidence(status, {}, page.encode())
        finding = judge.evidence(evidence, must_read=False, certain=False)
        if finding is not None:
            # A proxy in front of anything shows such a page.
            yield finding if in_call else replace(finding, sure=Sure.POSSIBLE)


def _status_of_title(title: str) -> int:
    """The status that a page names in its title; Cloudflare's guard has words instead."""
    titled = _TITLE_STATUS.search(title.strip())
    return int(titled[1]) if titled else _FORBIDDEN if _GUARD.search(title) else UNKNOWN


def _cut_documents(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """Errors in JSON that was cut off, or written as Python writes a dictionary."""
    fields: dict[str, object] = {}
    begin = last = 0
    for number, found in enumerate(_FIELD.finditer(piece.text)):
        if number > 20 * _MAX_FINDINGS:
            break
        name, text = found["name"], _HALF_ESCAPE.sub("", found["text"] or "")
        if CUT_OUT in text or text.endswith("{") or text.startswith("[models]"):
            continue  # What was taken out of it, or begins there, speaks for itself.
        if fields and (name in fields or found.start() - last > _NEAR):
            yield from _cut_document(piece, begin, last, fields, judge)
            fields = {}
        if not fields:
            begin = found.start()
        last = found.end()
        value = text if found["quote"] else found["bare"]
        fields[name] = None if value in ("null", "None") else value
    if fields:
        yield from _cut_document(piece, begin, last, fields, judge)


def _cut_document(
    piece: Delta, begin: int, end: int, fields: dict[str, object], judge: Judge
) -> Iterator[Finding]:
    before = piece.text[max(0, begin - 400) : begin]
    told = [status for _, status in statuses_in(before.rpartition("\n\n")[2])]
    after = [status for _, status in statuses_in(piece.text[end : end + 120].partition("\n")[0])]
    status = told[-1] if told else after[0] if after else piece.status
    evidence = evidence_of_document(status, {}, {"error": fields})
    is_envelope = evidence.own or _ERROR_KEY.search(before[-80:]) is not None
    in_call = piece.in_call or is_of_a_call(piece.text)
    if not (is_envelope or in_call or status >= 400 or len(fields) > 2):
        return
    must_read = (
        not (in_call or is_envelope)
        if status >= 400
        else not (is_envelope and (in_call or is_typed(evidence)))
    )
    has_words = not fields.keys().isdisjoint(_NAMES_OF_WORDS)
    is_whole = has_words and bool(evidence.codes) and "}" in piece.text[end : end + _CLOSES_WITHIN]
    finding = judge.evidence(evidence, must_read=must_read, certain=is_envelope and is_whole)
    if finding is not None:
        yield replace(finding, cut=not is_whole)


def _lines(piece: Delta, judge: Judge) -> Iterator[Finding]:
    """What each line of prose says."""
    for line in piece.text.split("\n")[:20_000]:
        yield from _line(line, piece, judge)


def _line(line: str, piece: Delta, judge: Judge) -> Iterator[Finding]:
    """What one line of prose says."""
    line = line[:20_000]
    words = line.strip()
    in_call = piece.in_call or is_of_a_call(line)
    told = next(statuses_in(line), None)
    status = told[1] if told else piece.status
    is_of_call = in_call or status >= 400
    if phrases := _phrases_in(line, certain=is_of_call):
        yield from _phrases(line, phrases, status, judge, certain=is_of_call)
    elif _AUTHORITY_REPLACED.search(line) and in_call:
        yield stated(kinds.KEY_REFUSED, Sure.LIKELY, words[:500])
    elif host_error_in(line):
        return  # A call that Dify's daemon ended is no connection that failed.
    elif not (told and status >= 400) and (connection := connection_in(line, in_call=in_call)):
        yield connection
    elif told and status >= 400 and in_call and CUT_OUT not in line:
        # With a document taken out of it, that speaks for the status.
        said = line[told[0] :].partition(str(status))[2].partition("{")[0]
        said = said.strip(" :：-,.\"'})]\\")
        evidence = Evidence(status, said[:500], behind_gateway=False)
        finding = judge.evidence(evidence, must_read=False, certain=False, family=family_in(line))
        if finding is not None:
            yield replace(finding, cut=True)


def _phrases_in(line: str, *, certain: bool) -> list[tuple[int, int]]:
    """Where the literal texts of gateways stand: the Chinese ones of the rules, some in English."""
    found = [match.span() for match in _ENGLISH_WORDS.finditer(line)]
    if certain or _GATEWAYS_CHINESE.search(line):
        for match in _CHINESE_WORDS.finditer(line):
            if len(_CHINESE.findall(match[0])) >= _ENOUGH_CHINESE:
                found.append(match.span())
    return sorted(found)[:_MAX_FINDINGS]


def _phrases(
    line: str, phrases: list[tuple[int, int]], status: int, judge: Judge, *, certain: bool
) -> Iterator[Finding]:
    """Literal texts, each with the words around it."""
    last = -1
    for begin, end in phrases:
        if begin < last:
            continue
        start = max(line.rfind(sign, 0, begin) + 1 for sign in f"\"'“「[{{>:{CUT_OUT}")
        ends = [place for sign in f"\"'”」]}}<{CUT_OUT}" if (place := line.find(sign, end)) >= 0]
        last = min([*ends, end + 300, len(line)])
        words = line[max(start, begin - 200) : last].strip(" ,.-")
        evidence = evidence_of_document(status, {}, {"message": words})
        must_read = not certain or status < 400
        finding = judge.evidence(evidence, must_read=must_read, certain=certain)
        if finding is not None:
            yield finding


def _outcomes(piece: Delta, _judge: Judge) -> Iterator[Finding]:
    """Nothing is left but the class that Dify was told: what that class most often means."""
    for found in list(_ERROR_TYPE.finditer(piece.text))[:5]:
        kind = _OUTCOMES.get(found[1])
        if kind is not None:
            yield stated(kind, Sure.POSSIBLE, found[1])
