"""The SDK's own OpenAI-compatible class, which takes one text a call and repeats nothing.

`openai_api_compatible` inherits both from it (0.0.63: no `max_chunks` in its schema, so that Dify
sends one text at a time). Its counting of tokens would download a vocabulary, and is replaced.
"""

from typing import override

from dify_plugin import OAICompatEmbeddingModel


class SdkClassEmbeddingModel(OAICompatEmbeddingModel):
    """Leave everything else to the class."""

    @override
    def _get_num_tokens_by_gpt2(self, text: str) -> int:
        return len(text) // 4 + 1
