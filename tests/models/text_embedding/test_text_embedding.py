"""The embedding adapter: how long it waits, and with whom it does not stand in line."""

from collections.abc import Iterator
from typing import Any

import pytest
from dify_plugin.entities.model import EmbeddingInputType

from engine.admission import AdmissionRequest, QueuedCall
from engine.client import Client
from engine.request import Request
from engine.settings import Settings
from models.text_embedding import text_embedding
from models.text_embedding.text_embedding import ResilientTextEmbeddingModel
from simulator import Simulator

DOCUMENT, QUERY = EmbeddingInputType.DOCUMENT, EmbeddingInputType.QUERY


class Watched(Client):
    """A client that notes what each request may wait, and how it stands in line."""

    def __init__(self) -> None:
        super().__init__()
        self.budgets: list[float] = []
        self.calls: list[AdmissionRequest] = []
        enter = self.limiter.enter

        def noted(call: AdmissionRequest) -> QueuedCall:
            self.calls.append(call)
            return enter(call)

        self.limiter.enter = noted  # type: ignore[method-assign]

    def complete[Result](
        self, settings: Settings, request: Request[Result], *, until: float | None = None
    ) -> Result:
        self.budgets.append(settings.max_retry_seconds)
        return super().complete(settings, request, until=until)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(seed=10) as sim:
        yield sim


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    monkeypatch.setattr(text_embedding, "shared_client", lambda: watched)
    return watched


def embed(simulator: Simulator, input_type: EmbeddingInputType, **typed: str) -> None:
    credentials: dict[str, Any] = {
        "endpoint_url": simulator.base_url,
        "api_key": "sk-watched",
        **typed,
    }
    model = ResilientTextEmbeddingModel([])
    model.invoke("openai/ok", credentials, ["a"], user="u", input_type=input_type)


@pytest.mark.parametrize(
    ("input_type", "typed", "seconds"),
    [
        (DOCUMENT, {}, 300.0),
        (QUERY, {}, 45.0),
        (DOCUMENT, {"max_retry_seconds": ""}, 300.0),
        (DOCUMENT, {"max_retry_seconds": "20"}, 20.0),
        (QUERY, {"max_retry_seconds": "20"}, 20.0),
        (DOCUMENT, {"max_retry_seconds": "0"}, 0.0),
    ],
)
def test_documents_wait_longer_than_queries(
    simulator: Simulator,
    client: Watched,
    input_type: EmbeddingInputType,
    typed: dict[str, str],
    seconds: float,
) -> None:
    embed(simulator, input_type, **typed)
    (budget,) = client.budgets
    assert budget == pytest.approx(seconds, abs=1.0)


@pytest.mark.parametrize("input_type", [DOCUMENT, QUERY])
def test_both_wait_though_the_gateway_is_shut(
    simulator: Simulator, client: Watched, input_type: EmbeddingInputType
) -> None:
    embed(simulator, input_type)
    (call,) = client.calls
    assert call.waits_for_recovery
    assert call.user == "u"
