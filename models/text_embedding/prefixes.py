"""What some models want to read before a text: that it is a document, or a query.

E5, BGE and their kin were trained so (`query: `, `passage: `). Extra Body says it, under the names
that `openai_api_compatible` has for it; no server knows these two fields, so they are not sent.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dify_plugin.entities.model import EmbeddingInputType

from engine import Settings, SettingsError

if TYPE_CHECKING:
    from engine import Input

FIELDS = {
    EmbeddingInputType.DOCUMENT: "document_prefix",
    EmbeddingInputType.QUERY: "query_prefix",
}


def take_prefix(settings: Settings, input_type: EmbeddingInputType) -> tuple[Settings, str]:
    """The settings without the prefixes, and the one for this type of input; may be empty.

    Raises:
        SettingsError: a prefix is no text.
    """
    extra = settings.extra_body
    for name in FIELDS.values():
        if not isinstance(extra.get(name, ""), str):
            raise SettingsError("extra_body", "extra_body_text", name=name)
    rest = {name: value for name, value in extra.items() if name not in FIELDS.values()}
    return replace(settings, extra_body=rest), str(extra.get(FIELDS[input_type], ""))


def with_prefix(prefix: str, inputs: "Sequence[Input]") -> "list[Input]":
    """The inputs with the prefix before each text; images stay as they are."""
    return [
        f"{prefix}{one}"
        if isinstance(one, str)
        else {**one, "text": f"{prefix}{one['text']}"}
        if "text" in one
        else one
        for one in inputs
    ]
