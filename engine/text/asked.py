"""What a request asks, as far as it is text: it tells which language its reader speaks."""

from collections.abc import Iterator, Mapping

_FIELDS = ("messages", "input", "query", "prompt", "text")
"""Where questions stand: in chats, embeddings, speech and moderation, rerank, completions."""

_MAX_CHARACTERS = 20_000
"""Of a question; a document's language shows long before."""


def asked_text(payload: Mapping[str, object]) -> str:
    """Return the last question, or the text to embed, rank, speak or judge; may be empty.

    Args:
        payload: the body of a request, of any API.
    """
    for name in _FIELDS:
        value = payload.get(name)
        if not value:
            continue
        if isinstance(value, list) and any(
            isinstance(one, Mapping) and "role" in one for one in value
        ):
            return _last_question(value)
        return _text(value)
    return ""


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _last_question(messages: object) -> str:
    """The last text of a user; without any, the last text of anybody."""
    turns = _mappings(messages)[::-1]
    users = [one for one in turns if one.get("role") == "user"]
    return next(filter(None, (_text(one.get("content")) for one in (*users, *turns))), "")


def _text(value: object) -> str:
    found: list[str] = []
    size = 0
    for text in _texts(value):
        found.append(text)
        size += len(text)
        if size > _MAX_CHARACTERS:
            break
    return " ".join(found)[:_MAX_CHARACTERS].strip()


def _texts(value: object) -> Iterator[str]:
    """The texts in a question; addresses and data of pictures are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(value.get("text"))
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
