"""The status page in a real browser, and the metrics in a real Prometheus."""

import json
import os
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from devtools import PluginProcess, SimulatorProcess, credentials
from devtools.redis import free_port
from engine.metrics.address import VARIABLE
from engine.metrics.words import WORDS

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv/bin/python"
"""The plugin's own environment; the browser's has no SDK."""

MODEL = "openai/tokens-400"
RULES = ROOT / "docs/monitoring/alerts.yml"
DASHBOARD = ROOT / "docs/monitoring/grafana.json"


def prometheus() -> Path:
    path = os.environ.get("PROMETHEUS")
    assert path, "PROMETHEUS names no server: run `make test-browser`"
    return Path(path)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def plugin(port: int) -> Iterator[PluginProcess]:
    """A plugin with metrics on, after calls of several kinds."""
    env = {VARIABLE: f"127.0.0.1:{port}"}
    with (
        SimulatorProcess() as simulator,
        PluginProcess(ROOT, python=PYTHON, env=env) as process,
    ):
        eventually(lambda: fetched(f"http://127.0.0.1:{port}/"))
        form = credentials(simulator.base_url, "sk-good-page", max_retry_seconds="20")
        for model in (MODEL, "rix/sat-2-then-ok", "openai/e400"):
            process.chat(model, credentials=form).wait()
        yield process


@pytest.fixture
def page(browser: Browser, plugin: PluginProcess, port: int) -> Iterator[Page]:
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(120_000)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/")
    yield page
    context.close()


def test_the_page_shows_models_and_failures_in_both_languages(page: Page) -> None:
    assert page.inner_text("h1") == WORDS["title"].en
    assert page.locator("tr", has_text=MODEL).count() == 1
    assert "bad_request" in page.inner_text("ul")
    page.click("a[lang=zh]")
    page.get_by_text(WORDS["failures"].zh).wait_for()
    assert page.get_attribute("html", "lang") == "zh-Hans"
    # Its style sheet is allowed by its policy, and is there.
    assert page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse") == (
        "collapse"
    )


def test_the_page_renews_itself_and_draws_the_limit(page: Page) -> None:
    """A sample is taken every 5 s: a plot needs two, and nobody reloads here."""
    row = page.locator("tr", has_text=MODEL)
    row.locator("polyline").wait_for(state="attached")  # a level line has no height
    points = row.locator("polyline").get_attribute("points")
    assert eventually(lambda: row.locator("polyline").get_attribute("points") != points)


def test_prometheus_accepts_the_rules_and_knows_every_metric_in_them() -> None:
    tool = prometheus().with_name("promtool")
    checked = subprocess.run(
        [str(tool), "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "7 rules found" in checked.stdout


def test_prometheus_scrapes_the_plugin_and_answers_queries(
    plugin: PluginProcess, port: int, tmp_path: Path
) -> None:
    own = free_port()
    target = f"127.0.0.1:{port}"
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": "resilient-gateway", "static_configs": [{"targets": [target]}]}
        ],
    }
    # JSON is YAML, too.
    (tmp_path / "prometheus.yml").write_text(json.dumps(config), "utf-8")
    with subprocess.Popen(
        [
            *(str(prometheus()), f"--config.file={tmp_path / 'prometheus.yml'}"),
            *(f"--storage.tsdb.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{own}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            query = f'resilient_gateway_calls_total{{model="{MODEL}",outcome="answered"}}'
            assert eventually(lambda: asked(own, query)) == ["1"]
            assert asked(own, "up") == ["1"]
            for expression in expressions():
                asked(own, expression)
            rules = eventually(lambda: health_of_rules(own))
            assert set(rules) == {"ok"}
        finally:
            server.kill()


def expressions() -> list[str]:
    """What the dashboard asks, with its variables filled in."""
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    found = [target["expr"] for panel in panels for target in panel["targets"]]
    return [
        each.replace("$host", ".*").replace("$model", ".*").replace("$__rate_interval", "1m")
        for each in found
    ]


def asked(port: int, query: str) -> list[str]:
    """The values that Prometheus answers a query with; it fails on a query that is none."""
    encoded = urllib.parse.urlencode({"query": query})
    found = fetched(f"http://127.0.0.1:{port}/api/v1/query?{encoded}")
    return [one["value"][1] for one in json.loads(found)["data"]["result"]]


def health_of_rules(port: int) -> list[str]:
    """The health of each rule, once all were evaluated."""
    groups = json.loads(fetched(f"http://127.0.0.1:{port}/api/v1/rules"))["data"]["groups"]
    health = [rule["health"] for group in groups for rule in group["rules"]]
    return [] if "unknown" in health else health


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode()
        return text


def eventually[Found](look: Callable[[], Found]) -> Found:
    """What there is to be found, as soon as it is there; two minutes at most."""
    deadline = time.monotonic() + 120
    while True:
        try:
            if (found := look()) or time.monotonic() > deadline:
                return found
        except OSError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)
