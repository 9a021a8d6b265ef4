"""Failed answers and what the engine, which sees their headers, makes of them.

From the simulator, every row of its catalogue; from the recordings, every failed answer.
"""

import base64
import json
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import requests

from engine.errors import Kind, classify
from engine.errors.evidence import has_error, read_evidence
from simulator import CATALOGUE, Simulator
from tests.catalogue.expectations import is_silent

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
PATHS = {
    "chat": "chat/completions",
    "completions": "completions",
    "models": "models",
    "embeddings": "embeddings",
    "rerank": "rerank",
    "moderations": "moderations",
}
NOT_OF_THE_FAMILY = ("gpt-load", "litellm")
FAILED = 400
AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """A failed answer. `direct`: no gateway of the family gave it."""

    name: str
    status: int
    body: str
    kind: Kind
    direct: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """A row of the catalogue that may fail, at one endpoint."""

    model: str
    key: str | None
    endpoint: str

    @property
    def name(self) -> str:
        """For the test's id."""
        return "-".join(
            (self.model, "sk-none" if self.key == "" else self.key or "", self.endpoint)
        )


ASKS = [
    Ask(row.name, row.key, endpoint)
    for row in CATALOGUE
    for endpoint in row.endpoints
    if endpoint in PATHS and not row.succeeds and not is_silent((row.name, row.key))
]


def simulated(asks: list[Ask]) -> dict[Ask, Answer]:
    """What each row answers that fails with a status, or with an error in a whole body."""
    with Simulator(seed=8) as simulator, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(asks, pool.map(lambda ask: _asked(simulator, ask), asks), strict=True))
    return {ask: answer for ask, answer in answers.items() if answer is not None}


def _asked(simulator: Simulator, ask: Ask) -> Answer | None:
    family = ask.model.partition("/")[0]
    # Each call has a key of its own, as an exhausted one is refused in other words later.
    key = "" if ask.key == "" else f"{ask.key or 'sk-good'}-{abs(hash(ask))}"
    url = f"{simulator.origin}/{family}/v1/{PATHS[ask.endpoint]}"
    payload = {
        "model": ask.model,
        "messages": [{"role": "user", "content": "hi"}],
        **dict.fromkeys(("prompt", "input", "query"), "hi"),
        "documents": ["hi"],
    }
    try:
        response = requests.request(
            "GET" if ask.endpoint == "models" else "POST",
            url,
            json=None if ask.endpoint == "models" else payload,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=60,
            allow_redirects=False,
        )
    except requests.RequestException:
        return None  # Without an answer only this plugin's own message tells of it.
    direct = family in ("openai", "cdn")
    return _answer(
        ask.name, response.status_code, dict(response.headers), response.content, direct=direct
    )


def distinct(answers: Iterable[Answer]) -> list[Answer]:
    """Those that differ in more than an id or a moment."""
    found = {(one.status, re.sub(r"\d{5,}\w*", "", one.body), one.kind): one for one in answers}
    return list(found.values())


def recorded() -> list[Answer]:
    """Every recorded answer of the gateways that failed, at every endpoint."""
    found = []
    for file in sorted(FIXTURES.glob("*/*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            record = json.loads(line)
            encoded = record.get("body_base64")
            body = base64.b64decode(encoded) if encoded else (record["body"] or "").encode()
            gateway = file.parent.name
            name = f"{gateway} {file.stem} {record['case']}"
            direct = gateway in NOT_OF_THE_FAMILY
            if record.get("status") and (
                answer := _answer(
                    name, record["status"], dict(record["headers"]), body, direct=direct
                )
            ):
                found.append(answer)
    return distinct(found)


def _answer(
    name: str, status: int, headers: dict[str, str], body: bytes, *, direct: bool
) -> Answer | None:
    text = body.decode("utf-8", "replace")
    if "event-stream" in headers.get("Content-Type", "") and status < FAILED:
        text = _error_event(text)
    is_page = text.lstrip().lower().startswith(("<!doctype", "<html"))
    if status < FAILED and not (_reports_error(text) or is_page):
        return None
    kind = classify(read_evidence(status, headers, text.encode())).kind
    return Answer(name, status, text, kind, direct)


def _error_event(stream: str) -> str:
    """The event of a stream that reports an error, or the bare line that does; empty if none."""
    lines = (line.removeprefix("data:").strip() for line in stream.splitlines())
    return next((line for line in lines if _reports_error(line)), "")


def _reports_error(text: str) -> bool:
    try:
        document = json.loads(text)
    except ValueError:
        return False
    # New API reports the state of a token as {"code": true, "message": "ok"}.
    return has_error(document) and document.get("code") is not True
