"""The same question is not paid for twice: counted by the gateway, through the whole process."""

import re
import socket
import threading
from collections.abc import Iterator

import pytest

from devtools import PluginProcess, RedisProcess, Session, predefined
from engine.cluster.connection import VARIABLE
from simulator import Simulator
from simulator.results import vector_of
from tests.process.rig import ROOT, WORDS, Rig, error_of, new_key, succeeded
from tests.process.scripted import CLOSE_DELIMITED, Asked, Scripted, chunk
from tests.support.polling import becomes_true

SLOW = "rix/ok-slow-30"
CACHED = {"cache_ttl_seconds": "60"}
COLD = {"temperature": 0}

# Its processes are started once.
pytestmark = pytest.mark.xdist_group("protocol-cache")


@pytest.fixture(scope="module")
def nodes(redis_process: RedisProcess) -> Iterator[list[PluginProcess]]:
    """Two plugin processes of one operator, who has a Redis."""
    env = {VARIABLE: redis_process.url}
    with PluginProcess(ROOT, env=env) as one, PluginProcess(ROOT, env=env) as other:
        yield [one, other]


@pytest.fixture(params=["memory", "redis"])
def node(
    request: pytest.FixtureRequest,
    plugin: PluginProcess,
    nodes: list[PluginProcess],
    simulator: Simulator,
) -> Iterator[Rig]:
    """A plugin that keeps answers in its memory, and one that keeps them in Redis."""
    process = plugin if request.param == "memory" else nodes[0]
    yield Rig(process, simulator, new_key())
    assert process.violations == []


def ask(rig: Rig, model: str = "rix/ok", prompt: str = "hi", **more: object) -> Session:
    options: dict[str, object] = {"parameters": COLD, "fields": CACHED, "budget": 60, **more}
    return rig.chat(model, prompt, **options)  # type: ignore[arg-type]


def usage_of(session: Session) -> dict[str, object]:
    return {**session.chunks[-1]["delta"]["usage"]}


@pytest.mark.parametrize(
    ("keys", "temperature", "stream", "requests"),
    [(1, 0, True, 1), (1, 0, False, 1), (2, 0, True, 2), (1, 0.7, False, 50)],
)
def test_fifty_equal_calls_at_once(
    node: Rig, keys: int, temperature: float, stream: bool, requests: int
) -> None:
    names = [new_key() for _ in range(keys)]
    sessions = [
        ask(node, SLOW, key=names[i % keys], stream=stream, parameters={"temperature": temperature})
        for i in range(50)
    ]
    assert {succeeded(session).text for session in sessions} == {WORDS}
    assert sum(len(node.seen(name)) for name in names) == requests


def test_an_answer_is_given_again(node: Rig, stream: bool) -> None:
    first, again = (succeeded(ask(node, stream=stream)) for _ in range(2))
    assert len(node.seen()) == 1
    assert again.text == first.text == WORDS
    assert again.finish_reason == "stop"
    counts = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert [usage_of(again)[name] for name in counts] == [usage_of(first)[name] for name in counts]


def test_streaming_or_not_for_whomever_it_is_the_same_question(node: Rig) -> None:
    succeeded(ask(node, stream=True, user_id="one"))
    assert succeeded(ask(node, stream=False, user_id="other")).text == WORDS
    assert len(node.seen()) == 1


def test_reasoning_comes_back_too(node: Rig, stream: bool) -> None:
    first, again = (succeeded(ask(node, "openai/ok-reasoning", stream=stream)) for _ in range(2))
    assert first.text.startswith("<think>\n")
    assert again.text == first.text
    assert len(node.seen()) == 1


def test_answers_of_the_responses_api_are_kept(rig: Rig, stream: bool) -> None:
    fields = {**CACHED, "api_type": "responses"}
    for _ in range(2):
        again = succeeded(ask(rig, "openai/ok", fields=fields, stream=stream))
        assert (again.text, again.finish_reason) == (WORDS, "stop")
    (one,) = rig.seen()
    assert one.path.endswith("/responses")


def test_a_long_answer_streams_in_deltas(node: Rig) -> None:
    """Of at most 64 KiB; what is larger than an entry is asked again."""
    for _ in range(2):
        again = succeeded(ask(node, "openai/tokens-20000"))
    assert len(node.seen()) == 1
    sizes = [len(chunk["delta"]["message"]["content"].encode()) for chunk in again.chunks]
    assert sum(sizes) > 64 * 1024
    assert max(sizes) <= 64 * 1024


def test_it_does_not_stand_in_the_queue(rig: Rig) -> None:
    """The only slot of the key is taken."""
    over = threading.Event()

    def answer(connection: socket.socket, asked: Asked) -> None:
        connection.sendall(CLOSE_DELIMITED + chunk(WORDS))
        if asked.json["model"] == "busy":
            over.wait(60.0)
        connection.sendall(chunk(finish="stop"))

    with Scripted(answer) as server:
        fields = {**CACHED, "max_concurrency": "1", "endpoint_url": server.base_url}
        succeeded(ask(rig, fields=fields))
        busy = ask(rig, "busy", fields=fields)
        busy.wait_for_text()
        new = ask(rig, prompt="what nobody has asked", fields=fields)
        assert succeeded(ask(rig, fields=fields)).text == WORDS
        assert len(server.asked) == 2, "what is new has to wait"
        over.set()
        for session in (busy, new):
            succeeded(session)


def test_it_is_logged(rig: Rig) -> None:
    """A model that nobody else asks for: each subject has one line in five seconds."""
    model, prompt = "rix/ok-slow-7", "what nobody but the model may read"
    for _ in range(2):
        succeeded(ask(rig, model, prompt))
    said = [line.message for line in rig.plugin.logs if model in line.message]
    assert len(said) == 1
    assert "answered from the cache" in said[0]
    assert rig.key not in said[0]
    assert prompt not in said[0]


def test_instances_share_answers(nodes: list[PluginProcess], simulator: Simulator) -> None:
    key = new_key()
    for plugin in nodes:
        assert succeeded(ask(Rig(plugin, simulator, key))).text == WORDS
    assert len([one for one in simulator.seen if one.key == key]) == 1


@pytest.mark.parametrize(
    ("fields", "parameters", "requests"),
    [
        ({"cache_ttl_seconds": ""}, {"temperature": 0}, 2),
        ({"cache_ttl_seconds": "0"}, {"temperature": 0}, 2),
        (CACHED, {}, 2),
        (CACHED, {"temperature": 0.1}, 2),
        ({**CACHED, "cache_scope": "temperature_0"}, {"temperature": 1}, 2),
        ({**CACHED, "cache_scope": "all"}, {"temperature": 1}, 1),
        ({**CACHED, "cache_scope": "all"}, {}, 1),
    ],
)
def test_what_the_form_asks_for(
    rig: Rig, fields: dict[str, str], parameters: dict[str, object], requests: int
) -> None:
    for _ in range(2):
        succeeded(ask(rig, fields=fields, parameters=parameters))
    assert len(rig.seen()) == requests


WEATHER = [{"name": "weather", "description": "d", "parameters": {"type": "object"}}]


def test_never_with_tools_offered(rig: Rig) -> None:
    for _ in range(2):
        succeeded(ask(rig, tools=WEATHER))
    assert len(rig.seen()) == 2


def test_never_an_answer_cut_at_its_length(rig: Rig) -> None:
    for _ in range(2):
        assert succeeded(ask(rig, "openai/finish-length")).finish_reason == "length"
    assert len(rig.seen()) == 2


def test_never_an_error(rig: Rig) -> None:
    model = "openai/e500-1-then-ok"
    for _ in range(2):
        ask(rig, model, budget=0).wait()
    succeeded(ask(rig, model))
    assert len(rig.seen()) >= 2


def test_never_a_fallback_models_answer(rig: Rig) -> None:
    fields = {**CACHED, "fallback_models": "openai/ok"}
    for _ in range(2):
        assert succeeded(ask(rig, "rix/sat-forever", fields=fields, budget=1)).text == WORDS
    models = [one.model for one in rig.seen()]
    assert models.count("openai/ok") == 2


def test_never_when_temperature_was_refused(rig: Rig) -> None:
    """What was sent in the end had no temperature 0."""
    for _ in range(2):
        succeeded(ask(rig, "openai/refuses-temperature"))
    assert ["temperature" in body for body in rig.bodies()] == [True, False, False]


def test_if_the_first_fails_each_goes_on_alone(rig: Rig) -> None:
    model = "openai/slow-headers-e500-empty-500-1-then-ok"
    first = ask(rig, model, budget=0)
    assert rig.simulator.wait_for(lambda _: len(rig.seen()) == 1)
    others = [ask(rig, model, budget=60) for _ in range(3)]
    assert {succeeded(session).text for session in others} == {WORDS}
    assert error_of(first).error_type == "InvokeServerUnavailableError"
    assert len(rig.seen()) == 4


def test_who_may_not_wait_in_a_queue_waits_for_an_answer_under_way(rig: Rig) -> None:
    first = ask(rig, "openai/ok-slow-200")
    assert rig.simulator.wait_for(lambda _: len(rig.seen()) == 1)
    hurried = ask(rig, "openai/ok-slow-200", budget=0)
    for session in (first, hurried):
        succeeded(session)
    assert len(rig.seen()) == 1


def test_saving_asks_the_gateway(rig: Rig) -> None:
    succeeded(ask(rig))
    for _ in range(2):
        succeeded(rig.plugin.validate_model("rix/ok", rig.form(**CACHED)))
    assert len(rig.seen()) == 3


def test_a_dump_of_redis_holds_no_key_and_no_prompt(simulator: Simulator) -> None:
    key, prompt = new_key("sk-good-secret"), "what nobody but the model may read"
    with RedisProcess() as redis, PluginProcess(ROOT, env={VARIABLE: redis.url}) as plugin:
        rig = Rig(plugin, simulator, key)
        limits = {"max_concurrency": "3", "requests_per_minute": "60"}
        succeeded(ask(rig, prompt=prompt, fields={**CACHED, **limits}))
        told = rig.chat("openai/sat-forever-ra-60", prompt, fields=limits)
        assert error_of(told).error_type == "InvokeRateLimitError"
        assert becomes_true(lambda: b"cooldown" in redis.ask("KEYS", "*"))
        dump = redis.dump()
    assert f'["text","{WORDS}"]'.encode() in dump, "the answer is there, in plain"
    for secret in (key, prompt, simulator.origin):
        assert secret.encode() not in dump


def test_a_credential_named_redis_url_causes_no_connection(
    redis_process: RedisProcess, simulator: Simulator
) -> None:
    def connections() -> int:
        found = re.search(rb"total_connections_received:(\d+)", redis_process.ask("INFO", "stats"))
        assert found
        return int(found[1])

    names = ("redis_url", VARIABLE, VARIABLE.lower(), "redis_host", "REDIS_URL")
    with PluginProcess(ROOT) as plugin:
        rig = Rig(plugin, simulator, new_key())
        before = connections()
        fields = {**CACHED, "max_concurrency": "3", **dict.fromkeys(names, redis_process.url)}
        for _ in range(2):
            succeeded(ask(rig, fields=fields))
        assert connections() == before + 1, "only the one that asks"


TEXTS = [f"chunk {number}" for number in range(24)]


def embed(rig: Rig, texts: list[str], model: str = "openai/ok", **fields: str) -> Session:
    form = predefined(rig.simulator.base_url, rig.key, **{**CACHED, "max_chunks": "8", **fields})
    return rig.plugin.embed(model, texts, credentials=form)


def vectors_of(texts: list[str]) -> list[list[float]]:
    return [vector_of(text) for text in texts]


def test_an_index_that_failed_half_way_sends_only_the_missing_texts(rig: Rig) -> None:
    """Two requests pass, then the gateway lets nothing in for three seconds."""
    model = "openai/window-2-3-1"
    failed = embed(rig, TEXTS, model, max_retry_seconds="0")
    assert error_of(failed).error_type == "InvokeRateLimitError"
    sent = len(rig.seen())
    again = succeeded(embed(rig, TEXTS, model, max_retry_seconds="30"))
    assert again.value["embeddings"] == vectors_of(TEXTS)
    assert sent == 3
    for body in rig.bodies()[sent:]:
        assert body["input"] == TEXTS[16:]


def test_texts_are_kept_one_by_one(node: Rig) -> None:
    """In another order, beside others, twice in one call: a text that is known is not sent."""
    succeeded(embed(node, ["a", "b"]))
    mixed = ["c", "b", "a", "c", "d"]
    assert succeeded(embed(node, mixed)).value["embeddings"] == vectors_of(mixed)
    assert [body["input"] for body in node.bodies()] == [["a", "b"], ["c", "d"]]


def test_a_text_that_is_known_costs_nothing(rig: Rig) -> None:
    usages = [succeeded(embed(rig, ["what it costs"])).value["usage"] for _ in range(2)]
    assert len(rig.seen()) == 1
    assert usages[0]["tokens"] == usages[1]["tokens"] > 0
    assert float(usages[1]["total_price"]) == 0


def test_vectors_of_other_dimensions_are_others(rig: Rig) -> None:
    for dimensions in ("4", "8", "4"):
        found = succeeded(embed(rig, ["a"], dimensions=dimensions)).value["embeddings"]
        assert found == [vector_of("a", int(dimensions))]
    assert len(rig.seen()) == 2


def test_equal_texts_at_once_are_one_request(rig: Rig) -> None:
    sessions = [embed(rig, ["asked by all"], "openai/slow-headers-300") for _ in range(20)]
    for session in sessions:
        assert succeeded(session).value["embeddings"] == [vector_of("asked by all")]
    assert len(rig.seen()) == 1


def test_without_the_field_every_text_is_sent(rig: Rig) -> None:
    for _ in range(2):
        succeeded(embed(rig, ["a", "a"], cache_ttl_seconds=""))
    assert [body["input"] for body in rig.bodies()] == [["a", "a"]] * 2


def test_rankings_are_kept(node: Rig) -> None:
    form = predefined(node.simulator.base_url, node.key, **CACHED)
    docs = ["one", "two", "three"]
    found = [
        succeeded(node.plugin.rerank("openai/ok", query, docs, credentials=form)).value["docs"]
        for query in ("q", "q", "another")
    ]
    assert found[0] == found[1]
    assert len(found[0]) == 3
    assert len(node.seen()) == 2


@pytest.mark.parametrize("text", ["harmless", "forbidden"])
def test_verdicts_are_kept(node: Rig, text: str) -> None:
    form = predefined(node.simulator.base_url, node.key, **CACHED)
    for _ in range(2):
        verdict = succeeded(node.plugin.moderate("openai/ok", text, credentials=form))
        assert verdict.value["result"] is (text == "forbidden")
    assert len(node.seen()) == 1
