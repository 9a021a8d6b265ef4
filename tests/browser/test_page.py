"""Languages, themes, keyboard, clipboard, table, and what the page may not do."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error

from cli.explain.markdown import markdown_of
from cli.explain.outline import outline_of
from cli.explain.read import read_errors
from cli.explain.report import report_on
from engine.errors import KINDS
from engine.errors.kinds import SATURATED
from scripts.npm import AXE, read_file, read_package
from scripts.site.words import SEED, TEXTS
from tests.browser.conftest import Open
from tests.browser.reader import Reader
from tests.browser.serving import Trap

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESKTOP = {"viewport": {"width": 1200, "height": 900}}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def axe() -> str:
    with read_package(AXE) as archive:
        return read_file(archive, "axe.min.js").decode()


def background(reader: Reader) -> str:
    return str(reader.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_a_browser_in_chinese_gets_chinese_and_a_link_decides(open_page: Open) -> None:
    assert open_page("", locale="zh-CN").page.inner_text("h1") == TEXTS["title"].zh
    assert open_page("", locale="de-DE").page.inner_text("h1") == TEXTS["title"].en
    assert open_page("?lang=en", locale="zh-CN").page.inner_text("h1") == TEXTS["title"].en


def test_the_language_is_switched_with_the_report_and_kept_in_the_link(open_page: Open) -> None:
    reader = open_page("?lang=en")
    reader.paste(SEED)
    assert SATURATED.texts("en").remedy in reader.shown()
    reader.page.click("[data-language=zh]")
    reader.page.get_by_text(SATURATED.texts("zh").meaning).wait_for()
    assert reader.page.title() == TEXTS["title"].zh
    assert reader.page.get_attribute("html", "lang") == "zh-Hans"
    assert reader.page.inner_text("h1") == TEXTS["title"].zh
    assert SATURATED.texts("en").remedy not in reader.page.inner_text("body")
    assert urlsplit(reader.page.url).query == "lang=zh"
    reader.page.reload()
    assert reader.page.inner_text("h1") == TEXTS["title"].zh


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_it_is_switched(open_page: Open, scheme: str) -> None:
    other = open_page(color_scheme="dark" if scheme == "light" else "light")
    reader = open_page(color_scheme=scheme)
    before = background(reader)
    assert before != background(other)
    reader.page.click("#theme")
    assert background(reader) == background(other)
    reader.page.click("#theme")
    assert background(reader) == before


def test_the_report_is_copied_as_markdown(open_page: Open) -> None:
    reader = open_page("?lang=en", permissions=["clipboard-read", "clipboard-write"])
    reader.paste(SEED)
    reader.page.click("#copy")
    reader.page.wait_for_selector("#copied:not(:empty)")
    assert reader.page.inner_text("#copied") == TEXTS["copied"].en
    (finding,) = read_errors(SEED)
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert copied == markdown_of([outline_of(report_on(finding, "en"))])


def test_it_is_used_by_keyboard_alone(open_page: Open) -> None:
    reader = open_page("?lang=en")
    focused = "document.activeElement.id || document.activeElement.textContent"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.activeElement.className") == "skip"
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("Tab")
    reached = []
    for _ in range(20):
        reached.append(reader.page.evaluate(focused))
        if reached[-1] == "search":
            break
        reader.page.keyboard.press("Tab")
    assert "search" in reached
    assert "clear" in reached
    reader.page.focus("[data-text]")
    reader.page.keyboard.press("Enter")
    reader.answered()
    assert reader.kinds() == ["saturated"]


def test_what_a_screen_reader_is_told(open_page: Open) -> None:
    reader = open_page("?lang=en")
    assert reader.page.get_by_role("textbox", name=TEXTS["box"].en).count() == 1
    reader.paste(SEED)
    told = [one.inner_text() for one in reader.page.get_by_role("status").all()]
    assert f"{TEXTS['found'].en} 1 ({SATURATED.texts('en').headline})" in told
    assert reader.page.get_by_role("heading", name=TEXTS["report"].en, exact=True).count() == 1


def test_the_table_is_searched(open_page: Open) -> None:
    reader = open_page("?lang=zh")
    rows = reader.page.locator("tbody tr")
    assert rows.count() == len(KINDS)
    reader.page.fill("#search", "饱和 ratelimit")
    visible = [row.get_attribute("id") for row in rows.all() if row.is_visible()]
    assert visible == ["saturated"]
    assert reader.page.inner_text("#shown") == "1"
    reader.page.fill("#search", "")
    assert all(row.is_visible() for row in rows.all())


def test_the_table_needs_no_script(browser: Browser, origin: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(origin)
    assert page.locator("tbody tr").count() == len(KINDS)
    assert TEXTS["no_script"].en in page.inner_text("body")
    context.close()


def test_nothing_leaves_the_page(open_page: Open, origin: str, elsewhere: Trap) -> None:
    """Not from the page, nor from the worker that reads the text, whatever they try."""
    reader = open_page()
    reader.paste(SEED)
    before = list(reader.requests)
    asked = [url for url in before if not url.startswith("blob:")]
    assert asked
    assert all(url.startswith(origin) for url in asked)
    reader.paste("status code 401: 无效的令牌")
    assert reader.requests == before
    (worker,) = reader.page.workers
    for place in (reader.page, worker):
        with pytest.raises(Error, match="Failed to fetch"):
            place.evaluate(
                "url => fetch(url)", f"{elsewhere.origin}/{'w' if place is worker else 'p'}"
            )
    reader.page.evaluate("url => { new Image().src = url; }", f"{elsewhere.origin}/image")
    reader.page.evaluate("url => navigator.sendBeacon(url, 'x')", f"{elsewhere.origin}/beacon")
    with pytest.raises(Error, match="unsafe-eval"):
        # What the test itself evaluates may do so; what the page runs later may not.
        reader.page.evaluate(
            "() => new Promise((yes, no) => setTimeout(() => {"
            "try { yes(Function('return 1')()); } catch (error) { no(error); } }))"
        )
    assert elsewhere.visits == []
    # The trap works where no policy forbids it.
    free = reader.page.context.browser.new_context().new_page()
    free.goto(f"{elsewhere.origin}/free")
    free.evaluate("url => fetch(url)", f"{elsewhere.origin}/fetched")
    assert "/fetched" in elsewhere.visits
    elsewhere.visits.clear()
    free.context.close()


def test_a_bar_shows_that_python_is_loading(browser: Browser, origin: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    waiting: list[Any] = []

    def hold(route: Any) -> None:
        waiting.append(route)

    context.route("**/explain.zip", hold)
    with page.expect_event("request", lambda request: request.url.endswith("explain.zip")):
        page.goto(f"{origin}?lang=en")
    assert page.get_by_role("progressbar").is_visible()
    assert page.evaluate("document.getElementById('progress').value") > 0.9
    page.fill("#box", SEED)
    assert page.locator("article").count() == 0
    waiting[0].continue_()
    page.wait_for_selector("article[data-kind=saturated]")
    assert page.get_by_role("progressbar").count() == 0
    context.close()


def test_a_browser_that_cannot_run_it_says_so(browser: Browser, origin: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    context.route("**/pyodide.asm.wasm", lambda route: route.abort())
    page.goto(f"{origin}?lang=en")
    page.wait_for_selector("#too-old", state="visible")
    assert page.locator("#loading").is_hidden()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_serious(
    open_page: Open, axe: str, device: dict[str, Any], language: str, scheme: str
) -> None:
    reader = open_page(f"?lang={language}", color_scheme=scheme, **device)
    reader.page.evaluate(axe)
    for text in ("", SEED, "lorem ipsum"):
        if text:
            reader.paste(text)
        found = reader.page.evaluate("axe.run()")
        violations = [
            (one["id"], one["nodes"][0]["html"][:200])
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]
        assert violations == []
        assert found["passes"]


def test_a_phone_scrolls_in_one_direction_only(open_page: Open) -> None:
    reader = open_page("?lang=en", **PHONE)
    reader.paste(SEED)
    assert reader.page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


@pytest.mark.parametrize(
    ("name", "language", "device"),
    [("page-desktop", "en", DESKTOP), ("page-phone", "zh", PHONE)],
)
def test_screenshots(
    open_page: Open,
    pytestconfig: pytest.Config,
    name: str,
    language: str,
    device: dict[str, Any],
) -> None:
    folder: Path = pytestconfig.getoption("--screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    reader = open_page(f"?lang={language}", color_scheme="light", **device)
    reader.paste(SEED)
    path = folder / f"{name}.png"
    reader.page.screenshot(path=path)
    assert path.read_bytes().startswith(b"\x89PNG")
