"""The parts of a check that need no gateway: types of models, the model to try, the steps."""

import os
import pty
import subprocess
import sys

import pytest
import yaml

from cli.check.address import check_address
from cli.check.balance import Balance, outcome_of
from cli.check.form import fields_of_model
from cli.check.identity import Identity, identify
from cli.check.load import MOST, Step, proposal_of, steps_up_to
from cli.check.models import TYPES, by_type, to_try, type_of
from cli.check.outcome import Outcome, Verdict
from cli.check.wire import Page
from cli.check.words import NAMES, SAY, TYPE_NAMES
from cli.exits import Exit
from simulator import Simulator
from tests.cli.commanding import ROOT

NAMED = {
    "llm": "gpt-4o claude-sonnet-4-5 deepseek-chat qwen-vl-max o3 gemini-2.5-pro MiniMax-M2",
    "text-embedding": "text-embedding-3-small bge-m3 BAAI/bge-large-zh m3e-base gte-large-zh "
    "Qwen3-Embedding-8B voyage-3 jina-embeddings-v3",
    "rerank": "bge-reranker-v2-m3 BAAI/bge-reranker-large jina-reranker-v2 Qwen3-Reranker-4B",
    "speech2text": "whisper-1 gpt-4o-transcribe FunAudioLLM/SenseVoiceSmall paraformer-v2",
    "tts": "tts-1 tts-1-hd gpt-4o-mini-tts cosyvoice-v2",
    "moderation": "omni-moderation-latest text-moderation-stable",
    "other": "dall-e-3 gpt-image-1 flux-pro mj_imagine stable-diffusion-xl sora-2 kling-v2 suno-v4 "
    "gpt-4o-realtime-preview qwen-image gemini-3-pro-image-preview",
}


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for kind, names in NAMED.items() for name in names.split()]
)
def test_type_by_name(name: str, kind: str) -> None:
    assert type_of({"id": name, "supported_endpoint_types": []}) == kind


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (["embeddings"], "text-embedding"),
        (["jina-rerank"], "rerank"),
        (["image-generation", "openai"], "other"),
        (["openai", "anthropic"], "llm"),
        (["openai-response"], "llm"),
        (None, "llm"),
        (["something new"], "llm"),
    ],
)
def test_type_as_the_gateway_tells_it(told: object, kind: str) -> None:
    assert type_of({"id": "a-name", "supported_endpoint_types": told}) == kind


def test_models_by_type_keep_the_gateways_order() -> None:
    entries: list[dict[str, object]] = [{"id": name} for name in ("z", "tts-1", "a")]
    assert by_type(entries) == {"llm": ["z", "a"], "tts": ["tts-1"]}
    assert set(TYPE_NAMES) == set(TYPES)


def test_a_small_ordinary_model_is_tried() -> None:
    assert to_try(["gpt-5", "gpt-4o-mini-audio-preview", "gpt-5-mini"]) == "gpt-5-mini"
    assert to_try(["gpt-5", "gpt-4o-search-preview"]) == "gpt-5"
    assert to_try(["only-thinking"]) == "only-thinking"


@pytest.mark.parametrize("most", [1, 2, 3, 10, 16, 100, MOST])
def test_steps_double_end_at_the_number_and_are_bounded_in_all(most: int) -> None:
    steps = steps_up_to(most)
    assert steps[-1] == most
    assert steps == sorted(set(steps))
    assert sum(steps) <= 3 * most


@pytest.mark.parametrize(
    ("steps", "proposal"),
    [
        ([Step(1, 1, 0)], None),
        ([Step(1, 0, 1)], None),
        ([Step(1, 1, 0), Step(2, 1, 1)], 1),
        ([Step(8, 8, 0), Step(16, 10, 6)], 8),
        # Others took places between the two steps.
        ([Step(8, 8, 0), Step(16, 5, 11)], 6),
    ],
)
def test_proposal_leaves_headroom(steps: list[Step], proposal: int | None) -> None:
    assert proposal_of(steps) == proposal


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.NOTE])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_values_to_type_are_options_of_the_form(verdict: Verdict, language: str) -> None:
    outcomes = [Outcome(name, verdict, "") for name in ("tools", "structured")]
    path = ROOT / "provider" / "resilient_gateway.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    form = {
        field["variable"]: field
        for field in document["model_credential_schema"]["credential_form_schemas"]
    }
    fields = fields_of_model(outcomes, "zh" if language == "zh" else "en")
    assert len(fields) == 3
    for field in fields:
        options = {option["value"] for option in form[field.variable]["options"]}
        assert field.value in options
    assert fields_of_model([Outcome("tools", Verdict.FAILED, "")], "en") == []


@pytest.mark.parametrize(
    ("header", "family"),
    [
        ("X-Oneapi-Request-Id", "One API"),
        ("X-New-Api-Version", "New API"),
        ("X-Rixapi-Request-Id", "Rix API / DMXAPI"),
        ("X-Request-Id", ""),
    ],
)
def test_the_family_is_told_by_headers_where_there_is_no_status_page(
    header: str, family: str
) -> None:
    assert identify({header: "v1"}, None).family == family


def test_the_status_page_decides_where_families_share_a_header() -> None:
    page = Page({}, {"data": {"system_name": "Shell API", "version": "v2"}})
    assert identify({"X-Oneapi-Request-Id": "1"}, page) == Identity("Shell API", "v2", "Shell API")


def test_a_balance_names_the_day_on_which_the_key_ends() -> None:
    outcome = outcome_of(Balance(left=12_345.678, used=2.5, expires="2026-12-31"), "en")
    assert outcome.text == "12,345.68 left on this key, 2.50 used; the key ends on 2026-12-31"
    assert outcome.verdict is Verdict.OK


def test_behind_a_proxy_the_way_is_the_proxys_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy.invalid:3128")
    (outcome,) = check_address("https://api.example.com/v1", "en")
    assert outcome.verdict is Verdict.SKIPPED
    assert "proxy.invalid" in outcome.text
    assert "secret" not in outcome.text


def test_every_sentence_is_in_both_languages() -> None:
    for both in (*SAY.values(), *NAMES.values(), *TYPE_NAMES.values()):
        assert both.en
        assert both.zh


def test_a_key_that_is_typed_is_not_shown() -> None:
    key = "sk-typed-7f3a9c21"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")
    }
    with Simulator(seed=8) as simulator:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "cli", "check", "--url", simulator.base_url]
        with subprocess.Popen(
            [*command, "--no-calls", "--lang", "en"],
            cwd=ROOT,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**environment, "NO_PROXY": "*", "TERM": "xterm"},
        ) as process:
            os.close(theirs)
            shown = _until(ours, b"API Key: ")
            os.write(ours, f"{key}\n".encode())
            shown += _until(ours, b"")
            assert process.wait(60.0) == Exit.OK
        os.close(ours)
        assert {one.key for one in simulator.seen if one.path.endswith("/models")} == {key}
    assert key.encode() not in shown
    assert b"accepted, 47 models" in shown


def _until(terminal: int, words: bytes) -> bytes:
    """What the terminal shows until these words, or until the other side is gone."""
    shown = b""
    while not words or words not in shown:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break  # Linux: nobody is on the other side any more.
        if not piece:
            break
        shown += piece
    return shown
