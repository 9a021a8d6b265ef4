"""What is wrong ends in a sentence that says what to do, and in no file."""

from pathlib import Path
from typing import Any

import pytest

from cli.exits import Exit
from devtools import credentials
from tests.building.built import KEY, broken_rules, build, built, files_of, unpacked
from tests.building.pages import listing, serving

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'

BAD_LISTS: list[tuple[str, dict[str, Any], str, Exit, str]] = [
    ("a web page", {"/v1/models": "<!doctype html><html></html>"}, KEY, Exit.PROBLEM, "API Base"),
    ("nothing there", {}, KEY, Exit.PROBLEM, "API Base URL"),
    ("another document", {"/v1/models": {"hello": 1}}, KEY, Exit.PROBLEM, "API Base URL"),
    ("no model", {"/v1/models": listing()}, KEY, Exit.PROBLEM, "Put the key into a group"),
    ("a wrong key", {"/v1/models": listing("a")}, "sk-wrong", Exit.PROBLEM, "key"),
    (
        "five thousand",
        {"/v1/models": listing(*(f"m{number}" for number in range(5_000)))},
        KEY,
        Exit.USAGE,
        "Narrow the list with --only or --without, or raise the limit with --most",
    ),
    ("pictures only", {"/v1/models": listing("dall-e-3")}, KEY, Exit.USAGE, "--type"),
]


def assert_nothing_written(folder: Path, *kept: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(kept)


@pytest.mark.parametrize(
    ("pages", "key", "end", "advice"),
    [pytest.param(*row[1:], id=row[0]) for row in BAD_LISTS],
)
def test_a_list_that_cannot_be_used(
    pages: dict[str, Any], key: str, end: Exit, advice: str, tmp_path: Path
) -> None:
    with serving(pages) as origin:
        done = build(tmp_path, "--url", f"{origin}/v1", "--yes", key=key)
    assert (done.returncode, done.stderr.count("\n")) == (end, 1), done.stderr
    assert advice in done.stderr
    assert "Traceback" not in done.stderr
    assert_nothing_written(tmp_path)


def test_no_gateway_there(tmp_path: Path) -> None:
    done = build(tmp_path, "--url", "http://127.0.0.1:9/v1", "--yes")
    assert done.returncode == Exit.UNREACHABLE
    assert_nothing_written(tmp_path)


BAD_OPTIONS: list[tuple[tuple[str, ...], str]] = [
    (("--name", "Über Gateway"), "--name with 1 to 128"),
    (("--name", "resilient_gateway"), "--name with 1 to 128"),
    (("--author", "langgenius"), "--author with 1 to 64"),
    (("--author", "Me"), "--author with 1 to 64"),
    (("--label", "大网关"), "--label and --description in English"),
    (("--description", "x" * 1_024), "1 to 1023 characters"),
    (("--icon", "note.txt"), "--icon needs a PNG"),
    (("--icon", "script.svg"), "--icon needs a PNG"),
    (("--icon", "nowhere.png"), "--icon needs a file"),
    (("--help-url", "docs.example.com"), "--help-url as in"),
    (("--only", "nothing-*"), "--only"),
]


@pytest.mark.parametrize(("options", "advice"), BAD_OPTIONS)
def test_an_option_that_cannot_be_used(
    options: tuple[str, ...], advice: str, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("no picture")
    (tmp_path / "script.svg").write_bytes(SVG.replace(b"<path", b"<script/><path"))
    with serving({"/v1/models": listing("a")}) as origin:
        done = build(tmp_path, "--url", f"{origin}/v1", "--yes", *options)
    assert done.returncode == Exit.USAGE
    assert advice in done.stderr
    assert_nothing_written(tmp_path, "note.txt", "script.svg")


def test_without_a_terminal_and_without_yes(tmp_path: Path) -> None:
    with serving({"/v1/models": listing("a")}) as origin:
        done = build(tmp_path, "--url", f"{origin}/v1")
    assert done.returncode == Exit.USAGE
    assert "--yes" in done.stderr
    assert_nothing_written(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "plugin: 1", "a: [", "plugin: {}\ngateway: {}\n"])
def test_a_plan_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "gateway.yaml").write_text(text)
    done = build(tmp_path, "--offline")
    assert done.returncode == Exit.USAGE
    assert "gateway.yaml cannot be used" in done.stderr
    assert_nothing_written(tmp_path, "gateway.yaml")


ODD = [
    "vendor/model",
    "model:tag",
    "with a space",
    "大模型-旗舰版",
    "Same-Name",
    "same-name",
    "../../etc/passwd",
    "-dashed-",
    "...",
    "'quoted' \"name\": #1",
    "null",
    "1.0",
    "n" * 255,
]


def test_odd_names_are_models_as_any_other(tmp_path: Path) -> None:
    pages = {"/v1/models": listing(*ODD, "a", "a", "n" * 256, "openai/*")}
    with serving(pages) as origin:
        url = f"{origin}/v1"
        done = build(tmp_path, "--url", url, "--yes")
        assert done.returncode == Exit.OK, done.stderr
        assert "Same-Name, same-name differ only in capitals" in " ".join(done.stdout.split())
        assert "a is listed twice" in done.stdout
        plan, package = built(tmp_path, url)
    assert [model.name for model in plan.models] == [*ODD, "a"]
    assert broken_rules(package) == []
    with unpacked(package, tmp_path / "elsewhere") as plugin:
        for model in plan.models:
            form = credentials(url, KEY)
            schema = plugin.schema(model.name, form, model.kind).wait().value["model_schema"]
            assert (schema["model"], schema["fetch_from"]) == (model.name, "predefined-model")


def test_a_model_that_is_listed_twice_with_different_figures(tmp_path: Path) -> None:
    data = listing("m", max_model_len=10)["data"] + listing("m", max_model_len=20)["data"]
    with serving({"/v1/models": {"data": data}}) as origin:
        done = build(tmp_path, "--url", f"{origin}/v1", "--yes")
        plan, _package = built(tmp_path, f"{origin}/v1")
    assert "m is listed twice with different figures" in " ".join(done.stdout.split())
    assert plan.models[0].context == 10


def test_an_icon_of_ones_own(tmp_path: Path) -> None:
    for name, content in (("own.png", PNG), ("own.svg", SVG)):
        (tmp_path / name).write_bytes(content)
        with serving({"/v1/models": listing("a")}) as origin:
            _plan, package = built(tmp_path, f"{origin}/v1", "--icon", name)
        files = files_of(package)
        assert [one for one in files if one.startswith("_assets/")] == [f"_assets/icon{name[3:]}"]
        assert broken_rules(package) == []


def test_no_key_is_in_anything_that_is_built(tmp_path: Path) -> None:
    with serving({"/v1/models": listing("a")}) as origin:
        done = build(tmp_path, "--url", f"{origin}/v1?key={KEY}", "--yes")
        assert done.returncode == Exit.OK
    for path in tmp_path.iterdir():
        contents = files_of(path).values() if path.suffix == ".difypkg" else [path.read_bytes()]
        assert all(KEY.encode() not in content for content in contents)
    assert KEY not in done.stdout + done.stderr
