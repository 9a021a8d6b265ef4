"""An answer is one line for Dify's daemon, which kills the plugin with all its calls at 5 MiB."""

from pydantic import BaseModel

MAX_LINE_BYTES = 5_000_000
"""Bytes of an answer; the rest of the 5,242,880 is for what stands around it."""


def fits(answer: BaseModel) -> bool:
    """Whether it can be handed on in one piece."""
    return len(answer.model_dump_json().encode()) <= MAX_LINE_BYTES
