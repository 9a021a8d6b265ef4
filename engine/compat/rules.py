"""What to leave out of a request, or to say otherwise, when the gateway refuses it."""

import re
from collections.abc import Callable, Mapping, Sequence

from engine.compat.json_mode import as_json_object, format_of, in_words
from engine.compat.media import (
    wants_data_urls,
    wants_videos_as_images,
    wants_videos_as_videos,
    with_data_urls,
    with_videos_as_images,
    with_videos_as_videos,
)
from engine.compat.optional_fields import (
    OPTIONAL_FIELDS,
    has_optional_field,
    without_optional_field,
)
from engine.compat.refused import is_bad_request, names
from engine.compat.room import fits_without_answer
from engine.errors import Failure
from engine.request import CompatRule, Payload, Request

_FORMAT = re.compile(
    r"response[_ ]?(?:format|mime[_ ]?type|schema)|json_schema|structured.outputs?|json.mode"
    r"|json ?(?:模式|格式)|结构化输出",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"unrecogni[sz]ed|unknown|unexpected|extra inputs|not permitted", re.IGNORECASE
)
_COMPLETION_TOKENS = re.compile(
    r"use\W+max_completion_tokens|max_completion_tokens\W+instead", re.IGNORECASE
)
_NO_BASE64 = re.compile(r"cannot unmarshal string into .{1,80}embedding", re.IGNORECASE)

OPTIONAL = (
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "presence_penalty",
    "frequency_penalty",
    "repetition_penalty",
    "seed",
    "reasoning_effort",
    "thinking_budget",
    "enable_thinking",
    "chat_template_kwargs",
    "thinking",
    "verbosity",
    "reasoning_format",
    "parallel_tool_calls",
    "enable_search",
    "prompt_cache_key",
    "service_tier",
    # The answer ends at these words all the same (``stop``).
    "stop",
    "user",
    # Of a rerank: the documents are here already.
    "return_documents",
)
"""Parameters that an answer makes sense without. What is not here is never left out: an app that
sends tools, a choice of tool or fields of its own means them."""


def without(*names: str) -> Callable[[Mapping[str, object]], Payload]:
    """Leaves fields out."""

    def apply(payload: Mapping[str, object]) -> Payload:
        return {key: value for key, value in payload.items() if key not in names}

    return apply


def _renamed(payload: Mapping[str, object]) -> Payload:
    return {
        "max_completion_tokens" if key == "max_tokens" else key: value
        for key, value in payload.items()
    }


def _renamed_back(payload: Mapping[str, object]) -> Payload:
    return {
        "max_tokens" if key == "max_completion_tokens" else key: value
        for key, value in payload.items()
    }


def _unstreamed(payload: Mapping[str, object]) -> Payload:
    return {**without("stream_options")(payload), "stream": False}


def _wants_completion_tokens(failure: Failure, payload: Mapping[str, object]) -> bool:
    return (
        "max_tokens" in payload
        and names(failure, "max_tokens")
        and _COMPLETION_TOKENS.search(failure.words) is not None
    )


def _wants_max_tokens(failure: Failure, payload: Mapping[str, object]) -> bool:
    """Servers from before 2024 do not know the newer name."""
    return (
        "max_completion_tokens" in payload
        and "max_tokens" not in payload
        and names(failure, "max_completion_tokens")
        and _COMPLETION_TOKENS.search(failure.words) is None
    )


def leaves_no_room(limit: str) -> Callable[[Failure, Mapping[str, object]], bool]:
    """Suits where the prompt fits, and only the answer that may follow it does not."""
    return lambda failure, payload: fits_without_answer(failure, payload, limit)


def refuses(parameter: str) -> Callable[[Failure, Mapping[str, object]], bool]:
    """Suits where a parameter that was sent is named."""
    return lambda failure, payload: parameter in payload and names(failure, parameter)


def _refuses_format(failure: Failure) -> bool:
    return (
        is_bad_request(failure)
        and not failure.after_content
        and (_FORMAT.search(f"{failure.param} {failure.words}") is not None)
    )


def _refuses_schema(failure: Failure, payload: Mapping[str, object]) -> bool:
    """A schema is refused, and the field may be known: DeepSeek and others take JSON alone."""
    return (
        format_of(payload) == "json_schema"
        and _refuses_format(failure)
        and _UNKNOWN.search(failure.words) is None
    )


def _refuses_any_format(failure: Failure, payload: Mapping[str, object]) -> bool:
    return bool(format_of(payload)) and _refuses_format(failure)


def _refuses_optional_field(name: str) -> Callable[[Failure, Mapping[str, object]], bool]:
    return lambda failure, payload: names(failure, name) and has_optional_field(payload, name)


def _refuses_base64(failure: Failure, payload: Mapping[str, object]) -> bool:
    """One API and its like say so in Go's words if a channel of theirs cannot read it."""
    return payload.get("encoding_format") == "base64" and (
        names(failure, "encoding_format") or _NO_BASE64.search(failure.words) is not None
    )


def _refuses_stream(failure: Failure, payload: Mapping[str, object]) -> bool:
    return payload.get("stream") is True and (
        (failure.unstreamed and not failure.after_content) or names(failure, "stream")
    )


COMPAT_RULES: tuple[CompatRule, ...] = (
    CompatRule("max_completion_tokens", _wants_completion_tokens, _renamed, 3600.0),
    CompatRule("max_tokens", _wants_max_tokens, _renamed_back, 3600.0),
    CompatRule("no max_tokens", refuses("max_tokens"), without("max_tokens"), 3600.0),
    *(
        CompatRule(
            f"no {limit}, which leaves no room", leaves_no_room(limit), without(limit), 3600.0
        )
        for limit in ("max_tokens", "max_completion_tokens")
    ),
    CompatRule("audio as data URLs", wants_data_urls, with_data_urls, 3600.0, always=True),
    CompatRule(
        "videos as image_url", wants_videos_as_images, with_videos_as_images, 3600.0, always=True
    ),
    CompatRule(
        "videos as video_url", wants_videos_as_videos, with_videos_as_videos, 3600.0, always=True
    ),
    CompatRule("schema in the prompt, as JSON", _refuses_schema, as_json_object, 3600.0),
    CompatRule("format in the prompt", _refuses_any_format, in_words, 3600.0),
    CompatRule("no reasoning.max_tokens", refuses("reasoning"), without("reasoning"), 3600.0),
    *(CompatRule(f"no {name}", refuses(name), without(name), 3600.0) for name in OPTIONAL),
    *(
        CompatRule(
            f"no {name}", _refuses_optional_field(name), without_optional_field(name), 3600.0
        )
        for name in OPTIONAL_FIELDS
    ),
    CompatRule("no stream_options", refuses("stream_options"), without("stream_options"), 3600.0),
    CompatRule(
        "no encoding_format", _refuses_base64, without("encoding_format"), 3600.0, always=True
    ),
    # Not for long: New API's empty stream can also be its upstream's fault of a moment.
    # OpenAI lets only verified organizations stream some models, and calls that a value refused.
    CompatRule("unstreamed", _refuses_stream, _unstreamed, 600.0, always=True),
)
"""Each is tried once in a call, in this order of preference."""

_UNSUPPORTED = re.compile(
    r"unsupported|not support|not accept|instead|unrecogni[sz]ed|unknown|unexpected|deprecated"
    r"|not permitted|not allowed|not enabled|unavailable|不支持|不允许|无法识别|未知参数",
    re.IGNORECASE,
)
_OF_ONE_VALUE = re.compile(r"(unsupported|invalid).value|does not support ['\"0-9]", re.IGNORECASE)
_ONLY_DEFAULT = re.compile(r"only (the )?default", re.IGNORECASE)
_BESIDE_ANOTHER = re.compile(
    r"\b(when|while|if|with|together|both)\b.{0,40}\b(thinking|reasoning|tools?|top_p|temperature)",
    re.IGNORECASE,
)


def _is_lasting(failure: Failure) -> bool:
    """Whether the model refuses always what it refused now.

    Not where one value was refused and others may pass, or one thing beside another.
    """
    said = f"{failure.code} {failure.words}"
    if failure.unstreamed:
        return True
    if _UNSUPPORTED.search(said) is None or _BESIDE_ANOTHER.search(failure.words):
        return False
    return _OF_ONE_VALUE.search(said) is None or _ONLY_DEFAULT.search(said) is not None


class RevisedRequest[Result]:
    """A request and what was found out about it.

    Args:
        request: what is asked; it is not changed.
        known: compat rules that its model is known to need.

    Attributes:
        current: the request as it is to be sent now.
    """

    def __init__(self, request: Request[Result], known: tuple[CompatRule, ...] = ()) -> None:
        self.current = request
        self.lasting: list[CompatRule] = []
        """Compat rules that the model needs always, worth remembering if the call succeeds."""
        self._tried = {rule.name for rule in known}
        for rule in known:
            self._apply(rule)

    def find(self, failure: Failure) -> CompatRule | None:
        """What may be changed so that the request passes; ``None`` if nothing is left to try."""
        rows = (*self.current.compat_rules, *COMPAT_RULES)
        return rule_for(failure, self.current.payload, frozenset(self._tried), rows)

    def apply(self, rule: CompatRule, failure: Failure) -> None:
        """Change the request.

        A value out of range is no property of the model: that it was left out is not lasting.
        """
        self._tried.add(rule.name)
        self._apply(rule)
        if rule.always or _is_lasting(failure):
            self.lasting.append(rule)

    def _apply(self, rule: CompatRule) -> None:
        self.current = self.current.with_payload(rule.apply(self.current.payload))


def rule_for(
    failure: Failure,
    payload: Mapping[str, object],
    tried: frozenset[str],
    rows: Sequence[CompatRule] = COMPAT_RULES,
) -> CompatRule | None:
    """The first row that may cure the failure and was not tried yet; ``None`` if there is none.

    Args:
        failure: what the gateway said of the request.
        payload: what was sent.
        tried: names of the rows that are in it already.
        rows: the table; that of chat, unless told.
    """
    for rule in rows:
        if rule.name not in tried and rule.suits(failure, payload):
            return rule
    return None
