"""A chat request in the words of the Responses API; nothing of it is changed.

What has no other name there is passed on under its own, so that a field nobody foresaw arrives.
"""

from collections.abc import Mapping, Sequence

from engine.apis.reasoning_blocks import REASONING_ITEMS
from engine.request import Payload

MIN_ANSWER_TOKENS = 16
"""Tokens; OpenAI refuses a smaller ``max_output_tokens``."""

ENCRYPTED_REASONING = "reasoning.encrypted_content"

_TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")
_CHAT_ONLY = frozenset(
    {
        "messages",
        "reasoning_effort",
        "response_format",
        "stop",
        "stream_options",
        "tool_choice",
        "tools",
        "verbosity",
        *_TOKEN_LIMITS,
    }
)


def responses_payload(chat: Mapping[str, object]) -> Payload:
    """Convert a chat request.

    ``store`` is off unless the request says otherwise: a gateway's next request may come through
    another account, which knows nothing of this one.
    """
    payload: Payload = {"store": False}
    payload |= {name: value for name, value in chat.items() if name not in _CHAT_ONLY}
    text = _text(chat)
    instructions, items = _input(_list(chat.get("messages")), json_only=_wants_json(text))
    if instructions:
        payload.setdefault("instructions", instructions)
    payload.setdefault("input", items)
    for name in _TOKEN_LIMITS:
        limit = chat.get(name)
        if isinstance(limit, int):
            payload["max_output_tokens"] = max(limit, MIN_ANSWER_TOKENS)
    if text:
        payload["text"] = text
    if reasoning := _reasoning(chat):
        payload["reasoning"] = reasoning
        payload.setdefault("include", [ENCRYPTED_REASONING])
    if tools := _list(chat.get("tools")):
        payload["tools"] = [_tool(tool) for tool in tools]
        if "tool_choice" in chat:
            payload["tool_choice"] = _tool_choice(chat["tool_choice"])
    return payload


def _text(chat: Mapping[str, object]) -> Payload:
    """The form of the answer: ``response_format`` and ``verbosity``."""
    text = _dict(chat.get("text"))
    form = _dict(chat.get("response_format"))
    if "json_schema" in form:
        form = {"type": "json_schema", "name": "response", **_dict(form["json_schema"])}
    if form:
        text.setdefault("format", form)
    if "verbosity" in chat:
        text.setdefault("verbosity", chat["verbosity"])
    return text


def _wants_json(text: Payload) -> bool:
    return _dict(text.get("format")).get("type") == "json_object"


def _reasoning(chat: Mapping[str, object]) -> Payload:
    """How much to think; without being asked for a summary, no model tells its thoughts."""
    reasoning = _dict(chat.get("reasoning"))
    if "reasoning_effort" in chat:
        reasoning.setdefault("effort", chat["reasoning_effort"])
    if reasoning and reasoning.get("effort") != "none":
        reasoning.setdefault("summary", "auto")
    return reasoning


def _tool(tool: object) -> object:
    """A function of the caller's; the API's own tools (from extra fields) stay as they are.

    Left out, ``strict`` would be true, which few schemas are written for.
    """
    function = _dict(_dict(tool).get("function"))
    return {"type": "function", "strict": False, **function} if function else tool


def _tool_choice(choice: object) -> object:
    function = _dict(_dict(choice).get("function"))
    return {"type": "function", "name": function.get("name")} if function else choice


def _input(messages: Sequence[object], *, json_only: bool) -> tuple[str, list[Payload]]:
    """Instructions and conversation.

    System messages at the beginning are the instructions, the one place for them that every
    server of this API has (Codex channels refuse a system message). They stay messages where
    nothing else is said, as ``input`` must not be empty, and where only JSON is wanted, as OpenAI
    looks for that word in ``input``.
    """
    instructions: list[str] = []
    items: list[Payload] = []
    for message in map(_dict, messages):
        if message.get("role") in {"system", "developer"} and not items:
            instructions.append(_plain(message.get("content")))
        else:
            items += _items(message)
    if instructions and (json_only or not items):
        items[:0] = [{"role": "system", "content": text} for text in instructions]
        instructions = []
    return "\n\n".join(filter(None, instructions)), items


def _items(message: Payload) -> list[Payload]:
    """The items that one message becomes: reasoning, text and calls are items of their own."""
    role = message.get("role")
    content = message.get("content")
    if role == "tool":
        call_id = message.get("tool_call_id")
        output = _plain(content)
        return [{"type": "function_call_output", "call_id": call_id, "output": output}]
    items = [_dict(item) for item in _list(message.get(REASONING_ITEMS))]
    if content:
        is_list = isinstance(content, list) and role == "user"
        shown = [_part(part) for part in _list(content)] if is_list else _plain(content)
        items.append({"role": role, "content": shown})
    for call in map(_dict, _list(message.get("tool_calls"))):
        function = _dict(call.get("function"))
        items.append(
            {
                "type": "function_call",
                "call_id": call.get("id"),
                "name": function.get("name"),
                "arguments": function.get("arguments") or "{}",
            }
        )
    return items


def _part(part: object) -> object:
    """One part of a user's message; what this API does not know is passed on for it to refuse."""
    fields = _dict(part)
    match fields.get("type"):
        case "text":
            return {"type": "input_text", "text": fields.get("text")}
        case "image_url":
            image = fields.get("image_url")
            given = _dict(image) or {"url": image}
            detail = {"detail": given["detail"]} if "detail" in given else {}
            return {"type": "input_image", "image_url": given.get("url"), **detail}
        case "file":
            return {"type": "input_file", **_file(_dict(fields.get("file")))}
        case _:
            return part


def _file(file: Payload) -> Payload:
    """A document; its address has a field of its own, and needs no name then."""
    data = file.get("file_data")
    if isinstance(data, str) and data.startswith(("https://", "http://")):
        return {"file_url": data}
    return file


def _plain(content: object) -> str:
    """The text of a message's content."""
    if isinstance(content, str):
        return content
    return "".join(str(_dict(part).get("text") or "") for part in _list(content))


def _dict(value: object) -> Payload:
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
