"""Every row of the catalogue through the plugin as a process over stdio, blocking and streaming.

One process serves all of it at once; what is compared is the exact class name on the wire.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devtools import PluginProcess, Session, credentials, predefined
from simulator import CATALOGUE, Simulator
from tests.catalogue.expectations import SUCCESS, WORDS, Expected, Name, is_silent
from tests.catalogue.expected_rows import EXPECTED_LISTS
from tests.catalogue.running import Ask, Ended, Got, asks, judge, run_all
from tests.process.paragraph import faults_of

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 300

pytestmark = pytest.mark.xdist_group("catalogue-stdio")


@dataclass(frozen=True, slots=True)
class Call:
    """A row asked in one of the two ways."""

    ask: Ask
    stream: bool

    @property
    def name(self) -> Name:
        return self.ask.name

    @property
    def endpoint(self) -> str:
        return self.ask.endpoint

    @property
    def expected(self) -> Expected:
        """As for the engine, but for what the form refuses before any request."""
        found = self.ask.expected
        if self.name[1] == "":
            return Expected(found.outcome, 0, 0, found.budget)
        if not self.stream and found.outcome != SUCCESS:
            # Dify reads one chunk of a blocking call: a part of an answer is none.
            return Expected(found.outcome, found.least, found.most, found.budget)
        return found


def calls(*, silent: bool) -> list[Call]:
    """The rows that only our own clock ends, or all others, in both ways."""
    return [
        Call(ask, stream)
        for ask in asks(lambda name: is_silent(name) is silent)
        # What is blocking about a call is the same at every endpoint.
        for stream in ((True,) if ask.endpoint == "responses" else (False, True))
    ]


SPOKEN = calls(silent=False)
SILENT = calls(silent=True)
SAVES = [
    (row.name, row.key)
    for row in CATALOGUE
    if "models" in row.endpoints and (row.name, row.key) in EXPECTED_LISTS
]


def parameters_of(found: list[Call]) -> list[object]:
    return [
        pytest.param(call, id=f"{call.ask.id}-{'streaming' if call.stream else 'blocking'}")
        for call in found
    ]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=6) as sim:
        yield sim


@pytest.fixture(scope="module")
def plugin() -> Iterator[PluginProcess]:
    with PluginProcess(ROOT) as process:
        yield process


@pytest.fixture(scope="module")
def impatient() -> Iterator[PluginProcess]:
    """The plugin with clocks that run out in seconds instead of minutes."""
    helpers = Path(__file__).with_name("impatient")
    with PluginProcess(ROOT, entrypoint="impatient_main", env={"PYTHONPATH": str(helpers)}) as it:
        yield it


@pytest.fixture(scope="module")
def outcomes(simulator: Simulator, plugin: PluginProcess) -> dict[Call, Got]:
    return run_calls(simulator, plugin, SPOKEN)


@pytest.fixture(scope="module")
def silent_outcomes(simulator: Simulator, impatient: PluginProcess) -> dict[Call, Got]:
    return run_calls(simulator, impatient, SILENT)


@pytest.fixture(scope="module")
def saves(simulator: Simulator, plugin: PluginProcess) -> dict[Name, Got]:
    def save(name: Name, key: str) -> Ended:
        family = name[0].partition("/")[0]
        form = predefined(f"{simulator.origin}/{family}/v1", key)
        session = plugin.validate_provider(form).wait()
        if session.error is not None:
            return Ended(session.error.error_type, detail=session.error.message)
        assert session.value["result"] is True
        return Ended(SUCCESS)

    return run_all(simulator, SAVES, lambda name: name, save, AT_ONCE)


def run_calls(simulator: Simulator, plugin: PluginProcess, found: list[Call]) -> dict[Call, Got]:
    def ask(call: Call, key: str) -> Ended:
        return read(ask_plugin(plugin, simulator.base_url, call, key).wait(120.0))

    return run_all(simulator, found, lambda call: call.name, ask, AT_ONCE)


def ask_plugin(plugin: PluginProcess, base_url: str, call: Call, key: str) -> Session:
    expected = call.expected
    form = credentials(
        base_url,
        key,
        max_retry_seconds=f"{expected.budget:g}",
        mode="completion" if call.endpoint == "completions" else "chat",
        api_type="responses" if call.endpoint == "responses" else "chat_completions",
    )
    return plugin.chat(
        call.name[0],
        credentials=form,
        stream=call.stream,
        model_parameters=call.ask.expected.parameters,
    )


def read(session: Session) -> Ended:
    if session.error is not None:
        return Ended(session.error.error_type, session.text, detail=session.error.message)
    return Ended(SUCCESS, session.text, session.finish_reason or "")


@pytest.mark.parametrize("call", parameters_of(SPOKEN))
def test_row(outcomes: dict[Call, Got], call: Call) -> None:
    judge(outcomes[call], call.expected)


@pytest.mark.parametrize("call", parameters_of(SILENT))
def test_row_that_only_our_clock_ends(silent_outcomes: dict[Call, Got], call: Call) -> None:
    judge(silent_outcomes[call], call.expected)


def test_models_of_the_responses_api_may_think_in_silence(
    simulator: Simulator, impatient: PluginProcess
) -> None:
    """Pro models say nothing for minutes: longer than others may, not longer than a call."""
    forms = [
        credentials(simulator.base_url, "sk-good-thinking-t0", api_type=api_type)
        for api_type in ("chat_completions", "responses")
    ]
    # Longer than the silence of that process, shorter than its calls.
    model = "openai/slow-first-token-2600"
    chat, responses = [impatient.chat(model, credentials=form) for form in forms]
    assert chat.wait(60.0).error is not None
    assert responses.wait(60.0).error is None
    assert responses.text == WORDS


@pytest.mark.parametrize("name", SAVES, ids=lambda name: "-".join(filter(None, name)))
def test_saving_the_providers_form(saves: dict[Name, Got], name: Name) -> None:
    judge(saves[name], EXPECTED_LISTS[name])


def test_nothing_but_messages_on_stdout(
    outcomes: dict[Call, Got],
    silent_outcomes: dict[Call, Got],
    plugin: PluginProcess,
    impatient: PluginProcess,
) -> None:
    assert outcomes
    assert silent_outcomes
    assert plugin.violations == []
    assert impatient.violations == []


def test_every_message_is_one_short_paragraph(
    outcomes: dict[Call, Got],
    silent_outcomes: dict[Call, Got],
    saves: dict[Name, Got],
) -> None:
    """Also for rows whose upstream says addresses, balances, names of tokens, or a page."""
    failed = {
        str(case): got.ended.detail
        for case, got in [*outcomes.items(), *silent_outcomes.items(), *saves.items()]
        if got.ended.outcome != SUCCESS
    }
    assert len(failed) > 1000
    wrong = {case: (faults, text) for case, text in failed.items() if (faults := faults_of(text))}
    # What the form itself refuses is read beside its fields: there it needs no name in front.
    assert not {case: fault for case, fault in wrong.items() if "API Key is empty" not in fault[1]}


def test_no_key_of_any_call_is_in_the_output(
    outcomes: dict[Call, Got], simulator: Simulator, plugin: PluginProcess
) -> None:
    keys = {one.key for one in simulator.seen if one.key}
    assert len(keys) > 1000
    output = plugin.output + "\n".join(got.ended.detail for got in outcomes.values())
    # One look for all of them: what a key is like, wherever it begins.
    like_a_key = re.compile(r"(?=(sk-[\w-]*?-t\d+))")
    assert all(like_a_key.match(key) for key in keys)
    assert not keys & set(like_a_key.findall(output))
