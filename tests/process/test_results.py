"""Embeddings, rerank and moderation alike: what ends well, what waits, and what is an error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from devtools import Json, PluginProcess, Session, WireError, predefined
from simulator import Simulator
from simulator.results import score_of, vector_of
from tests.process.paragraph import faults_of
from tests.process.rig import Rig, error_of, new_key, succeeded

pytestmark = pytest.mark.xdist_group("protocol-results")

DOCS = ["apple", "banana", "cherry"]
RANKED = sorted(range(3), key=lambda index: -score_of(DOCS[index]))


@dataclass(frozen=True, eq=False)
class Kind:
    """A model type: how it is asked, and what a good answer is."""

    name: str
    ask: Callable[[Rig, str, Json], Session]
    answer: Callable[[Json], object]
    good: object
    malformed: tuple[str, ...]

    def asked(self, rig: Rig, model: str, key: str | None = None, budget: float = 20) -> Session:
        """Ask through the process."""
        form = predefined(
            rig.simulator.base_url,
            rig.key if key is None else key,
            max_retry_seconds=f"{budget:g}",
        )
        return self.ask(rig, model, form)


KINDS = [
    Kind(
        "text-embedding",
        lambda rig, model, form: rig.plugin.embed(model, DOCS, credentials=form),
        lambda value: value["embeddings"],
        [vector_of(text) for text in DOCS],
        (
            "result-too-few", "result-too-many", "result-none", "result-null", "index-twice",
            "index-beyond", "index-negative", "vector-zero", "vector-nan",
            "vector-nan-base64", "vector-infinite", "vector-empty", "vector-null",
            "vector-shorter", "vector-of-words", "vector-no-base64", "choices-empty",
            "empty-body",
        ),
    ),
    Kind(
        "rerank",
        lambda rig, model, form: rig.plugin.rerank(model, "q", DOCS, credentials=form),
        lambda value: value["docs"],
        [{"index": at, "text": DOCS[at], "score": score_of(DOCS[at])} for at in RANKED],
        (
            "result-none", "index-twice", "index-beyond", "index-negative", "index-as-text",
            "index-missing", "score-nan", "score-as-text", "score-missing", "choices-empty",
            "empty-body",
        ),
    ),
    Kind(
        "moderation",
        lambda rig, model, form: rig.plugin.moderate(model, "fine", credentials=form),
        lambda value: value["result"],
        False,
        (
            "result-too-few", "result-none", "result-null", "verdict-missing", "verdict-as-text",
            "choices-empty", "empty-body",
        ),
    ),
]  # fmt: skip
ALL = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@dataclass(frozen=True)
class Case:
    """One call: who is asked what, with which kind of key, for how long (seconds)."""

    kind: Kind
    model: str
    key: str = "sk-good"
    budget: float = 20

    @property
    def id(self) -> str:
        """The test's name."""
        return f"{self.kind.name}-{self.model}" + f"-{self.key}" * (self.key != "sk-good")


def each(models: str, **how: Any) -> list[Case]:
    """Every type with each of these models, but One API's rerank, which there is none of."""
    return [
        Case(kind, model, **how)
        for kind in KINDS
        for model in models.split()
        if (kind.name, model.partition("/")[0]) != ("rerank", "one-api")
    ]


GOOD = each("one-api/ok new-api/ok rix/ok openai/ok")
PATIENT = each("rix/sat-3-then-ok")
FULL = each("one-api/sat-forever new-api/sat-empty rix/sat-forever cdn/sat-forever", budget=2)
REFUSED = [
    case for key in ("sk-wrong", "sk-expired", "sk-disabled") for case in each("rix/ok", key=key)
]
MALFORMED = [Case(kind, f"openai/{behaviour}") for kind in KINDS for behaviour in kind.malformed]
PAGES = each("openai/html-200")
CUT = each("openai/truncated-conn")
LOST = each("openai/close-without-answer")
SLOW = each("openai/slow-headers-6000")
CASES = [*GOOD, *PATIENT, *FULL, *REFUSED, *MALFORMED, *PAGES, *CUT, *LOST, *SLOW]


@dataclass(frozen=True)
class Asked:
    """A case that has ended, and the models of the requests that it made."""

    session: Session
    key: str
    models: list[str]

    @property
    def error(self) -> WireError:
        """Its error, one short paragraph, with nothing handed on before it."""
        error = error_of(self.session)
        assert faults_of(error.message) == []
        assert self.session.chunks == []
        assert self.key not in error.message
        return error


@pytest.fixture(scope="module")
def asked(plugin: PluginProcess, simulator: Simulator) -> dict[Case, Asked]:
    """All of them at once: most of what they do is wait."""
    sessions = {}
    for case in CASES:
        rig = Rig(plugin, simulator, new_key(case.key))
        sessions[case] = rig, case.kind.asked(rig, case.model, budget=case.budget)
    found = {}
    for case, (rig, session) in sessions.items():
        session.wait(120.0)
        found[case] = Asked(session, rig.key, [one.model for one in rig.seen()])
    return found


def cases(chosen: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=lambda case: case.id)


@cases(GOOD)
def test_good_answer(asked: dict[Case, Asked], case: Case) -> None:
    session = succeeded(asked[case].session)
    assert case.kind.answer(session.value) == case.kind.good
    assert asked[case].models == [case.model]


@cases(PATIENT)
def test_saturated_three_times_then_the_answer(asked: dict[Case, Asked], case: Case) -> None:
    session = succeeded(asked[case].session)
    assert case.kind.answer(session.value) == case.kind.good
    assert asked[case].models == [case.model] * 4


@cases(FULL)
def test_saturated_for_ever(asked: dict[Case, Asked], case: Case) -> None:
    assert asked[case].error.error_type == "InvokeRateLimitError"
    assert len(asked[case].models) > 1


@cases(REFUSED)
def test_refused_key(asked: dict[Case, Asked], case: Case) -> None:
    assert asked[case].error.error_type == "InvokeAuthorizationError"
    assert asked[case].models == [case.model]


@cases(MALFORMED)
def test_malformed_answer(asked: dict[Case, Asked], case: Case) -> None:
    """Asked for again once; then a clear error, and nothing wrong is handed on."""
    error = asked[case].error
    assert error.error_type == "InvokeServerUnavailableError"
    assert "returned an unexpected answer" in error.message
    assert asked[case].models == [case.model] * 2


@cases(PAGES)
def test_page_instead_of_an_answer(asked: dict[Case, Asked], case: Case) -> None:
    assert asked[case].error.error_type == "InvokeBadRequestError"


@cases(CUT)
def test_answer_that_breaks_off(asked: dict[Case, Asked], case: Case) -> None:
    assert asked[case].error.error_type == "InvokeServerUnavailableError"
    assert asked[case].models == [case.model] * 4


@cases(LOST)
def test_connection_that_breaks_is_no_bad_request(asked: dict[Case, Asked], case: Case) -> None:
    """The SDK's classes make InvokeBadRequestError of nearly everything."""
    assert asked[case].error.error_type == "InvokeConnectionError"
    assert asked[case].models == [case.model] * 3


@cases(SLOW)
def test_answer_that_takes_its_time(asked: dict[Case, Asked], case: Case) -> None:
    """Peers give a ranking up after 5 s, their HTTP client's default."""
    assert succeeded(asked[case].session).value
    assert asked[case].models == [case.model]


@ALL
def test_connection_is_kept(rig: Rig, kind: Kind) -> None:
    """The SDK's classes make a new one for every call."""
    for _ in range(3):
        succeeded(kind.asked(rig, "openai/ok"))
    assert len({one.connection for one in rig.seen()}) == 1


@ALL
def test_missing_key_asks_nobody(rig: Rig, kind: Kind) -> None:
    before = len(rig.simulator.seen)
    error = error_of(kind.asked(rig, "rix/ok", key=""))
    assert error.error_type == "InvokeAuthorizationError"
    assert [one for one in rig.simulator.seen[before:] if not one.key] == []


def test_one_api_has_no_rerank(rig: Rig) -> None:
    (rerank,) = (kind for kind in KINDS if kind.name == "rerank")
    error = error_of(rerank.asked(rig, "one-api/ok"))
    assert error.error_type == "InvokeBadRequestError"
    assert "Invalid URL" in error.message


@ALL
def test_a_model_of_the_form_is_asked_by_its_own_name(rig: Rig, kind: Kind) -> None:
    form = predefined(rig.simulator.base_url, rig.key, endpoint_model_name="openai/ok")
    session = succeeded(kind.ask(rig, "Mine", form))
    assert session.value.get("model", "Mine") == "Mine"
    assert [one.model for one in rig.seen()] == ["openai/ok"]


@ALL
def test_the_providers_fallback_models_are_for_chat(rig: Rig, kind: Kind) -> None:
    """Vectors of another model would poison the index."""
    form = predefined(
        rig.simulator.base_url,
        rig.key,
        max_retry_seconds="1",
        fallback_models="openai/ok",
    )
    error = error_of(kind.ask(rig, "rix/sat-forever", form))
    assert error.error_type == "InvokeRateLimitError"
    assert {one.model for one in rig.seen()} == {"rix/sat-forever"}


@ALL
def test_saving_asks_one_short_question(rig: Rig, kind: Kind) -> None:
    form = predefined(rig.simulator.base_url, rig.key)
    session = rig.plugin.validate_model("new-api/ok", form, kind.name)
    assert succeeded(session).value["result"] is True
    (body,) = rig.bodies()
    assert len(str(body)) < 200


@ALL
@pytest.mark.parametrize(
    ("model", "key"), [("rix/ok", "sk-wrong"), ("rix/unknown-model-x", "sk-good")]
)
def test_saving_what_does_not_work_is_refused(rig: Rig, kind: Kind, model: str, key: str) -> None:
    form = predefined(rig.simulator.base_url, new_key(key))
    error = error_of(rig.plugin.validate_model(model, form, kind.name))
    assert error.error_type == "CredentialsValidateFailedError"
    assert faults_of(error.message) == []


@ALL
def test_saving_while_it_is_saturated_passes(rig: Rig, kind: Kind) -> None:
    form = predefined(rig.simulator.base_url, rig.key)
    assert succeeded(rig.plugin.validate_model("rix/sat-forever", form, kind.name)).value["result"]
