"""Metrics and the status page, asked of a running plugin over HTTP."""

import http.client
import os
import re
import signal
import socket
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from devtools import PluginProcess, RedisProcess
from devtools.redis import free_port
from engine.cluster.connection import VARIABLE as REDIS_VARIABLE
from engine.metrics.address import TOKEN_VARIABLE, VARIABLE
from engine.metrics.words import WORDS
from simulator import Simulator
from tests.process.rig import ROOT, Rig, error_of, new_key, succeeded
from tests.support.polling import becomes_true, under_gevent

pytestmark = pytest.mark.xdist_group("protocol-metrics")

SECRET = "a question that nobody else may read"
USER = "user-who-asked"


class Reader:
    """Asks a plugin's metrics port."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.port, self.host = port, host

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60.0)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, dict(answer.getheaders()), text

    def value(self, name: str, **labels: str) -> float:
        """The sum of all samples of a name that have these labels."""
        families = text_string_to_metric_families(self.ask("/metrics")[2])
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == f"resilient_gateway_{name}"
            and labels.items() <= sample.labels.items()
        )

    def serves(self) -> bool:
        """Whether it answers."""
        try:
            return self.ask("/")[0] in (200, 401)
        except OSError:
            return False


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulator]:
    with Simulator(seed=3) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(free_port())


@pytest.fixture(scope="module")
def measured(reader: Reader) -> Iterator[PluginProcess]:
    with PluginProcess(ROOT, env={VARIABLE: f"127.0.0.1:{reader.port}"}) as plugin:
        assert becomes_true(reader.serves)
        yield plugin
        assert plugin.violations == []
        assert plugin.stderr == ""


@pytest.fixture
def rig(measured: PluginProcess, gateway: Simulator) -> Rig:
    return Rig(measured, gateway, new_key())


def test_calls_are_counted_by_type_outcome_and_kind(rig: Rig, reader: Reader) -> None:
    succeeded(rig.chat("openai/tokens-20", SECRET, user_id=USER))
    succeeded(rig.chat("rix/sat-2-then-ok", budget=60))
    error_of(rig.chat("openai/e400"))
    succeeded(rig.plugin.embed("openai/ok", ["a", "b"], credentials=rig.form()))
    cached = {"cache_ttl_seconds": "60", "cache_scope": "all"}
    for _ in range(2):
        succeeded(rig.chat("openai/ok", "again", fields=cached))
    assert reader.value("calls_total", outcome="answered", model="openai/tokens-20") == 1
    assert reader.value("calls_total", type="text-embedding", outcome="answered") == 1
    assert reader.value("calls_total", outcome="failed", kind="bad_request") == 1
    assert reader.value("calls_total", outcome="cached", model="openai/ok", type="llm") == 1
    assert reader.value("cache_answers_total") == 1
    saturated = {"model": "rix/sat-2-then-ok"}
    assert reader.value("attempts_total", outcome="rejected", **saturated) == 2
    assert reader.value("attempts_total", outcome="succeeded", **saturated) == 1
    assert reader.value("queue_wait_seconds_count", **saturated) == 3
    assert reader.value("first_content_seconds_count", **saturated) == 1
    assert reader.value("answer_seconds_count", **saturated) == 1
    assert reader.value("concurrency_limit", **saturated) >= 1
    assert reader.value("tokens_total", direction="completion", model="openai/tokens-20") > 0
    assert reader.value("build_info") == 1


def test_no_key_prompt_or_user_is_shown(rig: Rig, reader: Reader) -> None:
    succeeded(rig.chat("openai/ok", SECRET, user_id=USER))
    error_of(rig.chat("openai/e401", SECRET, user_id=USER))
    for path in ("/", "/metrics"):
        text = reader.ask(path)[2]
        assert "openai/ok" in text
        for secret in (SECRET, USER, rig.key):
            assert secret not in text


def test_a_models_name_is_no_markup(rig: Rig, reader: Reader) -> None:
    model = "<img src=x onerror=alert(1)>\"'&"
    error_of(rig.chat(model, budget=0))
    page = reader.ask("/")[2]
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert reader.value("calls_total", model=model, outcome="failed") == 1


def test_what_waits_and_what_is_in_flight_is_shown(rig: Rig, reader: Reader) -> None:
    model = "openai/tokens-10000-every-20"
    one_at_a_time = {"max_concurrency": "1"}
    for _ in range(3):
        rig.chat(model, budget=60, fields=one_at_a_time)
    assert becomes_true(lambda: reader.value("waiting_calls", model=model) == 2)
    assert reader.value("in_flight_attempts", model=model) == 1
    row = next(row for row in reader.ask("/")[2].split("<tr>") if model in row)
    assert re.findall(r'class="number">(\d+)<', row)[:2] == ["2", "1"]


def test_the_page_speaks_both_languages_and_runs_nothing(rig: Rig, reader: Reader) -> None:
    error_of(rig.chat("openai/e400"))
    for language, accepted in (("en", "de"), ("zh", "zh-CN,zh;q=0.9")):
        status, headers, text = reader.ask("/", **{"Accept-Language": accepted})
        assert status == 200
        title = WORDS["title"].say("zh" if language == "zh" else "en")
        assert f"<title>{title}</title>" in text
        assert reader.ask(f"/?lang={language}")[2].count(title) == 2
        assert "<script" not in text
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
def test_only_get_is_answered(measured: PluginProcess, reader: Reader, method: str) -> None:
    assert reader.ask("/", method)[0] == 405


@pytest.mark.parametrize("path", ["/../main.py", "/metrics/", "/favicon.ico", "/%2e"])
def test_only_what_is_listed_is_served(measured: PluginProcess, reader: Reader, path: str) -> None:
    status, _, text = reader.ask(path)
    assert status == 404
    assert path not in text


def test_a_site_that_has_its_name_resolved_to_loopback_reads_nothing(
    measured: PluginProcess, reader: Reader
) -> None:
    assert reader.ask("/", Host="evil.example")[0] == 403
    assert reader.ask("/", Host=f"localhost:{reader.port}")[0] == 200


def test_elsewhere_than_on_loopback_a_token_is_demanded() -> None:
    reader, token = Reader(free_port()), "0123456789abcdef-token"
    address = f"0.0.0.0:{reader.port}"
    with PluginProcess(ROOT, env={VARIABLE: address}) as plugin:
        assert becomes_true(lambda: any("not loopback" in line.message for line in plugin.logs))
        assert not reader.serves()
    with PluginProcess(ROOT, env={VARIABLE: address, TOKEN_VARIABLE: token}) as plugin:
        assert becomes_true(reader.serves)
        assert reader.ask("/metrics")[0] == 401
        assert reader.ask("/metrics", Authorization="Bearer wrong")[0] == 401
        assert reader.ask("/metrics", Authorization=f"Bearer {token}")[0] == 200
        assert token not in plugin.output


def test_the_next_instance_takes_the_next_port_and_the_log_says_which(
    redis_process: RedisProcess,
) -> None:
    first = _free_pair()
    env = {VARIABLE: f"127.0.0.1:{first}-{first + 1}", REDIS_VARIABLE: redis_process.url}
    with PluginProcess(ROOT, env=env) as one, PluginProcess(ROOT, env=env) as other:
        readers = [Reader(first), Reader(first + 1)]
        assert becomes_true(lambda: all(reader.serves() for reader in readers))
        starts = [_start_line(plugin) for plugin in (one, other)]
        assert {int(re.findall(r"127\.0\.0\.1:(\d+)", start)[0]) for start in starts} == {
            first,
            first + 1,
        }
        assert all("Redis: used" in start and "dify_plugin 0." in start for start in starts)
        # Each page shows both.
        assert becomes_true(
            lambda: all(r.ask("/?lang=en")[2].count("<section>") == 2 for r in readers)
        )
        assert readers[0].value("redis_up") == 1
        os.kill(other.pid, signal.SIGKILL)
        assert becomes_true(lambda: _shown_by(readers) == 1)


def test_without_the_variable_nothing_is_imported_or_served(plugin: PluginProcess) -> None:
    assert _start_line(plugin).endswith("metrics: off")
    imported = under_gevent("""
        import sys
        from engine.startup import open_engine
        open_engine()
        print("engine.admission" in sys.modules, "prometheus_client" in sys.modules)
    """)
    assert imported == "True False"


def _start_line(plugin: PluginProcess) -> str:
    def lines() -> list[str]:
        said = [line.message for line in plugin.logs]
        return [line for line in said if line.startswith("Resilient Gateway ")]

    assert becomes_true(lambda: bool(lines()))
    assert len(lines()) == 1
    return lines()[0]


def _shown_by(readers: list[Reader]) -> int:
    """How many instances the one that is left shows."""
    alive = next(reader for reader in readers if reader.serves())
    return alive.ask("/?lang=en")[2].count("<section>")


def _free_pair() -> int:
    while True:
        port = free_port()
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
