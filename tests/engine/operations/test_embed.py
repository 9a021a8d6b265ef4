"""Batches through a real gateway: halved, remembered, cut, in order, within one budget."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.apis.embeddings import Input
from engine.client import Client
from engine.errors import GatewayError
from engine.errors.kinds import BAD_REQUEST, CONTEXT_TOO_LONG, MALFORMED_ANSWER
from engine.operations.accepted_sizes import REMEMBERED_SECONDS, AcceptedSizes
from engine.operations.embed import CUTS, Question, embed
from engine.request import Request
from engine.settings import Settings
from engine.text.tokens import estimate
from simulator import Simulator
from simulator.results import vector_of

TEXTS = [f"text {number}" for number in range(16)]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=9) as sim:
        yield sim


@pytest.fixture(scope="module")
def client() -> Client:
    return Client()


class Asked:
    """One model of the simulator, asked with a key of its own, and what it was sent."""

    def __init__(self, client: Client, simulator: Simulator, model: str, key: str) -> None:
        self._client = client
        self._simulator = simulator
        self.sizes = AcceptedSizes()
        self.settings = Settings(simulator.base_url, key, model, max_retry_seconds=5.0)

    def vectors(self, question: Question) -> list[list[float]]:
        found = embed(self._client, self.sizes, self.settings, question)
        self.tokens = found.tokens
        return found.vectors

    @property
    def batches(self) -> list[int]:
        return [len(texts) for texts in self.inputs]

    @property
    def inputs(self) -> list[list[Any]]:
        return [
            one.body["input"]
            for one in self._simulator.seen
            if one.key == self.settings.api_key and one.body
        ]


type Ask = Callable[[str], Asked]


@pytest.fixture
def ask(client: Client, simulator: Simulator, request: pytest.FixtureRequest) -> Ask:
    name = f"sk-{abs(hash(request.node.nodeid))}"
    return lambda model: Asked(client, simulator, model, name)


def vectors_of(texts: list[str]) -> list[list[float]]:
    return [vector_of(text) for text in texts]


def test_batches_are_as_large_as_may_be_and_in_order(ask: Ask) -> None:
    asked = ask("openai/ok")
    assert asked.vectors(Question(TEXTS, batch=6)) == vectors_of(TEXTS)
    assert asked.batches == [6, 6, 4]
    assert asked.tokens == 18


@pytest.mark.parametrize("model", ["openai/batch-2", "new-api/batch-2", "one-api/batch-2"])
def test_a_batch_that_is_refused_is_halved_and_that_is_learned(
    ask: Ask, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked = ask(model)
    with caplog.at_level(logging.INFO, "gateway"):
        assert asked.vectors(Question(TEXTS, batch=16)) == vectors_of(TEXTS)
    assert asked.batches == [16, 8, 4] + [2] * 8
    assert "16 inputs at once are refused, and sent in halves" in caplog.text
    assert "text 1" not in caplog.text
    assert asked.vectors(Question(TEXTS, batch=16)) == vectors_of(TEXTS)
    assert asked.batches[11:] == [2] * 8


def test_a_batch_is_halved_down_to_single_texts(ask: Ask) -> None:
    asked = ask("openai/batch-1")
    assert asked.vectors(Question(TEXTS[:3], batch=3)) == vectors_of(TEXTS[:3])
    assert asked.batches == [3, 2, 1, 1, 1]


def test_words_that_nobody_knows_are_tried_in_halves_too(ask: Ask) -> None:
    asked = ask("openai/odd-batch-4")
    assert asked.vectors(Question(TEXTS[:8], batch=8)) == vectors_of(TEXTS[:8])
    assert asked.batches == [8, 4, 4]
    assert asked.sizes.recall(asked.settings, 8) == 8, "it may be about one of them"


def test_a_text_that_is_too_long_only_parts_from_its_other_instances(ask: Ask) -> None:
    """The gateway counts otherwise than the estimate: the text is cut until it passes."""
    asked = ask("openai/context-40")
    long = "x" * 60
    texts = [*TEXTS[:5], long, *TEXTS[5:7]]
    found = asked.vectors(Question(texts, batch=8, context=100))
    assert [*found[:5], *found[6:]] == vectors_of(TEXTS[:7])
    assert found[5] in [vector_of("x" * length) for length in range(30, 41)]
    # Nothing is remembered: other batches are as large as before.
    asked.vectors(Question(TEXTS[:8], batch=8))
    assert asked.batches[-1] == 8


def test_a_text_that_stays_too_long_fails_in_the_end(ask: Ask) -> None:
    asked = ask("openai/context-2")
    with pytest.raises(GatewayError) as raised:
        asked.vectors(Question(["x" * 400], batch=8))
    assert raised.value.failure.kind is CONTEXT_TOO_LONG
    assert asked.batches == [1] * (len(CUTS) + 1)


def test_a_text_over_the_declared_context_is_cut_before_it_is_sent(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    asked = ask("openai/ok")
    secret = "机密" * 100
    with caplog.at_level(logging.INFO, "gateway"):
        asked.vectors(Question(["short", secret], batch=8, context=50))
    ((short, cut),) = asked.inputs
    assert short == "short"
    assert secret.startswith(cut)
    assert estimate(cut) == 50
    assert estimate(secret[: len(cut) + 1]) > 50
    assert "a text is cut to about 50 tokens" in caplog.text
    assert "机密" not in caplog.text


def test_batches_of_several_dimensions_are_refused(ask: Ask) -> None:
    """A gateway's channels may serve other vectors each: one index cannot hold both."""
    assert len(ask("openai/vectors-by-batch").vectors(Question(TEXTS[:6], batch=3))) == 6
    with pytest.raises(GatewayError, match="differ in vector length: 1, 3") as raised:
        ask("openai/vectors-by-batch").vectors(Question(TEXTS[:7], batch=3))
    assert raised.value.failure.kind is MALFORMED_ANSWER


@pytest.mark.parametrize("model", ["one-api/ok-no-usage", "openai/usage-zero"])
def test_tokens_that_were_not_counted_are_estimated(ask: Ask, model: str) -> None:
    asked = ask(model)
    asked.vectors(Question(TEXTS[:3], batch=2))
    assert asked.tokens == sum(map(estimate, TEXTS[:3]))


@pytest.mark.parametrize("blank", ["", " \n", "\u200b\u3000"])
def test_a_blank_text_does_not_lose_its_batch(ask: Ask, blank: str) -> None:
    """Servers refuse it, or answer with zeros, and Dify puts the vectors behind to wrong texts."""
    asked = ask("openai/ok")
    assert asked.vectors(Question(["a", blank, "b"], batch=8)) == vectors_of(["a", ".", "b"])
    asked.vectors(Question([{"text": blank}, {"image": "aGk="}], batch=8))
    assert asked.inputs == [["a", ".", "b"], [{"text": "."}, {"image": "aGk="}]]


def test_images_are_sent_as_they_are(ask: Ask) -> None:
    asked = ask("openai/ok-no-usage")
    inputs: list[Input] = [{"text": "a cat"}, {"image": "aGk="}]
    assert asked.vectors(Question(inputs, batch=8, context=1)) == vectors_of(["a cat", "aGk="])
    assert asked.inputs == [inputs]
    assert asked.tokens > 700


@pytest.mark.parametrize(
    ("model", "kind"), [("openai/vector-zero", MALFORMED_ANSWER), ("openai/e422", BAD_REQUEST)]
)
def test_another_failure_is_not_taken_apart(ask: Ask, model: str, kind: object) -> None:
    asked = ask(model)
    with pytest.raises(GatewayError) as raised:
        asked.vectors(Question(TEXTS, batch=16))
    assert raised.value.failure.kind is kind
    assert set(asked.batches) == {16}


class Watched(Client):
    """A client that notes how long each request may wait, and when it has to be over."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed: list[tuple[float, float | None]] = []

    def complete[Result](
        self, settings: Settings, request: Request[Result], *, until: float | None = None
    ) -> Result:
        self.allowed.append((settings.max_retry_seconds, until))
        return super().complete(settings, request, until=until)


def test_all_requests_share_one_budget_and_one_end(simulator: Simulator) -> None:
    """Else three batches could wait thrice as long as was typed, and be killed at 600 s."""
    client = Watched()
    settings = Settings(simulator.base_url, "sk-budget", "openai/ok", max_retry_seconds=5.0)
    embed(client, AcceptedSizes(), settings, Question(TEXTS, batch=6))
    budgets = [budget for budget, _ in client.allowed]
    assert len(budgets) == 3
    assert 5.0 > budgets[0] > budgets[1] > budgets[2] > 0
    assert len({until for _, until in client.allowed}) == 1


def test_what_was_learned_is_forgotten_in_time() -> None:
    now = [0.0]
    sizes = AcceptedSizes(clock=lambda: now[0])
    mine = Settings("https://a/v1", "sk-1", "m")
    sizes.learn(mine, 4)
    assert sizes.recall(mine, 16) == 4
    assert sizes.recall(mine, 2) == 2
    for other in (
        Settings("https://b/v1", "sk-1", "m"),
        Settings("https://a/v1", "sk-2", "m"),
        Settings("https://a/v1", "sk-1", "n"),
    ):
        assert sizes.recall(other, 16) == 16
    now[0] = REMEMBERED_SECONDS
    assert sizes.recall(mine, 16) == 16
