"""What each family's pages tell of a gateway's models: documents in, plain figures out.

Nothing here asks anybody: the command and the browser's page hand over what they have. New API
counts in ratios: one is 1/`quota_per_unit` of a dollar a token (500,000 by default, so 2 USD for a
million tokens), times that of the key's group (`setting/ratio_setting`, recorded 2026-08). one-hub
and done-hub count the same way, the price page giving both ratios (`model/price.go`). OpenRouter's
prices are dollars a token as text; -1 is a router whose price depends on what it chooses.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from cli.build.listed import Field, Page, Told, Value
from cli.check.models import told_type, type_by_name

MILLION = Decimal(1_000_000)
QUOTA_PER_UNIT = Decimal(500_000)
"""Of New API, one-hub and done-hub, unless their status page says otherwise."""

_CONTEXTS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""vLLM's, OpenRouter's, Groq's and Mistral's word for it."""

_NOBODY = frozenset({"", "未知", "custom", "unknown", "library", "system"})
"""Owners that say nothing."""

_MODALITIES: dict[str, Field] = {
    "image": "vision",
    "file": "document",
    "pdf": "document",
    "audio": "audio",
    "video": "video",
}
_LITELLM_MODES = {
    "chat": "llm",
    "completion": "llm",
    "responses": "llm",
    "embedding": "text-embedding",
    "rerank": "rerank",
    "audio_transcription": "speech2text",
    "audio_speech": "tts",
    "moderation": "moderation",
    "moderations": "moderation",
}
_LITELLM_ABILITIES: dict[str, Field] = {
    "supports_function_calling": "tools",
    "supports_vision": "vision",
    "supports_pdf_input": "document",
    "supports_audio_input": "audio",
    "supports_video_input": "video",
    "supports_response_schema": "structured",
}
_OLLAMA_ABILITIES: dict[str, Field] = {"tools": "tools", "vision": "vision", "audio": "audio"}

type Json = Mapping[str, Any]


def models_page(entries: Iterable[Json]) -> Page:
    """``GET /v1/models``, with what vLLM, OpenRouter, Groq and New API put beside the names."""
    models: dict[str, Told] = {}
    for entry in entries:
        # Of a model that is listed twice, the first entry counts.
        models.setdefault(str(entry["id"]), _listed(entry))
    return Page("/v1/models", models)


def _listed(entry: Json) -> Told:
    told: Told = {}
    _put(told, "type", _endpoint_type(entry, str(entry["id"])))
    _put(told, "vendor", _vendor(entry.get("owned_by")) or _vendor_of_path(entry))
    best = _dict(entry.get("top_provider"))
    _put(told, "context", next(filter(None, (_count(entry.get(name)) for name in _CONTEXTS)), None))
    _put(
        told,
        "output",
        _count(best.get("max_completion_tokens")) or _count(entry.get("max_completion_tokens")),
    )
    shape = _dict(entry.get("architecture"))
    if isinstance(kinds := shape.get("input_modalities"), list):
        told.update(dict.fromkeys(_MODALITIES.values(), False))
        told.update({_MODALITIES[kind]: True for kind in kinds if kind in _MODALITIES})
    if isinstance(kinds := shape.get("output_modalities"), list):
        _put(told, "type", _type_of_output(kinds))
    if isinstance(names := entry.get("supported_parameters"), list):
        told["parameters"] = tuple(str(name) for name in names)
        told["tools"] = "tools" in names
        told["structured"] = "structured_outputs" in names
    prices = _dict(entry.get("pricing"))
    told |= _price(prices.get("prompt"), prices.get("completion"), MILLION, "USD")
    return told


def _endpoint_type(entry: Json, name: str) -> str | None:
    """The type by New API's endpoints; ``openai`` alone is what it says of any model by default."""
    if entry.get("supported_endpoint_types") == ["openai"] and type_by_name(name) != "llm":
        return None
    return told_type(entry)


def _type_of_output(kinds: list[object]) -> str | None:
    if "embeddings" in kinds:
        return "text-embedding"
    if "text" in kinds:
        return "llm"
    return "other" if kinds else None


def _vendor_of_path(entry: Json) -> str | None:
    """OpenRouter's names begin with the vendor's."""
    return str(entry["id"]).partition("/")[0] if "top_provider" in entry else None


def pricing_page(document: Json, status: Json, group: str) -> Page:
    """New API's ``/api/pricing``: ratios of a group's prices, types, vendors.

    Args:
        document: the page.
        status: the data of ``/api/status``; it names unit and currency.
        group: the key's; models that it does not have are left out.
    """
    vendors = {one.get("id"): one.get("name") for one in _dicts(document.get("vendors"))}
    ratios = _dict(document.get("group_ratio"))
    share = _decimal(ratios.get(group, 1)) or Decimal(1)
    rate, currency = _currency(status)
    unit = MILLION / (_decimal(status.get("quota_per_unit")) or QUOTA_PER_UNIT) * share * rate
    models = {}
    for entry in _dicts(document.get("data")):
        groups = entry.get("enable_groups")
        if isinstance(groups, list) and groups and not {group, "all"} & set(groups):
            continue
        told: Told = {}
        name = str(entry.get("model_name"))
        _put(told, "type", _endpoint_type(entry, name))
        _put(told, "vendor", _vendor(vendors.get(entry.get("vendor_id"))))
        ratio = _decimal(entry.get("model_ratio"))
        if entry.get("quota_type") in (0, None) and ratio is not None:
            more = _decimal(entry.get("completion_ratio"))
            told |= _price(ratio, ratio * (1 if more is None else more), unit, currency)
        models[name] = told
    return Page("/api/pricing", models)


def _currency(status: Json) -> tuple[Decimal, str]:
    """How many of the gateway's currency a dollar is, and that currency."""
    if status.get("quota_display_type") == "CNY":
        rate = _decimal(status.get("usd_exchange_rate"))
        if rate:
            return rate, "CNY"
    return Decimal(1), "USD"


def hub_page(document: Json, groups: Json, status: Json, group: str) -> Page:
    """one-hub's and done-hub's ``/api/available_model``: both ratios of a model, and its groups."""
    share = _decimal(_dict(groups.get(group)).get("ratio"))
    unit = MILLION / (_decimal(status.get("quota_per_unit")) or QUOTA_PER_UNIT)
    unit *= Decimal(1) if share is None else share
    models = {}
    for name, entry in _dict(document.get("data")).items():
        entry = _dict(entry)  # noqa: PLW2901
        if entry.get("groups") and group not in entry["groups"]:
            continue
        told: Told = {}
        _put(told, "vendor", _vendor(entry.get("owned_by")))
        price = _dict(entry.get("price"))
        if price.get("type") == "tokens":
            told |= _price(price.get("input"), price.get("output"), unit, "USD")
        models[name] = told
    return Page("/api/available_model", models)


def litellm_page(document: Json) -> Page:
    """LiteLLM's ``/v1/model/info``: one entry a deployment; a name may have several.

    A call may reach any of them, so of figures that differ the safe one counts: the smaller size,
    the higher price, and only what all of them can do.
    """
    models: dict[str, Told] = {}
    for entry in _dicts(document.get("data")):
        told = _deployment(_dict(entry.get("model_info")))
        name = str(entry.get("model_name"))
        models[name] = _safest(models[name], told) if name in models else told
    return Page("/v1/model/info", models)


def _deployment(info: Json) -> Told:
    told: Told = {}
    mode = info.get("mode")
    _put(told, "type", _LITELLM_MODES.get(mode, "other") if isinstance(mode, str) else None)
    _put(told, "vendor", _vendor(info.get("litellm_provider")))
    _put(told, "context", _count(info.get("max_input_tokens")) or _count(info.get("max_tokens")))
    if told.get("type", "llm") == "llm":
        _put(told, "output", _count(info.get("max_output_tokens")))
    for name, field in _LITELLM_ABILITIES.items():
        if isinstance(info.get(name), bool):
            told[field] = info[name]
    if isinstance(names := info.get("supported_openai_params"), list):
        told["parameters"] = tuple(str(name) for name in names)
    prices = info.get("input_cost_per_token"), info.get("output_cost_per_token")
    if any(_decimal(price) for price in prices):
        # What it has no price for, it calls free.
        told |= _price(*prices, MILLION, "USD")
    return told


def _safest(one: Told, other: Told) -> Told:
    told: Told = {**other, **one}
    for field in one.keys() & other.keys():
        pair = one[field], other[field]
        if field in ("input_price", "output_price"):
            told[field] = max(cast("tuple[Decimal, Decimal]", pair))
        elif isinstance(pair[0], int):
            told[field] = min(cast("tuple[int, int]", pair))
        elif field == "parameters":
            told[field] = tuple(name for name in one["parameters"] if name in other["parameters"])  # type: ignore[union-attr,operator]
    return told


def ollama_page(shown: Mapping[str, Json]) -> Page:
    """Ollama's ``/api/show`` of each model: context and abilities."""
    models = {}
    for name, document in shown.items():
        told: Told = {}
        info = _dict(document.get("model_info"))
        sizes = (value for key, value in info.items() if key.endswith(".context_length"))
        _put(told, "context", _count(next(sizes, None)))
        abilities = document.get("capabilities")
        if isinstance(abilities, list):
            told["type"] = "text-embedding" if "embedding" in abilities else "llm"
            told |= {field: word in abilities for word, field in _OLLAMA_ABILITIES.items()}
        models[name] = told
    return Page("/api/show", models)


def _put(told: Told, field: Field, value: Value | None) -> None:
    if value is not None:
        told[field] = value


def _vendor(name: object) -> str | None:
    return name if isinstance(name, str) and name.strip().lower() not in _NOBODY else None


def _price(each: object, answer: object, factor: Decimal, currency: str) -> Told:
    """The prices for a million tokens; none if the input's is not told, or is no price."""
    asked, answered = _decimal(each), _decimal(answer)
    if asked is None or asked < 0 or (answered or 0) < 0:
        return {}
    told: Told = {"input_price": _plain(asked * factor), "currency": currency}
    if answered is not None:
        told["output_price"] = _plain(answered * factor)
    return told


def _plain(price: Decimal) -> Decimal:
    """Rounded to what Dify keeps of a price, without an exponent and needless zeros."""
    rounded = price.quantize(Decimal("0.0000001")).normalize()
    return rounded if rounded.as_tuple().exponent <= 0 else rounded.quantize(Decimal(1))  # type: ignore[operator]


def _count(value: object) -> int | None:
    """A number of tokens; ``None`` if it is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    return int(value) if isinstance(value, int | float) and 0 < value < 10**9 else None


def _decimal(value: object) -> Decimal | None:
    if not isinstance(value, int | float | str | Decimal) or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
