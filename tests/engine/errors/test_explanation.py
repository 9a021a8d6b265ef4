"""What a person reads: one short paragraph, the point first, nothing that is not theirs."""

import re

import pytest

from engine.admission import NotAdmitted, Reason
from engine.admission.not_admitted import Detail
from engine.call.not_admitted import cause_of, failure_of_keys, failure_of_not_admitted
from engine.errors import KINDS, Failure, Kind, Language, kinds
from engine.errors.explanation import RefusedKey, explain, explain_keys, opened
from engine.errors.messages import Listed, message
from engine.errors.redact import MAX_WORDS_CHARACTERS, log_words, public_words

BOTH: tuple[Language, ...] = ("en", "zh")
CHINESE = "当前分组上游负载已饱和，请稍后再试"
EACH_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
IN_EACH = pytest.mark.parametrize("language", BOTH)


def told(failure: Failure, language: Language = "en", seconds_left: float = 30.0) -> str:
    return explain(failure, (language,), seconds_left)


def label(language: Language) -> str:
    return opened("frame.between", (), language)


def assert_readable(text: str) -> None:
    assert len(text.encode()) < 2048
    assert text == text.strip()
    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text), "one paragraph"
    assert "  " not in text
    assert not re.search(r"[`*#<>|]|\]\(|__|~~", text), "no markdown"


@EACH_KIND
@IN_EACH
def test_every_kind_says_what_happened_and_what_to_do(kind: Kind, language: Language) -> None:
    texts = kind.texts(language)
    text = told(Failure(kind, 429, words="up words", request_id="rid-7"), language)
    assert text.startswith(f"{label(language)}{texts.headline}")
    assert text.index(texts.now) < text.index("HTTP 429")
    for part in filter(None, (texts.meaning, texts.more)):
        assert text.index(part) > text.index("HTTP 429")
    # Nothing of a refused key is repeated.
    assert ("“up words”" in text) == (kind is not kinds.KEY_REFUSED)
    assert re.search("rid-7[.。]$", text), "the request id is last"
    assert "Tried" not in text
    assert_readable(text)


def test_no_two_kinds_read_alike() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for language in BOTH:
        assert len({kind.texts(language).headline for kind in KINDS}) == len(KINDS)


def test_point_comes_first_and_then_upstreams_words() -> None:
    texts = kinds.SATURATED.texts("en")
    assert told(Failure(kinds.SATURATED, 429, words=CHINESE, request_id="20261124")) == (
        f"Resilient Gateway: the gateway is saturated; {texts.now}. "
        f"The gateway said (HTTP 429): “{CHINESE}”. "
        f"{texts.meaning} {texts.more} Request id: 20261124."
    )


def test_the_same_in_chinese() -> None:
    texts = kinds.SATURATED.texts("zh")
    assert told(Failure(kinds.SATURATED, 429, words="Try later"), "zh") == (
        f"韧性网关插件：{texts.headline}，{texts.now}。网关返回（HTTP 429）：“Try later”。"
        f"{texts.meaning}{texts.more}"
    )


@EACH_KIND
def test_where_the_reader_is_unknown_all_languages_are_told_the_shortest_first(kind: Kind) -> None:
    failure = Failure(kind, 500, words="words of the upstream", request_id="rid-7")
    text = explain(failure)
    places = [text.index(label(language)) for language in BOTH]
    first, second = sorted(BOTH, key=lambda one: len(told(Failure(kind), one)))
    assert places[BOTH.index(first)] == 0 < places[BOTH.index(second)]
    assert text.count("words of the upstream") == (kind is not kinds.KEY_REFUSED)
    assert text.count("rid-7") == 1
    assert_readable(text)


def test_without_an_answer_there_is_neither_status_nor_words_nor_id() -> None:
    texts = kinds.CONNECT_FAILED.texts("en")
    assert told(Failure(kinds.CONNECT_FAILED)) == (
        f"Resilient Gateway: {texts.headline}; {texts.now}. {texts.meaning} {texts.more}"
    )


@EACH_KIND
@pytest.mark.parametrize(
    "words",
    ["满" * 5000, "😀" * 5000, "word " * 5000, "é" * 5000, "。" * 5000, "\n" * 5000, "…" * 5000],
    ids=["Chinese", "emoji", "words", "accents", "full stops", "line breaks", "ellipses"],
)
def test_stays_short_whatever_upstream_says(kind: Kind, words: str) -> None:
    failure = Failure(
        kind, 503, words=words, request_id="r" * 5000, retry_after=9999.0, after_content=True
    )
    assert_readable(explain(failure, BOTH, 0.0))
    assert len(public_words(failure)) <= MAX_WORDS_CHARACTERS


def test_words_are_kept_as_long_as_they_fit() -> None:
    words = "x" * 499
    assert f"“{words}”" in told(Failure(kinds.BAD_REQUEST, 400, words=words))
    cut = public_words(Failure(kinds.BAD_REQUEST, 400, words="x" * 501))
    assert cut == "x" * 499 + "…"


HIDDEN: dict[str, tuple[Kind, str, str]] = {
    "key": (
        kinds.UPSTREAM_REFUSED,
        "Incorrect API key provided: sk-abcd1234efgh.",
        "sk-abcd1234efgh",
    ),
    "masked key": (kinds.UPSTREAM_REFUSED, "key: sk-abcd********wxyz at", "wxyz"),
    "key in brackets": (kinds.OWN_QUOTA, "[sk-abc***xyz] 该令牌额度已用尽", "xyz"),
    "project key": (kinds.BAD_REQUEST, "sk-proj-AbC_123-x refused", "AbC"),
    "bearer": (kinds.BAD_REQUEST, "header Bearer abc.def.ghi was bad", "abc.def"),
    "token name": (kinds.OWN_QUOTA, "令牌 production（#9）额度已用尽", "production"),
    "token name with brackets": (
        kinds.OWN_QUOTA,
        "令牌 dify(production)（#9）额度已用尽",
        "production",
    ),
    "token name with a space": (
        kinds.OWN_QUOTA,
        "令牌 my production key（#9）额度已用尽",
        "production",
    ),
    "balance": (kinds.OWN_QUOTA, "用户额度不足, 剩余额度: ＄0.731002", "731"),
    "two balances": (
        kinds.OWN_QUOTA,
        "预扣费额度失败, 用户剩余额度: ＄0.7, 需要预扣费额度: ＄8.9",
        "8.9",
    ),
    "balance in $": (kinds.OWN_QUOTA, "token remain quota: $12.75, need $20", "12.75"),
    "quota units": (kinds.OWN_QUOTA, "token.RemainQuota = -7315", "7315"),
    "user and quota": (kinds.OWN_QUOTA, "user [36] quota [7315] preConsumedQuota [550]", "7315"),
    "upstream's balance": (kinds.UPSTREAM_QUOTA, "余额不足, 余额 ¥31.5", "31.5"),
    "user id": (kinds.NO_CHANNEL, "用户 [3671] 无可用渠道", "3671"),
    "URL": (kinds.SERVER_ERROR, 'Post "http://10.0.3.7:3190/v1/chat": EOF', "/v1/chat"),
    "IPv4": (kinds.SERVER_ERROR, "dial tcp 10.0.3.7:3190: connect: refused", "10.0.3"),
    "IPv4 network": (
        kinds.ACCESS_DENIED,
        "只能在指定网段使用：10.9.8.0/24，当前 ip：172.17.0.9",
        "172.17",
    ),
    "IPv6": (kinds.SERVER_ERROR, "dial tcp 2001:db8:0:0:0:0:0:1: refused", "db8"),
    "short IPv6": (kinds.SERVER_ERROR, "dial tcp [fd00::5]:3000: refused", "fd00"),
    "loopback IPv6": (kinds.SERVER_ERROR, "dial tcp [::1]:3000: refused", "::1"),
    "host": (kinds.SERVER_ERROR, "api.acme.com:8443/v1 refused", "acme"),
    "host in a network of its own": (
        kinds.SERVER_ERROR,
        "Post one-api-2.corp.lan:8443 refused",
        "corp",
    ),
    "host looked up": (
        kinds.SERVER_ERROR,
        "dial tcp: lookup db-7 on 127.0.0.11:53: no such host",
        "db-7",
    ),
    "localhost": (kinds.SERVER_ERROR, "localhost:3000 refused", "3000"),
    "mail": (kinds.BAD_REQUEST, "ask admin.li@company.example for help", "admin"),
    "organization": (
        kinds.RATE_LIMITED,
        "Rate limit reached for gpt-x in organization org-AbC12",
        "AbC12",
    ),
}


@pytest.mark.parametrize(("kind", "words", "hidden"), HIDDEN.values(), ids=HIDDEN)
def test_what_is_not_for_everybody_is_hidden(kind: Kind, words: str, hidden: str) -> None:
    assert hidden in words
    assert hidden not in told(Failure(kind, 403, words=words))


KEPT: list[tuple[Kind, str]] = [
    (kinds.SATURATED, CHINESE),
    (kinds.RATE_LIMITED, "您已达到请求数限制：1分钟内最多请求3次"),
    (kinds.RATE_LIMITED, "Limit 3, Used 3, Requested 1. Please try again in 20s"),
    (kinds.CONTEXT_TOO_LONG, "This model's maximum context length is 8192 tokens"),
    (kinds.NO_CHANNEL, "分组 default 下模型 gpt-4.1-mini 无可用渠道（distributor）"),
    (kinds.MODEL_NOT_FOUND, "The model claude-opus-4-6 does not exist"),
    (kinds.BAD_REQUEST, "Unsupported parameter: 'max_tokens' is not supported with this model"),
    (kinds.BAD_REQUEST, "temperature must be between 0.0 and 1.0"),
    (kinds.RATE_LIMITED, "您的限额将在 2026-11-25 22:55:11 重置"),
    (kinds.RATE_LIMITED, "Limit resets at 12:30 UTC"),
    (kinds.SERVER_ERROR, "upstream failed, code:1302"),
]


@pytest.mark.parametrize(("kind", "words"), KEPT)
def test_upstreams_own_words_are_kept(kind: Kind, words: str) -> None:
    assert f"“{words}”" in told(Failure(kind, 400, words=words))


@IN_EACH
def test_keys_that_cannot_be_used_are_told_apart(language: Language) -> None:
    text = told(failure_of_keys(((0, "own_quota"), (2, "of a later version"))), language)
    own = kinds.OWN_QUOTA.texts(language).headline
    key, between = ("key {}: {}", "; ") if language == "en" else ("第 {} 个密钥：{}", "；")
    assert between.join((key.format(1, own), key.format(3, "of a later version"))) in text
    assert_readable(text)


@pytest.mark.parametrize("of_key", [False, True])
@pytest.mark.parametrize("kind", [kinds.SATURATED, kinds.RATE_LIMITED, kinds.OVERLOADED])
def test_who_is_refused_for_a_told_wait_is_told_the_failure_that_began_it(
    kind: Kind, of_key: bool
) -> None:
    began = Failure(kind, 429, f"{CHINESE} sk-abcd1234efgh", "RateLimitReached", request_id="r1")
    cause = cause_of(began)
    assert "abcd1234" not in cause
    detail = Detail(wait=540.0, cause=cause, of_key=of_key)
    failure = failure_of_not_admitted(NotAdmitted(Reason.RETRY_AFTER, detail=detail), None)
    assert (failure.kind, failure.status, failure.final) == (kind, 429, True)
    assert failure.request_id == "", "that was another call's"
    text = told(failure)
    assert text.startswith(f"Resilient Gateway: {kind.texts('en').headline}; ")
    assert f"“{CHINESE} [key]”" in text
    assert "asks to wait 540 s" in text
    assert ("Other models of this key are not affected." in text) != of_key
    assert ("All models of this key are affected." in text) == of_key
    own = Failure(kinds.SATURATED, 429, request_id="r2")
    assert (
        failure_of_not_admitted(NotAdmitted(Reason.RETRY_AFTER, detail=detail), own).request_id
        == "r2"
    )


@pytest.mark.parametrize("cause", ["", "1", "{}", "[]", '{"kind":"of a later version"}'])
def test_a_cause_that_cannot_be_read_is_a_rate_limit(cause: str) -> None:
    refusal = NotAdmitted(Reason.RETRY_AFTER, detail=Detail(wait=9.0, cause=cause))
    assert failure_of_not_admitted(refusal, None).kind is kinds.RATE_LIMITED


def test_many_keys_make_no_long_text() -> None:
    reasons = tuple((number, "key_refused") for number in range(100))
    for language in BOTH:
        assert_readable(told(failure_of_keys(reasons), language))


def test_page_and_note_are_for_the_log_alone() -> None:
    failure = Failure(kinds.SERVER_ERROR, 502, note="nginx at edge 7")
    assert "nginx" not in told(failure)
    assert log_words(failure) == "nginx at edge 7"


def test_nothing_of_a_refused_key_is_repeated() -> None:
    failure = Failure(kinds.KEY_REFUSED, 401, words="无效的令牌 whatever-shape-it-has")
    assert public_words(failure) == ""
    assert "whatever" not in told(failure)


def test_log_keeps_addresses_and_balances_but_no_key() -> None:
    failure = Failure(kinds.OWN_QUOTA, 403, words="sk-abc***xyz at 10.0.3.7 has ＄0.7\nleft")
    assert log_words(failure) == "[key] at 10.0.3.7 has ＄0.7 left"
    assert len(log_words(Failure(kinds.OWN_QUOTA, words="x" * 9999))) == MAX_WORDS_CHARACTERS


@pytest.mark.parametrize(
    ("wait", "left", "sentence"),
    [
        (120.0, 30.0, "asks to wait 120 s, longer than this call may still wait."),
        (31.0, 30.0, "asks to wait 31 s, longer than this call may still wait."),
        (29.6, 30.0, None),
        (1e6, 30.0, "asks to wait for more than a day."),
        (None, 30.0, None),
        (0.0, 30.0, None),
    ],
)
def test_wait_that_was_too_long(wait: float | None, left: float, sentence: str | None) -> None:
    failure = Failure(kinds.SATURATED, 429, retry_after=wait)
    text = told(failure, seconds_left=left)
    assert ("asks to wait" in text) == (sentence is not None)
    assert sentence is None or sentence in text
    assert ("网关要求等待" in told(failure, "zh", left)) == (sentence is not None)


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure(kinds.OVERLOADED, 200, after_content=True), "Part of the answer had arrived"),
        (Failure(kinds.CONNECTION_LOST, seconds=6.0), "may have been billed"),
        (Failure(kinds.CONNECTION_LOST, seconds=1.0), ""),
        (Failure(kinds.NO_ANSWER), "may have been billed"),
    ],
)
def test_why_it_was_not_sent_again(failure: Failure, sentence: str) -> None:
    text = told(failure)
    assert sentence in text
    assert ("not sent again" in text or "not repeated" in text) == bool(sentence)
    chinese = told(failure, "zh")
    assert ("已收到部分回答" in chinese) == failure.after_content
    assert ("可能已经计费" in chinese) == ("may have been billed" in text)


EN, ZH = Failure(kinds.KEY_REFUSED, 401, "Invalid Token"), Failure(kinds.OWN_QUOTA, 403, "额度不足")
HINTS = (message("facts.near_names", names=Listed(("a", "b"))),)
REFUSED, USED_UP = kinds.KEY_REFUSED, kinds.OWN_QUOTA


def test_keys_are_told_apart_when_a_form_is_saved() -> None:
    text = explain_keys([RefusedKey(1, "abcd", EN), RefusedKey(3, "", ZH)], 4, ("en",), HINTS)
    refused, used_up = (kind.texts("en") for kind in (REFUSED, USED_UP))
    assert text == (
        "Resilient Gateway: 2 of 4 API keys do not work; fix or remove them. "
        f"key 1 (…abcd): {refused.headline}; key 3: {used_up.headline}. "
        f"{refused.remedy} Models of this key with similar names: a, b."
    )


def test_keys_are_told_apart_in_both_languages_the_shortest_first() -> None:
    keys = [RefusedKey(1, "abcd", EN), RefusedKey(3, "", ZH)]
    refused, used_up = (kind.texts("zh") for kind in (REFUSED, USED_UP))
    assert explain_keys(keys, 4, BOTH, HINTS) == (
        "韧性网关插件：4 个 API Key 中有 2 个不可用，请修正或删除。"
        f"第 1 个密钥（…abcd）：{refused.headline}；第 3 个密钥：{used_up.headline}。"
        f"{refused.remedy}该密钥可用的名称相近的模型：a、b。 "
        f"{explain_keys(keys, 4, ('en',), HINTS)}"
    )


@EACH_KIND
def test_however_many_keys_there_are_the_text_is_short(kind: Kind) -> None:
    refused = [RefusedKey(one, "abcd", Failure(kind, 401)) for one in range(1, 101)]
    text = explain_keys(refused, 100)
    assert_readable(text)
    assert "另有 95 个" in text
    assert "and 95 more" in text
