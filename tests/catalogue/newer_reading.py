"""What a client reads in an answer, without what differs from call to call."""

import json
import re
from typing import Any


def readable(body: str, model: str | None) -> Any:
    """What a client reads in the body of a newer gateway.

    The order of fields and fields that are null tell nothing, nor do ids, hashes, dates, counters
    and the text of a web page.
    """
    if model:
        for name in (model, model.rpartition("/")[2]):
            body = re.sub(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", "MODEL", body)
    for pattern, even in EVENED:
        body = re.sub(pattern, even, body)
    if body.startswith("data: ") or "\ndata: " in body:
        lines = [line for line in body.splitlines() if line and not line.startswith(":")]
        return [_read(line.removeprefix("data: ")) for line in lines]
    return _read(body)


EVENED = (
    (r"20\d{12}\w{12,31}", "RID"),
    (r"chatcmpl-(\w{32}|[0-9a-f]{8}-[0-9a-f-]{27})", "chatcmpl-ID"),
    (r"resp_[\w=-]{40,}", "resp_up1"),
    (r'"created":\s?\d{10}', '"created":0'),
    (r"127\.0\.0\.1:\d+(/i/[\w-]+(/\w+)?)?", "UPSTREAM"),
    (r"\b[0-9a-f]{16,64}\b", "HASH"),
    (r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", "DATE"),
    (r"current usage=\d+|time taken=[\d.]+|litellm_params.model: \S+", "COUNTED"),
    (r"Deployments=\{.*?\}\}", "Deployments"),
    (r"cooldown_list=\[.*?\]", "cooldown_list"),
    (r"Passed model=[\w-]+|model_group=[\w-]+|model_name: [\w-]+|model group '[\w-]+'", "MODEL"),
    (r"need quota: ＄[\d.]+", "need quota"),
    (r"pre-call-checks=\w+", "CHECKS"),
)


def _read(text: str) -> Any:
    """JSON without what says nothing; other text as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text[:HALF] if text.startswith("{") else _said(text)
    if isinstance(value, dict) and isinstance(value.get("data"), list) and value["data"]:
        first = value["data"][0]
        if isinstance(first, dict) and "embedding" not in first:
            return sorted(set.intersection(*(set(one) for one in value["data"])))
    return _said(value)


HALF = 60
"""Characters of a document that breaks off, wherever it does."""


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        said = {name: _said(part) for name, part in value.items() if part not in (None, {}, [])}
        for name, even in (("embedding", _sized), ("relevance_score", type), ("document", type)):
            if name in said:
                said[name] = even(said[name])
        return said
    if isinstance(value, str) and value.lower().startswith(("<html", "<!doctype")):
        return "PAGE"
    return [_said(one) for one in value] if isinstance(value, list) else value


def _sized(vector: Any) -> tuple[str, int]:
    """How many numbers there are, or how much base64."""
    return type(vector).__name__, len(vector)
