"""LiteLLM's real proxy between the plugin and the simulator: limits, cooldowns, fallbacks, cuts.

One proxy serves all of them; it takes some ten seconds to start. Its own wait of a minute for a
full key is 2 s here, the cooldown of a deployment as well.
"""

from collections.abc import Iterator

import pytest

from devtools import Json, LiteLLMProcess, PluginProcess, predefined
from devtools.litellm import WINDOW_SECONDS
from simulator import Simulator
from simulator.results import vector_of
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded

pytestmark = pytest.mark.xdist_group("protocol-litellm")

COOLDOWN_SECONDS = 2
TOLD_SECONDS = 2.0
CUT = "你好，this is"
KEYS: dict[str, dict[str, int]] = {
    "sk-good": {},
    "sk-few-requests": {"rpm_limit": 2},
    "sk-few-tokens": {"tpm_limit": 20},
}
WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def deployment(origin: str, name: str, model: str, key: str, **limits: int) -> Json:
    """A row of the proxy's `model_list`: what of the simulator serves the name, with which key."""
    served = {"model": f"openai/{model}", "api_base": f"{origin}/openai/v1", "api_key": key}
    return {"model_name": name, "litellm_params": served | limits}


@pytest.fixture(scope="module")
def proxy(simulator: Simulator) -> Iterator[LiteLLMProcess]:
    origin = simulator.origin
    models = [
        deployment(origin, "*", "*", "sk-operator"),
        deployment(origin, "refused", "ok", "sk-wrong"),
        deployment(origin, "one-a-minute", "ok", "sk-first", rpm=1),
        deployment(origin, "spare", "ok", "sk-spare"),
        deployment(origin, "cooling", "sat-1-then-ok-ra-1", "sk-cooling-1"),
        deployment(origin, "cooling", "sat-1-then-ok-ra-1", "sk-cooling-2"),
        deployment(origin, "cold", "sat-forever", "sk-cold-1"),
        deployment(origin, "cold", "sat-forever", "sk-cold-2"),
    ]
    router = {
        "num_retries": 0,
        "allowed_fails": 0,
        "cooldown_time": COOLDOWN_SECONDS,
        "optional_pre_call_checks": ["enforce_model_rate_limits"],
        "fallbacks": [{"one-a-minute": ["spare"]}],
    }
    with LiteLLMProcess(models, router, KEYS) as process:
        process.wait()
        yield process


@pytest.fixture
def rig(plugin: PluginProcess, simulator: Simulator, proxy: LiteLLMProcess) -> Iterator[Rig]:
    """A desk whose form names the proxy; what the simulator sees has the operator's keys."""
    yield Rig(plugin, simulator, new_key(), proxy.base_url)
    assert plugin.violations == []


def arrivals(rig: Rig, model: str) -> list[float]:
    """When the upstream was asked for this model."""
    return [one.at for one in rig.simulator.seen if one.model == model]


def calls(rig: Rig, *keys: str) -> int:
    """How often the upstream was called with these keys; the proxy lists models with them, too."""
    return len([one for one in rig.simulator.seen if one.key in keys and one.method == "POST"])


def test_an_answer(rig: Rig, stream: bool) -> None:
    session = succeeded(rig.chat("ok", stream=stream))
    assert (session.text, session.finish_reason) == (WORDS, "stop")
    assert session.usage is not None
    assert (session.usage["prompt_tokens"], session.usage["completion_tokens"]) == (11, 7)


def test_words_as_they_come(rig: Rig) -> None:
    session = succeeded(rig.chat("tokens-5-every-100"))
    assert session.text == " token" * 5
    assert len([chunk for chunk in session.chunks if chunk["delta"]["message"]["content"]]) == 5


def test_thoughts(rig: Rig) -> None:
    session = succeeded(rig.chat("ok-reasoning"))
    assert session.text == f"<think>\nlet me think\n</think>{WORDS}"


@pytest.mark.parametrize("model", ["ok-tools", "ok-tools-parallel"])
def test_tool_calls(rig: Rig, model: str, stream: bool) -> None:
    session = succeeded(rig.chat(model, stream=stream, tools=[WEATHER]))
    names = [call["function"]["name"] for call in session.tool_calls]
    assert names == ["get_weather", "get_time"][: len(names)]
    assert len(names) == (2 if model.endswith("parallel") else 1)
    assert session.tool_calls[0]["function"]["arguments"] == '{"city":"北京","unit":"celsius"}'


def test_embeddings(rig: Rig) -> None:
    texts = [f"chunk {number}" for number in range(40)]
    form = predefined(rig.base_url, rig.key)
    session = succeeded(rig.plugin.embed("text-embedding-3-small", texts, credentials=form))
    assert session.value["embeddings"] == [vector_of(text) for text in texts]


def test_a_full_key_is_waited_for(rig: Rig) -> None:
    """Two requests in a window: six calls at once need three windows, and none of them fails."""
    key = new_key("sk-few-requests")
    sessions = [rig.chat("ok-slow-1", key=key, budget=40) for _ in range(6)]
    for session in sessions:
        assert succeeded(session).text == WORDS
    times = arrivals(rig, "ok-slow-1")
    assert len(times) == 6
    # A window begins with a whole second.
    assert times[-1] - times[0] > 2 * WINDOW_SECONDS - 1


def test_a_key_without_tokens_is_waited_for(rig: Rig) -> None:
    """A call takes 18 of the 20 tokens of a window: the third has to wait."""
    key = new_key("sk-few-tokens")
    for _ in range(3):
        assert succeeded(rig.chat("ok-slow-2", key=key, budget=20)).text == WORDS
    times = arrivals(rig, "ok-slow-2")
    assert len(times) == 3
    assert times[-1] - times[0] > WINDOW_SECONDS - 1


def test_a_fallback_of_the_proxy_is_no_failure(rig: Rig) -> None:
    for _ in range(3):
        assert succeeded(rig.chat("one-a-minute")).text == WORDS
    assert calls(rig, "sk-first", "sk-spare") == 3
    assert calls(rig, "sk-spare") >= 1


def test_a_cooldown_is_waited_for(rig: Rig) -> None:
    """Each deployment refuses once, and cools down; then there is none until one is back."""
    assert succeeded(rig.chat("cooling", budget=30)).text == WORDS
    assert calls(rig, "sk-cooling-1", "sk-cooling-2") in {2, 3}


def test_what_upstream_tells_to_wait_is_obeyed(rig: Rig, stream: bool) -> None:
    model = f"sat-1-then-ok-ra-{TOLD_SECONDS:g}" if stream else "sat-1-then-ok-rams-2000"
    assert succeeded(rig.chat(model, stream=stream, budget=20)).text == WORDS
    first, second = arrivals(rig, model)
    assert second - first >= TOLD_SECONDS


def test_a_longer_wait_than_the_budget_is_not_waited_for(rig: Rig) -> None:
    error = error_of(rig.chat("sat-forever-ra-120", budget=10))
    assert error.error_type == "InvokeRateLimitError"
    assert len(arrivals(rig, "sat-forever-ra-120")) == 1


def test_the_operators_refused_key_is_not_the_users(rig: Rig, stream: bool) -> None:
    before = calls(rig, "sk-wrong")
    error = error_of(rig.chat("refused", stream=stream))
    assert error.error_type == "InvokeServerUnavailableError"
    assert calls(rig, "sk-wrong") - before == 2
    assert succeeded(rig.chat("ok")).text == WORDS


def test_the_users_refused_key_is_the_users(rig: Rig, stream: bool) -> None:
    error = error_of(rig.chat("ok-slow-3", stream=stream, key=new_key("sk-nobodys")))
    assert error.error_type == "InvokeAuthorizationError"
    assert arrivals(rig, "ok-slow-3") == []


def test_no_reader_sees_the_operators_deployments(rig: Rig) -> None:
    texts = {error_of(rig.chat("cold", budget=budget)).message for budget in (0, 0, 0, 3)}
    for text in texts:
        assert "cooldown_list" not in text
        assert "allback" not in text
        assert "one-a-minute" not in text


def test_a_request_that_never_passes_is_asked_once(rig: Rig) -> None:
    error = error_of(rig.chat("e400-context", budget=10))
    assert error.error_type == "InvokeBadRequestError"
    assert len(arrivals(rig, "e400-context")) == 1


def test_an_unpaid_upstream_is_not_waited_for(rig: Rig) -> None:
    error_of(rig.chat("sat-quota", budget=10))
    assert len(arrivals(rig, "sat-quota")) == 2


def test_a_cut_is_told(rig: Rig) -> None:
    session = rig.chat("cut-after-content")
    assert error_of(session).error_type == "InvokeServerUnavailableError"
    # On a busy machine it sees the cut before it has handed on the latest chunk.
    assert session.text
    assert CUT.startswith(session.text)
    assert len(arrivals(rig, "cut-after-content")) == 1


def test_an_end_without_a_reason_cannot_be_seen(rig: Rig) -> None:
    """LiteLLM invents a `stop` after any clean end, so half an answer looks like a whole one."""
    session = succeeded(rig.chat("eof-after-content"))
    assert (session.text, session.finish_reason) == (CUT, "stop")


def test_an_answer_that_it_loses_in_a_stream_is_fetched_whole(rig: Rig) -> None:
    """A JSON document in place of a stream becomes one empty chunk with `stop`."""
    assert succeeded(rig.chat("ok-json-for-stream")).text == WORDS
    streams = [one.stream for one in rig.simulator.seen if one.model == "ok-json-for-stream"]
    assert streams == [True, False]
