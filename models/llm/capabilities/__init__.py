"""What a chat model can do: one row a capability, which drives all that is said of it.

A row says by which feature Dify is told, which field of a custom model's form declares it, which
part of a message it lets in, which parameter it offers, and how that is written into a request.
The schema, the check of parameters, the request, the predefined models and the tests read it.
"""

from collections.abc import Mapping

from dify_plugin.entities.model.message import PromptMessageContent

from models.llm.capabilities.abilities import ABILITIES
from models.llm.capabilities.fields import CHOICES
from models.llm.capabilities.row import Capability, Input, Rule
from models.llm.capabilities.ways import WAYS
from models.llm.capabilities.words import WORDS

CAPABILITIES: tuple[Capability, ...] = (*ABILITIES, *WORDS, *WAYS)
"""In the order in which a request is written: a later row sees what an earlier one wrote."""

PARAMETERS: Mapping[str, Capability] = {row.name: row for row in CAPABILITIES if row.rule}
"""The rows that offer a parameter, by its name."""

INPUTS: Mapping[type[PromptMessageContent], Capability] = {
    row.input.part: row for row in CAPABILITIES if row.input
}
"""The rows that let something into a prompt, by Dify's class of it."""

__all__ = ["CAPABILITIES", "CHOICES", "INPUTS", "PARAMETERS", "Capability", "Input", "Rule"]
