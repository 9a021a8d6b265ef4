"""What a person reads: one short paragraph, the point first, nothing that is not theirs."""

import re
from dataclasses import replace

import pytest

from gateway.admission import NoTurn, Reason
from gateway.admission.refusal import Detail
from gateway.bilingual import Both
from gateway.explain import LABEL_ZH, RefusedKey, explain, explain_keys
from gateway.failure import KINDS, Failure, Kind, Language, kinds
from gateway.privacy import LONGEST_WORDS, log_words, public_words
from gateway.queueing import cause_of, failure_of_keys, failure_of_no_turn

LABEL = "Resilient Gateway"
LANGUAGES: tuple[Language, Language] = ("en", "zh")
CHINESE = "当前分组上游负载已饱和，请稍后再试"


def told(failure: Failure, attempts: int = 3, seconds: float = 12.4, budget: float = 45.0) -> str:
    return explain(failure, attempts, seconds, budget)


def assert_readable(text: str) -> None:
    assert len(text.encode()) < 2048
    assert text == text.strip()
    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029]", text), "one paragraph"
    assert "  " not in text
    assert not re.search(r"[`*#<>|]|\]\(|__|~~", text), "no markdown"
    assert text.endswith(".")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_its_texts(kind: Kind) -> None:
    assert kind.en.headline[0].islower()
    assert not kind.en.headline.endswith(".")
    assert kind.en.meaning == "" or kind.en.meaning.endswith(".")
    for sentence in (kind.en.remedy, kind.en.prevention):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert kind.steps
    text = told(Failure(kind, 429, words="up words", request_id="rid-7"))
    assert text.startswith(f"{LABEL}: {kind.en.headline} (HTTP 429")
    assert text.index(kind.en.remedy) > text.index("Tried 3 times in 12 s.")
    assert text.endswith("Request id: rid-7.")
    assert_readable(text)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_has_its_texts_in_chinese(kind: Kind) -> None:
    assert bool(kind.zh.meaning) == bool(kind.en.meaning)
    assert kind.zh.headline[-1] not in "。！."
    for sentence in filter(None, kind.zh[1:]):
        assert sentence.endswith("。")
    assert all(re.search("[\u4e00-\u9fff]", text) for text in filter(None, kind.zh))
    assert not any(re.search("[\u4e00-\u9fff]", text) for text in kind.en)
    text = told(Failure(kind, 429, words="请稍后再试", request_id="rid-7"))
    assert text.startswith(f"{LABEL_ZH}：{kind.zh.headline}（HTTP 429")
    assert text.index(kind.zh.remedy) < text.index(f" {LABEL}: {kind.en.headline}. ")
    assert text.index("12 秒内尝试了 3 次。") < text.index(kind.zh.remedy)
    assert text.index(kind.en.remedy) > text.index("Tried 3 times in 12 s.")
    assert_readable(text)


def test_no_two_kinds_read_alike() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert len({kind.en.headline for kind in KINDS}) == len(KINDS)
    assert len({kind.zh.headline for kind in KINDS}) == len(KINDS)


def test_point_comes_first_and_then_upstreams_words() -> None:
    text = told(Failure(kinds.SATURATED, 429, words="Try later", request_id="20261124"))
    assert text == (
        "Resilient Gateway: the gateway is saturated (HTTP 429, “Try later”). "
        f"{kinds.SATURATED.en.meaning} Tried 3 times in 12 s. {kinds.SATURATED.en.remedy} "
        "Request id: 20261124."
    )


def test_chinese_words_are_answered_in_chinese_first() -> None:
    text = told(Failure(kinds.SATURATED, 429, words=CHINESE, request_id="20261124"))
    chinese, english = kinds.SATURATED.zh, kinds.SATURATED.en
    assert text == (
        f"韧性网关：网关当前分组的上游负载已饱和（HTTP 429，“{CHINESE}”）。"
        f"{chinese.meaning}12 秒内尝试了 3 次。{chinese.remedy} "
        "Resilient Gateway: the gateway is saturated. "
        f"{english.meaning} Tried 3 times in 12 s. {english.remedy} Request id: 20261124."
    )


def test_without_an_answer_there_is_neither_status_nor_words_nor_id() -> None:
    text = told(Failure(kinds.CONNECT_FAILED), attempts=1, seconds=0.4)
    assert text.startswith("Resilient Gateway: no connection to the gateway. ")
    assert "Tried once in 0 s." in text
    assert "Request id" not in text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "words",
    ["满" * 5000, "😀" * 5000, "word " * 5000, "é" * 5000, "。" * 5000, "\n" * 5000, "…" * 5000],
    ids=["Chinese", "emoji", "words", "accents", "full stops", "line breaks", "ellipses"],
)
def test_stays_short_whatever_upstream_says(kind: Kind, words: str) -> None:
    failure = Failure(
        kind, 503, words=words, request_id="r" * 5000, told_wait=9999.0, after_content=True
    )
    assert_readable(told(failure, attempts=480, seconds=480.0))
    assert len(public_words(failure)) <= LONGEST_WORDS


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


def test_chinese_of_a_refused_key_is_hidden_and_answered_in_chinese_all_the_same() -> None:
    text = told(Failure(kinds.KEY_REFUSED, 401, words="无效的令牌 sk-secret"))
    assert text.startswith(f"{LABEL_ZH}：{kinds.KEY_REFUSED.zh.headline}（HTTP 401）。")
    assert "令牌" not in text


def test_a_failure_of_our_own_is_told_in_the_language_that_the_upstream_spoke() -> None:
    english, chinese = (failure_of_keys(((0, kinds.OWN_QUOTA.headline),), one) for one in LANGUAGES)
    assert told(english).startswith(f"{LABEL}: {kinds.KEYS_RESTING.headline}. ")
    assert not re.search("[\u4e00-\u9fff]", told(english))
    text = told(chinese)
    assert text.startswith(f"{LABEL_ZH}：{kinds.KEYS_RESTING.zh.headline}。")
    assert f"第 1 个密钥：{kinds.OWN_QUOTA.zh.headline}。" in text
    assert f"key 1: {kinds.OWN_QUOTA.headline}." in text
    assert_readable(text)


@pytest.mark.parametrize("reason", [Reason.FULL, Reason.SHUT, Reason.RESTING])
def test_who_gets_no_turn_any_more_is_told_in_that_language_too(reason: Reason) -> None:
    last = Failure(kinds.SATURATED, 429, CHINESE)
    refusal = NoTurn(reason, waiting=7)
    assert told(failure_of_no_turn(refusal, last)).startswith(LABEL_ZH)
    assert told(failure_of_no_turn(refusal, None)).startswith(LABEL)


@pytest.mark.parametrize("of_key", [False, True])
@pytest.mark.parametrize("kind", [kinds.SATURATED, kinds.RATE_LIMITED, kinds.OVERLOADED])
def test_who_is_refused_for_a_told_wait_is_told_the_failure_that_began_it(
    kind: Kind, of_key: bool
) -> None:
    began = Failure(kind, 429, f"{CHINESE} sk-abcd1234efgh", "RateLimitReached", request_id="r1")
    cause = cause_of(began)
    assert "abcd1234" not in cause
    detail = Detail(wait=540.0, cause=cause, of_key=of_key)
    failure = failure_of_no_turn(NoTurn(Reason.TOLD, detail=detail), None)
    assert (failure.kind, failure.status, failure.final) == (kind, 429, True)
    assert failure.request_id == "", "that was another call's"
    text = told(failure, attempts=0)
    assert text.startswith(f"{LABEL_ZH}：{kind.zh.headline}（HTTP 429，“{CHINESE}")
    assert "It asks to wait 540 s" in text
    assert ("Other models of this key are not affected." in text) != of_key
    assert ("All models of this key have to wait." in text) == of_key
    own = Failure(kinds.SATURATED, 429, request_id="r2")
    assert failure_of_no_turn(NoTurn(Reason.TOLD, detail=detail), own).request_id == "r2"


@pytest.mark.parametrize("cause", ["", "1", "{}", "[]", '{"kind":"of a later version"}'])
def test_a_cause_that_cannot_be_read_is_a_rate_limit(cause: str) -> None:
    refusal = NoTurn(Reason.TOLD, detail=Detail(wait=9.0, cause=cause))
    assert failure_of_no_turn(refusal, None).kind is kinds.RATE_LIMITED


def test_many_keys_make_no_long_text() -> None:
    reasons = tuple((number, kinds.KEY_REFUSED.headline) for number in range(100))
    assert_readable(told(failure_of_keys(reasons, "zh")))


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
    assert len(log_words(Failure(kinds.OWN_QUOTA, words="x" * 9999))) == LONGEST_WORDS


@pytest.mark.parametrize(
    ("wait", "budget", "sentence"),
    [
        (120.0, 45.0, "It asks to wait 120 s, longer than this call may still wait."),
        (45.0, 45.0, "It asks to wait 45 s, longer than this call may still wait."),
        (32.6, 45.0, None),
        (1e6, 45.0, "It asks to wait more than a day, longer than this call may still wait."),
        (None, 45.0, None),
        (0.0, 45.0, None),
    ],
)
def test_wait_that_was_too_long(wait: float | None, budget: float, sentence: str | None) -> None:
    text = told(Failure(kinds.SATURATED, 429, told_wait=wait), budget=budget)
    assert ("It asks to wait" in text) == (sentence is not None)
    assert sentence is None or sentence in text
    chinese = told(Failure(kinds.SATURATED, 429, words=CHINESE, told_wait=wait), budget=budget)
    assert ("网关要求等待" in chinese) == (sentence is not None)


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (Failure(kinds.OVERLOADED, 200, after_content=True), "A part of the answer had arrived"),
        (Failure(kinds.CONNECTION_LOST, seconds=6.0), "may have been billed"),
        (Failure(kinds.CONNECTION_LOST, seconds=1.0), ""),
        (Failure(kinds.NO_ANSWER), "may have been billed"),
    ],
)
def test_why_it_was_not_sent_again(failure: Failure, sentence: str) -> None:
    text = told(failure)
    assert sentence in text
    assert ("not sent again" in text or "not repeated" in text) == bool(sentence)
    chinese = told(replace(failure, words=CHINESE))
    assert ("已收到部分回答" in chinese) == failure.after_content
    assert ("可能已经计费" in chinese) == ("may have been billed" in text)


EN, ZH = Failure(kinds.KEY_REFUSED, 401, "Invalid Token"), Failure(kinds.OWN_QUOTA, 403, "额度不足")
HINT = Both("Models: a.", "模型：a。")


def test_keys_are_told_apart_in_english_where_the_upstream_spoke_that() -> None:
    text = explain_keys([RefusedKey(1, "abcd", EN), RefusedKey(3, "", EN)], 4, HINT)
    assert text == (
        "Resilient Gateway: 2 of 4 API keys do not work. "
        f"key 1 (…abcd): {kinds.KEY_REFUSED.headline}; key 3: {kinds.KEY_REFUSED.headline}. "
        f"{kinds.KEY_REFUSED.remedy} Models: a."
    )


def test_keys_are_told_apart_in_chinese_first_where_the_upstream_spoke_that_of_one() -> None:
    text = explain_keys([RefusedKey(1, "abcd", EN), RefusedKey(3, "", ZH)], 4, HINT)
    refused, used_up = kinds.KEY_REFUSED, kinds.OWN_QUOTA
    assert text == (
        "韧性网关：4 个 API Key 中有 2 个不可用。"
        f"第 1 个（…abcd）：{refused.zh.headline}；第 3 个：{used_up.zh.headline}。"
        f"{refused.zh.remedy}模型：a。 "
        "Resilient Gateway: 2 of 4 API keys do not work. "
        f"key 1 (…abcd): {refused.headline}; key 3: {used_up.headline}. {refused.remedy} Models: a."
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("words", ["no", "额度不足"], ids=["en", "zh"])
def test_however_many_keys_there_are_the_text_is_short(kind: Kind, words: str) -> None:
    refused = [RefusedKey(one, "abcd", Failure(kind, 401, words)) for one in range(1, 101)]
    text = explain_keys(refused, 100)
    assert_readable(text)
    assert ("另有 95 个" in text) == (words != "no")
    assert f"and {90 if words == 'no' else 95} more" in text
