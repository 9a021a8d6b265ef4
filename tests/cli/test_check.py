"""`python -m cli check` against the simulator in each family's dress, and against worse."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.exits import Exit
from cli.main import main
from simulator import Simulator
from tests.cli.tls import Secured, certificate
from tests.support.raw_server import RawServer, http, sending

KEY = "sk-good-7f3a9c21"
GATEWAYS = {
    "one-api": ("One API", "v0.6.11-alpha.22-1-g8df4a267"),
    "new-api": ("New API", "v0.9.16-patch.1-592-gf4f144bc"),
    "rix": ("Rix API", "v1.0.0"),
    "shell": ("Shell API", "v1.0.0"),
}
PAGE = b"<!doctype html><html><head><title>Welcome</title></head><body>hi</body></html>"

type Document = dict[str, Any]
type Check = Callable[..., tuple[int, Document]]


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator(seed=8) as simulator:
        yield simulator


@pytest.fixture
def simulator(server: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    for name in ("GATEWAY_URL", "GATEWAY_KEY", "GATEWAY_MODEL", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("NO_PROXY", "*")
    server.reset()
    return server


@pytest.fixture
def check(simulator: Simulator, capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs a check for machines, and sees to it that no key is shown."""

    def run(url: str, key: str = KEY, *arguments: str) -> tuple[int, Document]:
        end = main(["check", "--url", url, "--key", key, "--json", *arguments])
        printed = capsys.readouterr()
        for each in key.split(","):
            assert each not in printed.out + printed.err
            assert not each or each[-6:] not in printed.out + printed.err
        return end, json.loads(printed.out)

    return run


def line(document: Document, name: str) -> Document:
    found: Document = next(one for one in document["outcomes"] if one["name"] == name)
    return found


def verdicts(document: Document) -> dict[str, str]:
    return {one["name"]: one["verdict"] for one in document["outcomes"]}


@pytest.mark.parametrize("family", GATEWAYS)
def test_a_gateway_of_each_family(simulator: Simulator, check: Check, family: str) -> None:
    end, document = check(f"{simulator.origin}/{family}/v1")
    assert end == Exit.OK
    assert document["exit"] == "ok"
    told = verdicts(document)
    assert told["dns"] == told["connect"] == told["url"] == told["key"] == "ok"
    assert line(document, "family")["text"] == " ".join(GATEWAYS[family])
    assert line(document, "chat")["text"] == "gpt-4o-mini answered"
    assert told["chat"] == told["stream"] == told["tools"] == told["structured"] == "ok"
    assert told["embeddings"] == "ok"
    assert told["rerank"] == ("note" if family == "one-api" else "ok")
    assert document["models"]["text-embedding"] == [
        "text-embedding-3-small",
        "text-embedding-3-large",
    ]
    assert document["form"]["endpoint_url"] == f"{simulator.origin}/{family}/v1"
    assert document["requests"]["models"] == simulator.count() == 6


@pytest.mark.parametrize("family", ["openai", "cdn"])
def test_a_server_that_is_no_gateway_of_the_family(
    simulator: Simulator, check: Check, family: str
) -> None:
    end, document = check(f"{simulator.origin}/{family}/v1")
    assert end == Exit.OK
    assert verdicts(document)["family"] == "note"
    assert verdicts(document)["balance"] == "skipped"


def test_a_host_that_is_down(check: Check) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    end, document = check(f"http://127.0.0.1:{port}/v1")
    assert end == Exit.UNREACHABLE
    assert verdicts(document) == {"dns": "ok", "connect": "unreached"}
    assert document["requests"] == {"models": 0, "pages": 0}


def test_a_host_without_an_address(check: Check) -> None:
    end, document = check("http://no-such-host.invalid/v1")
    assert end == Exit.UNREACHABLE
    assert verdicts(document) == {"dns": "unreached"}


def test_a_port_that_speaks_no_tls(check: Check) -> None:
    with RawServer(sending()) as site:
        site.greeting = http(400, b"no TLS here")
        end, document = check(f"{site.origin.replace('http:', 'https:')}/v1")
    assert end == Exit.UNREACHABLE
    assert line(document, "tls")["kind"] == "tls_failed"


@pytest.mark.parametrize(("days", "verdict"), [(90, "ok"), (7, "note")])
def test_a_certificate_that_is_trusted(
    simulator: Simulator,
    check: Check,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    verdict: str,
) -> None:
    pem = certificate(tmp_path, days)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    with Secured(pem, int(simulator.origin.rpartition(":")[2])) as gateway:
        end, document = check(f"{gateway.origin}/new-api/v1", KEY, "--no-calls")
    assert end == Exit.OK
    assert line(document, "tls")["verdict"] == verdict
    assert f"certificate good for {days} days" in line(document, "tls")["text"]


def test_a_certificate_that_nobody_vouches_for(
    simulator: Simulator, check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    pem = certificate(tmp_path, days=90)
    with Secured(pem, int(simulator.origin.rpartition(":")[2])) as gateway:
        end, document = check(f"{gateway.origin}/new-api/v1")
    assert end == Exit.UNREACHABLE
    assert line(document, "tls")["kind"] == "tls_failed"
    assert re.search("self.signed", line(document, "tls")["text"])
    assert simulator.seen == []


def test_a_web_page_where_the_api_should_be(check: Check) -> None:
    with RawServer(sending(http(200, PAGE, "Content-Type: text/html"))) as site:
        end, document = check(f"{site.origin}/docs")
    assert end == Exit.PROBLEM
    assert line(document, "url")["kind"] == "wrong_url"
    assert document["requests"]["models"] == 0


def test_an_address_without_v1_is_found_and_named(simulator: Simulator, check: Check) -> None:
    right = f"{simulator.origin}/new-api/v1"
    end, document = check(f"{simulator.origin}/new-api")
    assert end == Exit.PROBLEM
    assert right in line(document, "url")["advice"]
    assert document["form"]["endpoint_url"] == document["endpoint"] == right
    assert verdicts(document)["chat"] == "ok"


def test_an_address_without_a_path_gets_v1_as_in_the_form(
    simulator: Simulator, check: Check
) -> None:
    end, document = check(simulator.origin)
    assert end == Exit.OK
    assert line(document, "url")["verdict"] == "note"
    assert document["endpoint"] == simulator.base_url


KEYS = {
    "sk-wrong": "key_refused",
    "sk-expired": "key_refused",
    "sk-disabled": "key_refused",
    "sk-exhausted": "own_quota",
    "sk-banned": "access_denied",
    "sk-nochannel": "no_channel",
}


@pytest.mark.parametrize("family", ["one-api", "new-api"])
@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_does_not_work_costs_nothing(
    simulator: Simulator, check: Check, family: str, key: str
) -> None:
    end, document = check(f"{simulator.origin}/{family}/v1", f"{key}-7f3a9c21")
    assert end == Exit.PROBLEM
    assert line(document, "key")["kind"] == KEYS[key]
    assert simulator.count() == 0


def test_one_good_key_among_several_is_used(simulator: Simulator, check: Check) -> None:
    keys = f"sk-wrong-1111,{KEY}"
    end, document = check(f"{simulator.origin}/new-api/v1", keys)
    assert end == Exit.PROBLEM
    texts = [one["text"] for one in document["outcomes"] if one["name"] == "key"]
    assert texts[0].startswith("key 1: the API key was rejected")
    assert texts[1].startswith("key 2: accepted, 47 models")
    assert verdicts(document)["chat"] == "ok"
    assert {one.key for one in simulator.seen if one.method == "POST"} == {KEY}


def test_a_saturated_gateway_is_busy_and_proves_nothing(simulator: Simulator, check: Check) -> None:
    end, document = check(f"{simulator.origin}/rix/v1", "sk-saturated-7f3a")
    assert end == Exit.BUSY
    told = verdicts(document)
    assert told["key"] == "ok"
    assert told["chat"] == told["embeddings"] == "busy"
    assert told["stream"] == told["tools"] == "skipped"
    assert line(document, "chat")["kind"] == "saturated"


def test_a_gateway_without_a_list_is_asked_for_the_named_model(
    simulator: Simulator, check: Check
) -> None:
    url = f"{simulator.origin}/rix/v1"
    end, document = check(url, "sk-nolist-404-7f3a", "--model", "ok-tools")
    assert end == Exit.OK
    assert "no list of models" in line(document, "key")["text"]
    assert verdicts(document)["tools"] == "ok"
    assert document["form"]["function_calling_type"] == "tool_call"
    assert document["form"]["settings"] == "custom"


def test_what_a_model_cannot_do_is_told_and_decides_the_form(
    simulator: Simulator, check: Check
) -> None:
    end, document = check(f"{simulator.origin}/new-api/v1", KEY, "--model", "ok")
    assert end == Exit.OK
    assert verdicts(document)["tools"] == verdicts(document)["structured"] == "note"
    assert document["form"]["function_calling_type"] == "no_call"
    assert document["form"]["structured_output_support"] == "not_supported"


def test_a_model_that_fails_is_named_with_its_cause(simulator: Simulator, check: Check) -> None:
    end, document = check(f"{simulator.origin}/new-api/v1", KEY, "--model", "no-such-model")
    assert end == Exit.PROBLEM
    assert line(document, "chat")["kind"] == "no_channel"
    assert line(document, "chat")["text"].startswith("no-such-model: ")


def test_no_calls_asks_no_model(simulator: Simulator, check: Check) -> None:
    end, document = check(f"{simulator.origin}/new-api/v1", KEY, "--no-calls")
    assert end == Exit.OK
    assert simulator.count() == 0
    assert verdicts(document)["balance"] == "ok"
    assert "chat" not in verdicts(document)


BALANCES = {
    ("new-api", "sk-limited"): "1.00 left on this key, 0 used",
    ("one-api", "sk-limited"): "1.00 left on this key, 0 used",
    ("new-api", "sk-tiny"): "2e-05 left on this key, 0 used",
    ("new-api", "sk-normal"): "the key has no limit of its own",
    ("one-api", "sk-normal"): "the key has no limit of its own",
}


@pytest.mark.parametrize(("family", "key"), BALANCES)
def test_balance_is_told_where_the_api_tells_it(
    simulator: Simulator, check: Check, family: str, key: str
) -> None:
    _, document = check(f"{simulator.origin}/{family}/v1", f"{key}-7f3a", "--no-calls")
    assert BALANCES[family, key] in line(document, "balance")["text"]
    assert (line(document, "balance")["verdict"] == "note") == (key == "sk-tiny")


def test_load_finds_how_many_calls_at_once_are_let_in(simulator: Simulator, check: Check) -> None:
    url = f"{simulator.origin}/rix/v1"
    end, document = check(url, KEY, "--model", "slots-3-600", "--load", "6")
    assert end == Exit.OK
    assert [step["sent"] for step in document["load"]] == [1, 2, 4]
    assert document["load"][-1] == {"sent": 4, "taken": 3, "refused": 1}
    assert document["form"]["max_concurrency"] == "2"


def test_load_proposes_nothing_where_nothing_was_refused(
    simulator: Simulator, check: Check
) -> None:
    _, document = check(f"{simulator.origin}/rix/v1", KEY, "--load", "5")
    assert [step["sent"] for step in document["load"]] == [1, 2, 4, 5]
    assert "max_concurrency" not in document["form"]


@pytest.mark.parametrize("load", ["0", "129", "-1", "many"])
def test_load_is_bounded(simulator: Simulator, load: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "--url", simulator.base_url, "--key", KEY, f"--load={load}"])
    assert ended.value.code == Exit.USAGE
    assert simulator.seen == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_people_read(
    simulator: Simulator, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    url = f"{simulator.origin}/new-api/v1"
    arguments = ["check", "--url", url, "--key", KEY, "--lang", lang, "--load", "3"]
    assert main(arguments) == Exit.OK
    text = capsys.readouterr().out
    assert KEY not in text
    assert "\x1b" not in text
    announced = re.search(r"(\d+) (?:short requests|个很短的请求)", text)
    more = re.search(r"(?:at most|最多) (\d+)", text)
    assert announced is not None
    assert more is not None
    assert int(announced[1]) + int(more[1]) == simulator.count()
    first = "Chat" if lang == "en" else "对话"
    assert announced.start() < text.index(f"✓ {first}")
    assert url in text.rpartition("✓")[2]


def test_address_and_key_come_from_the_environment(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATEWAY_URL", simulator.base_url)
    monkeypatch.setenv("GATEWAY_KEY", KEY)
    monkeypatch.setenv("GATEWAY_MODEL", "gpt-5-nano")
    assert main(["check", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["asked"] == "gpt-5-nano"


@pytest.mark.parametrize(
    ("url", "key", "complaint"),
    [
        ("", KEY, "API Base URL is empty"),
        ("ftp://x", KEY, "must begin with https"),
        ("http://127.0.0.1:9", "", "API Key is empty"),
        ("http://127.0.0.1:9", "sk-ｆｕｌｌ", "a character that no key has"),
    ],
)
def test_what_cannot_be_used_is_said(
    simulator: Simulator,
    capsys: pytest.CaptureFixture[str],
    url: str,
    key: str,
    complaint: str,
) -> None:
    assert main(["check", "--url", url, "--key", key]) == Exit.USAGE
    assert complaint in capsys.readouterr().err
