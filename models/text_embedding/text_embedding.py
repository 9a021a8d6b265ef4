"""Embedding models: Dify's texts and images in, one vector for each out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, override

from dify_plugin import TextEmbeddingModel
from dify_plugin.entities.model import (
    AIModelEntity,
    EmbeddingInputType,
    PriceType,
)
from dify_plugin.entities.model.text_embedding import (
    EmbeddingUsage,
    MultiModalContent,
    MultiModalEmbeddingResult,
    TextEmbeddingResult,
)

from engine import asked_text, check_model, estimate, shared_client
from models.adapter import GatewayModel, settings_of_one, wire_part
from models.errors import only_credential_errors, only_invoke_errors
from models.text_embedding.form import MAX_BATCH_INPUTS, parse_form
from models.text_embedding.lines import fitting
from models.text_embedding.prefixes import take_prefix, with_prefix
from models.text_embedding.schema import customizable_schema

# What asks is imported with the first question, not with the process: start-up is outage time.
if TYPE_CHECKING:
    from engine import Embeddings, Input

PATIENCE = {EmbeddingInputType.DOCUMENT: 300.0, EmbeddingInputType.QUERY: 45.0}
"""Seconds that a call may wait if nothing was typed: one failed batch loses a whole document, while
somebody waits for the answer to a query."""


class ResilientTextEmbeddingModel(GatewayModel, TextEmbeddingModel):
    """An embedding model behind a gateway."""

    @override
    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        texts: list[str],
        user: str | None = None,
        input_type: EmbeddingInputType = EmbeddingInputType.DOCUMENT,
    ) -> TextEmbeddingResult:
        """Embed texts."""
        with only_invoke_errors(credentials, lambda: asked_text({"input": texts})):
            found = self._embed(model, credentials, texts, user, input_type)
            return TextEmbeddingResult(
                model=model,
                embeddings=found.vectors,
                usage=self._usage(model, credentials, found),
            )

    @override
    def _invoke_multimodal(
        self,
        model: str,
        credentials: dict[str, Any],
        documents: list[MultiModalContent],
        user: str | None = None,
        input_type: EmbeddingInputType = EmbeddingInputType.DOCUMENT,
    ) -> MultiModalEmbeddingResult:
        """Embed texts and images side by side."""
        inputs = [wire_part(document) for document in documents]
        with only_invoke_errors(credentials, lambda: asked_text({"input": inputs})):
            found = self._embed(model, credentials, inputs, user, input_type)
            return MultiModalEmbeddingResult(
                model=model,
                embeddings=found.vectors,
                usage=self._usage(model, credentials, found),
            )

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by embedding one word.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        from engine import embeddings_request  # noqa: PLC0415

        with only_credential_errors(credentials):
            settings, prefix = take_prefix(
                settings_of_one(credentials, model), EmbeddingInputType.QUERY
            )
            form = parse_form(credentials)
            request = embeddings_request(
                settings.model, [f"{prefix}ping"], dimensions=form.dimensions
            )
            check_model(shared_client(), settings, request)

    @override
    def get_num_tokens(
        self, model: str, credentials: dict[str, Any], texts: list[str]
    ) -> list[int]:
        """Tokens of each text, estimated locally and at once."""
        return [estimate(text) for text in texts]

    @override
    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        """Describe a customizable model; never raises."""
        return customizable_schema(model, credentials, self._like(model, credentials))

    def _embed(
        self,
        model: str,
        credentials: dict[str, Any],
        inputs: "Sequence[Input]",
        user: str | None,
        input_type: EmbeddingInputType,
    ) -> "Embeddings":
        from engine import (  # noqa: PLC0415
            Embeddings,
            Question,
            embed,
            shared_sizes,
        )

        settings, prefix = take_prefix(
            settings_of_one(credentials, model, PATIENCE[input_type]), input_type
        )
        form = parse_form(credentials)
        if not inputs:
            return Embeddings([], 0)
        question = Question(
            inputs=with_prefix(prefix, inputs),
            batch=min(self._get_max_chunks(model, credentials), MAX_BATCH_INPUTS),
            context=self._get_context_size(model, credentials),
            dimensions=form.dimensions,
            user=user or "",
        )
        found = embed(shared_client(), shared_sizes(), settings, question)
        return replace(found, vectors=fitting(found.vectors))

    def _usage(
        self, model: str, credentials: dict[str, Any], found: "Embeddings"
    ) -> EmbeddingUsage:
        """All tokens, and the price of those that were not paid for before."""
        paid = found.tokens - found.free_tokens
        price = self.get_price(model, credentials, PriceType.INPUT, paid)
        return EmbeddingUsage(
            tokens=found.tokens,
            total_tokens=found.tokens,
            unit_price=price.unit_price,
            price_unit=price.unit,
            total_price=price.total_amount,
            currency=price.currency,
            latency=time.perf_counter() - self.started_at,
        )
