"""Deltas of an answer, text or sound, and what their order tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

_THOUGHT = ("<think>", "</think>")


class ContentKind(Enum):
    """Which part of the answer a delta of text belongs to."""

    REASONING = "reasoning"
    TEXT = "text"
    SOUND = "sound"


@dataclass(slots=True)
class Delta:
    """What has arrived; not frozen, as one is made for every token.

    Attributes:
        content_kind: which part of the answer it belongs to.
        text: empty in a delta of sound.
        sound: encoded audio; empty in a delta of text.
    """

    content_kind: ContentKind
    text: str = ""
    sound: bytes = b""


class RestartDetector:
    """Notices that a gateway's own retry began the text anew within one stream.

    New API with retries does that when a Claude channel fails midway: an empty delta with a role
    follows text whose deltas carried none. Elsewhere a role on every delta is normal (One API's
    Claude channel), and so is an empty one between reasoning and text, also where New API's
    ``thinking_to_content`` has put the reasoning into the text (v0.9.16, recorded).
    """

    def __init__(self) -> None:
        self._text_has_role = False
        self._text = ""
        self._settled = False

    def hear(self, fields: Mapping[str, object], deltas: list[Delta]) -> None:
        """Take a delta that brought something."""
        for delta in deltas:
            if delta.content_kind is ContentKind.TEXT:
                self._text_has_role = self._text_has_role or bool(fields.get("role"))
                if not self._settled:
                    self._follow_thought(delta.text)

    def begins_anew(self, fields: Mapping[str, object]) -> bool:
        """Whether a delta that brought nothing is the second beginning of the text."""
        return (
            bool(fields.get("role"))
            and fields.get("content") == ""
            and not fields.get("tool_calls")
            and self._settled
            and not self._text_has_role
        )

    def _follow_thought(self, text: str) -> None:
        """Settled is text once it can no longer be part of a thought put into the text."""
        self._text += text
        head = self._text.lstrip()
        if head.startswith(_THOUGHT[0]):
            self._settled = _THOUGHT[1] in head
            if not self._settled:
                self._text = _THOUGHT[0] + head[-len(_THOUGHT[1]) :]
        else:
            self._settled = not _THOUGHT[0].startswith(head)
