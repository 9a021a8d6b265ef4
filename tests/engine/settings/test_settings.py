"""What a person types: understood, or refused with a sentence that says what to type."""

import re

import pytest

from engine.errors import Failure, GatewayError
from engine.errors.kinds import KEY_REFUSED
from engine.settings import (
    Settings,
    SettingsError,
    parse_count,
    parse_endpoint,
    parse_keys,
    parse_max_retry_seconds,
    parse_settings,
)
from engine.settings.forms import MAX_FORMS

KEY = "dmx.My-Secret_0123456789"
GOOD = {"endpoint_url": "https://api.example.com/v1", "api_key": KEY}

UNDERSTOOD = {
    "https://api.example.com/v1": "https://api.example.com/v1",
    # /v1 is added only to an empty path
    "https://api.example.com": "https://api.example.com/v1",
    "https://api.example.com/": "https://api.example.com/v1",
    "https://api.example.com//": "https://api.example.com/v1",
    "https://api.example.com/openai": "https://api.example.com/openai",
    "https://api.example.com/api/v3/": "https://api.example.com/api/v3",
    "https://api.example.com/V1/": "https://api.example.com/V1",
    # no scheme
    "api.example.com": "https://api.example.com/v1",
    "api.example.com/v1": "https://api.example.com/v1",
    "api.example.com:8443": "https://api.example.com:8443/v1",
    "//api.example.com/v1": "https://api.example.com/v1",
    # no scheme, this machine or a private network
    "localhost": "http://localhost/v1",
    "localhost:3000/v1": "http://localhost:3000/v1",
    "127.0.0.1:3000": "http://127.0.0.1:3000/v1",
    "10.1.2.3/v1": "http://10.1.2.3/v1",
    "172.20.0.2:80": "http://172.20.0.2:80/v1",
    "172.32.0.2:80": "https://172.32.0.2:80/v1",
    "192.168.1.2": "http://192.168.1.2/v1",
    "host.docker.internal:3000": "http://host.docker.internal:3000/v1",
    "one-api:3000": "http://one-api:3000/v1",
    # odd schemes
    "HTTPS://API.Example.COM/v1": "https://api.example.com/v1",
    "http://api.example.com": "http://api.example.com/v1",
    "https:/api.example.com/v1": "https://api.example.com/v1",
    "https:api.example.com": "https://api.example.com/v1",
    # IPv6
    "http://[::1]:3000/v1": "http://[::1]:3000/v1",
    "https://[2001:DB8::5]": "https://[2001:db8::5]/v1",
    "[2001:db8::5]:8443/v1": "https://[2001:db8::5]:8443/v1",
    # what surrounds a copied address
    "  https://api.example.com/v1 \n": "https://api.example.com/v1",
    '"https://api.example.com/v1"': "https://api.example.com/v1",
    "<https://api.example.com/v1>": "https://api.example.com/v1",
    "`https://api.example.com/v1`": "https://api.example.com/v1",
    "\u200bhttps://api.example.com/v1\u200b": "https://api.example.com/v1",
    "\ufeffhttps://api.ex\u00adample.com/v1": "https://api.example.com/v1",
    "https://api.example.com/v1%E2%80%8B": "https://api.example.com/v1",
    "https://api.example.com/v1、": "https://api.example.com/v1",
    "https://api.example.com/v1。": "https://api.example.com/v1",
    "https://api.example.com/v1；": "https://api.example.com/v1",
    "https://api.example.com/v1.": "https://api.example.com/v1",
    "“https://api.example.com/v1”": "https://api.example.com/v1",
    "（https://api.example.com/v1）": "https://api.example.com/v1",
    "**https://api.example.com/v1**": "https://api.example.com/v1",
    "[docs](https://api.example.com/v1)": "https://api.example.com/v1",
    "Base URL: https://api.example.com/v1": "https://api.example.com/v1",
    "接口地址：https://api.example.com/v1": "https://api.example.com/v1",
    'export OPENAI_BASE_URL="https://api.example.com/v1"': "https://api.example.com/v1",
    # hosts that only look like a key
    "http://llm.k8s/v1": "http://llm.k8s/v1",
    "new-api-gateway-2:3000": "http://new-api-gateway-2:3000/v1",
    "https://sk-telecom.example.com/v1": "https://sk-telecom.example.com/v1",
    # pasted from documentation
    "https://api.example.com/v1/": "https://api.example.com/v1",
    "https://api.example.com/v1//": "https://api.example.com/v1",
    "https://api.example.com//v1": "https://api.example.com/v1",
    "https://api.example.com/v1/chat/completions": "https://api.example.com/v1",
    "https://api.example.com/v1/chat/completions/": "https://api.example.com/v1",
    "https://api.example.com/chat/completions": "https://api.example.com/v1",
    "https://api.example.com/v1/chat": "https://api.example.com/v1",
    "https://api.example.com/chat": "https://api.example.com/chat",
    "https://api.example.com/v1/completions": "https://api.example.com/v1",
    "https://api.example.com/v1/embeddings": "https://api.example.com/v1",
    "https://api.example.com/v1/models": "https://api.example.com/v1",
    "https://api.example.com/v1/audio/speech": "https://api.example.com/v1",
    "https://api.example.com/v1?key=abc": "https://api.example.com/v1",
    "https://api.example.com/v1/chat/completions?x=1#top": "https://api.example.com/v1",
    "https://api.example.com?x=1": "https://api.example.com/v1",
    # other writings
    "https://例子.测试/v1": "https://例子.测试/v1",
}

REFUSED = {
    "": "endpoint_empty",
    "   ": "endpoint_empty",
    '""': "endpoint_empty",
    "https://api.example.com/v1 https://b.example.com": "endpoint_space",
    "https://api. example.com/v1": "endpoint_space",
    "https://api.example.com/\x00v1": "endpoint_space",
    "https://api.example.com/v1\nsk-abc": "endpoint_space",
    "https://api.example.com/v1\u3000x": "endpoint_space",
    "ftp://api.example.com/v1": "endpoint_other_scheme",
    "ws://api.example.com/v1": "endpoint_other_scheme",
    "file:///etc/passwd": "endpoint_other_scheme",
    "javascript:alert(1)": "endpoint_other_scheme",
    "mailto:someone@example.com": "endpoint_other_scheme",
    "https://": "endpoint_no_host",
    "https://api.example.com:port/v1": "endpoint_port",
    "https://api.example.com:99999/v1": "endpoint_port",
    "https://api。example。com/v1": "endpoint_wide",
    "https:\\\\api.example.com\\v1": "endpoint_no_host",
    "https://api.example.com/v1（推荐）": "endpoint_wide",
    "HTTP：//api.example.com/v1": "endpoint_wide",
    "https://api.example.com/推荐": "endpoint_odd",
    "https://api.example.com/v1</a>": "endpoint_odd",
    "https://api.example.com/v1,https://b.example.com/v1": "endpoint_several",
    "https://{resource}.example.com": "endpoint_no_host",
    "sk-abcdef1234567890abcdef": "endpoint_is_key",
    "8f2b1c3a-1234-4cde-9abc-1234567890ab": "endpoint_is_key",
    "abcdef0123456789abcdef0123456789.AbCdEf123456": "endpoint_is_key",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl": "endpoint_is_key",
    "https://sk-abcdef1234567890": "endpoint_is_key",
    "https://exa%20mple.com/v1": "endpoint_no_host",
    f"https://user:{KEY}@api.example.com/v1": "endpoint_user",
    f"https://{KEY}@api.example.com/v1": "endpoint_user",
}


@pytest.mark.parametrize(("typed", "endpoint"), UNDERSTOOD.items())
def test_address_is_understood(typed: str, endpoint: str) -> None:
    assert parse_endpoint(typed) == endpoint
    assert parse_endpoint(endpoint) == endpoint, "what was understood is understood again"


@pytest.mark.parametrize(("typed", "sentence"), REFUSED.items())
def test_address_is_refused_with_what_to_type(typed: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_endpoint(typed)
    assert refused.value.variable == "endpoint_url"
    assert refused.value.message.key == f"settings.{sentence}"
    assert KEY not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "https：//api.example.com/v1",
        "https://api.example.com／v1",
        "https://api.example.com：8080/v1",
        "https://ex℀mple.com",
        "https://[::1/v1",
    ],
)
def test_address_that_urlsplit_refuses_is_no_bare_value_error(typed: str) -> None:
    """Full-width punctuation of a Chinese keyboard, a bracket left open: understood or refused."""
    try:
        said = parse_endpoint(typed)
    except SettingsError as error:
        said = error.message.key
    assert re.match(r"https://api\.example\.com|settings\.endpoint_", said)


@pytest.mark.parametrize(
    ("typed", "key"),
    {
        KEY: KEY,
        f"  {KEY}\n": KEY,
        f"Bearer {KEY}": KEY,
        f"bearer   {KEY}": KEY,
        "sk-!~": "sk-!~",
        f"{KEY}\u200b": KEY,
        f"\ufeff{KEY}": KEY,
        f"“{KEY}”": KEY,
        f"`{KEY}`": KEY,
        f"「{KEY}」": KEY,
        f"<{KEY}>": KEY,
        f"{KEY}。": KEY,
        f"{KEY}.": KEY,
        f"api_key={KEY}": KEY,
        f"export OPENAI_API_KEY='{KEY}'": KEY,
        f"OPENAI_API_KEY {KEY}": KEY,
        f"Authorization: Bearer {KEY}": KEY,
        f'-H "Authorization: Bearer {KEY}"': KEY,
        f"Bearer%20{KEY}": KEY,
        f'{{"api_key": "{KEY}"}}': KEY,
        f"API Key：{KEY}": KEY,
        f"密钥：{KEY}": KEY,
        # what only looks like a label, or like punctuation
        "bW9ua2V5==": "bW9ua2V5==",
        "sk-p@ss(1)!": "sk-p@ss(1)!",
        "a1b2c3:d4e5": "a1b2c3:d4e5",
        "none": "none",
        "k" * 2094: "k" * 2094,
    }.items(),
)
def test_key_is_understood(typed: str, key: str) -> None:
    assert parse_keys(typed) == (key,)


@pytest.mark.parametrize(
    ("typed", "sentence", "missing"),
    [
        ("", "is empty", True),
        (" \t ", "is empty", True),
        (",", "is empty", True),
        (f"sk-1,{KEY}é", "API key 2 has a character that no key has", False),
        (f"sk-1\n{KEY}\x7f", "API key 2 has a control character", False),
        (" ".join(f"{KEY}{n}" for n in range(101)), "enter at most 100", False),
        (f"{KEY}\x00", "control character", False),
        (f"{KEY}\x7f", "control character", False),
        (f"\x1b[31m{KEY}", "control character", False),
        (f"{KEY}é", "a character that no key has", False),
        (f"{KEY}…", "a character that no key has", False),
        (f"{KEY[:6]}****{KEY[-4:]}", "is masked", False),
        (f"{KEY}...", "is masked", False),
        (f"https://{KEY}.example.com/v1", "is an address", False),
        ("${OPENAI_API_KEY}", "is a placeholder", False),
        ("sk-xxxxxxxx", "is a placeholder", False),
        ("your-api-key", "is a placeholder", False),
        (f'{KEY}"{KEY}', "a quotation mark", False),
        ("ｓｋ－１２３", "a character that no key has", False),
    ],
)
def test_key_is_refused_and_not_repeated(typed: str, sentence: str, missing: bool) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        parse_keys(typed)
    assert (refused.value.variable, refused.value.missing) == ("api_key", missing)
    assert KEY not in str(refused.value)
    assert KEY not in repr(refused.value)


@pytest.mark.parametrize(
    "typed",
    ["sk-a;sk-b；sk-c", "sk-a、sk-b | sk-c", "['sk-a', 'sk-b', 'sk-c']",
     "KEY1=sk-a;KEY2=sk-b;KEY_3=sk-c",
     "sk-a,sk-b,sk-c", "sk-a sk-b\tsk-c", " sk-a,\n sk-b ,\r\nsk-c,", "sk-a，sk-b　sk-c",
     "sk-a,sk-b,sk-a,sk-c,sk-b", "Bearer sk-a, Bearer sk-b, bearer sk-c"],
)  # fmt: skip
def test_several_keys_keep_their_order_and_count_once(typed: str) -> None:
    assert parse_keys(typed) == ("sk-a", "sk-b", "sk-c")
    settings = parse_settings({**GOOD, "api_key": typed}, "m")
    assert settings.api_keys == ("sk-a", "sk-b", "sk-c")
    assert [one.api_key for one in settings.each_key()] == ["sk-a", "sk-b", "sk-c"]
    assert len({one.key_digest for one in settings.each_key()}) == 3
    assert "sk-" not in repr(settings)


@pytest.mark.parametrize(
    "variable", ["max_concurrency", "requests_per_minute", "tokens_per_minute"]
)
@pytest.mark.parametrize(
    ("typed", "limit"), [("", None), (None, None), ("1", 1), (" 50 ", 50), ("999999", 999999)]
)
def test_limits(variable: str, typed: str | None, limit: int | None) -> None:
    assert getattr(parse_settings({**GOOD, variable: typed}, "m"), variable) == limit


@pytest.mark.parametrize(
    ("variable", "label"),
    [("max_concurrency", "Max Concurrency"), ("requests_per_minute", "Requests per Minute")],
)
@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "many", "1e3", "1000000", "５"])
def test_limits_are_refused_clearly(variable: str, label: str, typed: str) -> None:
    with pytest.raises(SettingsError, match=f"{label} must be a whole number") as refused:
        parse_settings({**GOOD, variable: typed}, "m")
    assert refused.value.variable == variable


@pytest.mark.parametrize(
    ("typed", "names"),
    [("", ()), (None, ()), (" , ,", ()), ("b", ("b",)), (" b ,c/d,, b ,e f", ("b", "c/d", "e f"))],
)
def test_fallback_models_keep_their_order(typed: str | None, names: tuple[str, ...]) -> None:
    assert parse_settings({**GOOD, "fallback_models": typed}, "m").fallback_models == names


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("", 45.0), ("0", 0.0), ("0.5", 0.5), ("60", 60.0), ("480", 480.0), ("479.99", 479.99)],
)
def test_waiting_budget(typed: str, seconds: float) -> None:
    assert parse_max_retry_seconds(typed) == seconds


@pytest.mark.parametrize(
    "typed", ["-1", "-0.001", "480.01", "481", "inf", "nan", "45s", "1,5", "x"]
)
def test_waiting_budget_out_of_range(typed: str) -> None:
    with pytest.raises(SettingsError, match=r"from 0 to 480, or empty.*45") as no:
        parse_max_retry_seconds(typed)
    assert no.value.variable == "max_retry_seconds"


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [("", None), (None, None), ("auto", None), (" 128000 ", 128000), (1, 1), ("100000000", 10**8)],
)
def test_number_of_tokens(typed: object, tokens: int | None) -> None:
    assert parse_count({"context_size": typed}, "context_size") == tokens


@pytest.mark.parametrize(
    "typed", ["0", "-1", "128k", "128,000", "4096.0", "1e3", "１２８", "100000001", "9" * 5000]
)
def test_number_of_tokens_out_of_range(typed: str) -> None:
    with pytest.raises(
        SettingsError, match=r"Context Size must be a whole number such as 128000"
    ) as no:
        parse_count({"context_size": typed}, "context_size")
    assert no.value.variable == "context_size"


def test_model_name_of_the_form_wins() -> None:
    assert parse_settings(GOOD, " gpt-5 ").model == "gpt-5"
    assert parse_settings({**GOOD, "endpoint_model_name": " "}, "gpt-5").model == "gpt-5"
    assert parse_settings({**GOOD, "endpoint_model_name": " up "}, "gpt-5").model == "up"


@pytest.mark.parametrize("absent", ["endpoint_url", "api_key"])
def test_absent_is_like_empty(absent: str) -> None:
    for credentials in ({**GOOD, absent: None}, {k: v for k, v in GOOD.items() if k != absent}):
        with pytest.raises(SettingsError, match="is empty"):
            parse_settings(credentials, "m")


def test_key_is_in_no_text_of_settings() -> None:
    settings = parse_settings({**GOOD, "display_name": "Mine"}, "gpt-5")
    assert settings.api_key == KEY
    for text in (
        repr(settings),
        str(settings),
        f"{settings}",
        repr([settings]),
        f"{settings}",
    ):
        assert KEY not in text
        assert "gpt-5" in text
    assert KEY not in settings.key_digest


def test_digest_tells_keys_apart_and_nothing_else() -> None:
    one = Settings("https://a.example/v1", KEY, "m")
    assert one.key_digest == Settings("https://b.example/v1", KEY, "n").key_digest
    assert one.key_digest != Settings("https://a.example/v1", f"{KEY}x", "m").key_digest
    assert len(one.key_digest) == 24


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://a.example/v1", "https://a.example"),
        ("http://[::1]:3000/openai/v1", "http://[::1]:3000"),
    ],
)
def test_origin(endpoint: str, origin: str) -> None:
    assert Settings(endpoint, KEY, "m").origin == origin


def test_key_is_in_no_text_of_the_engines_exception() -> None:
    error = GatewayError(Failure(KEY_REFUSED, 401, words=f"Incorrect API key: {KEY}"), "text")
    assert KEY not in str(error)
    assert KEY not in repr(error)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [(None, 0), ("", 0), ("0", 0), (" 60 ", 60), ("86400", 86_400), (3600, 3600)],
)
def test_cache_ttl_is_read(typed: object, seconds: int) -> None:
    form = {**GOOD, "cache_ttl_seconds": typed}
    assert parse_settings(form, "m").cache_ttl_seconds == seconds


@pytest.mark.parametrize("typed", ["86401", "-1", "1.5", "1h", "1e3", "९"])
def test_a_cache_ttl_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(SettingsError, match="Cache TTL Seconds") as raised:
        parse_settings({**GOOD, "cache_ttl_seconds": typed}, "m")
    assert raised.value.variable == "cache_ttl_seconds"


@pytest.mark.parametrize(
    ("typed", "uncertain"), [(None, False), ("", False), ("temperature_0", False), ("all", True)]
)
def test_cache_scope_is_read(typed: str | None, uncertain: bool) -> None:
    assert parse_settings({**GOOD, "cache_scope": typed}, "m").cache_uncertain is uncertain


def test_another_cache_scope_is_refused() -> None:
    with pytest.raises(SettingsError, match="Cached Chat Answers"):
        parse_settings({**GOOD, "cache_scope": "everything"}, "m")


def test_forms_that_differ_in_anything_are_told_apart() -> None:
    """What was read from one form is never given for another one, whatever Python calls equal."""
    form = {"endpoint_url": "https://a.example.com", "api_key": "sk-a"}
    one = parse_settings(form, "m")
    assert parse_settings(dict(form), "m") is one
    assert parse_settings({**form, "api_key": "sk-b"}, "m").api_key == "sk-b"
    assert parse_settings(form, "n").model == "n"
    assert parse_settings(form, "m", 60).max_retry_seconds == 60
    assert parse_settings({**form, "endpoint_model_name": 1}, "m").model == "1"
    assert parse_settings({**form, "endpoint_model_name": True}, "m").model == "True"


@pytest.mark.parametrize(("typed", "is_typed"), [(None, False), ("", False), ("300", True)])
def test_a_typed_wait_is_told_from_the_default(typed: str | None, is_typed: bool) -> None:
    form = {"endpoint_url": "https://a.example.com", "api_key": "sk-a", "max_retry_seconds": typed}
    assert parse_settings(form, "m").wait_is_typed is is_typed


def test_a_refused_form_is_refused_again() -> None:
    for _ in range(2):
        with pytest.raises(SettingsError):
            parse_settings({"endpoint_url": "https://a.example.com"}, "m")


def test_forms_that_were_not_used_for_long_are_forgotten() -> None:
    form = {"endpoint_url": "https://a.example.com", "api_key": "sk-forgotten"}
    one = parse_settings(form, "m")
    for number in range(MAX_FORMS):
        parse_settings(form, f"m{number}")
    again = parse_settings(form, "m")
    assert again == one
    assert again is not one


@pytest.mark.parametrize(
    ("typed", "language"), [("", None), ("question", None), ("en", "en"), ("zh", "zh")]
)
def test_the_language_of_messages_is_read(typed: str, language: str | None) -> None:
    assert parse_settings({**GOOD, "message_language": typed}, "m").message_language == language


@pytest.mark.parametrize("variable", ["cache_ttl_seconds", "embedding_cache_ttl_seconds"])
def test_both_forms_of_the_cache_are_read(variable: str) -> None:
    assert parse_settings({**GOOD, variable: "60"}, "m").cache_ttl_seconds == 60
