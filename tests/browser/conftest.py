"""The built site in a real browser that reaches this machine and nothing else."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.site.build import build
from tests.browser.reader import Reader
from tests.browser.serving import Trap, served, trap

ROOT = Path(__file__).resolve().parents[2]
_TIME_LIMIT = 120_000
"""Milliseconds for one step: how fast a machine is, is not what is tested."""

_NO_NETWORK = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

type Open = Callable[..., Reader]
"""Opens the page in a fresh context; the arguments are those of Playwright's ``new_context``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots",
        type=Path,
        default=ROOT / "dist" / "screenshots",
        help="where the two screenshots go; docs keeps them for the documentation",
    )


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site, below a path as hosts of project pages have it."""
    folder = tmp_path_factory.mktemp("host")
    build(folder / "project")
    with served(folder) as address:
        yield f"{address}/project/"


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Trap]:
    with trap() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM")
    assert path, "CHROMIUM names no browser: run `make test-browser`"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[_NO_NETWORK])
        yield running
        running.close()


@pytest.fixture
def open_page(browser: Browser, origin: str) -> Iterator[Open]:
    contexts = []

    def opened(query: str = "?lang=en", **options: object) -> Reader:
        contexts.append(browser.new_context(**options))
        contexts[-1].set_default_timeout(_TIME_LIMIT)
        return Reader(contexts[-1].new_page(), origin + query)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def reader(browser: Browser, origin: str) -> Iterator[Reader]:
    """One page in English for all tests that change nothing but the box."""
    context = browser.new_context()
    context.set_default_timeout(_TIME_LIMIT)
    yield Reader(context.new_page(), f"{origin}?lang=en")
    context.close()
