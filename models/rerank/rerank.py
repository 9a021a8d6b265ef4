"""Rerank models: a query and documents in, the most relevant of them out, the best first."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, override

from dify_plugin import RerankModel
from dify_plugin.entities.model import AIModelEntity, ModelFeature
from dify_plugin.entities.model.rerank import (
    MultiModalRerankResult,
    RerankDocument,
    RerankResult,
)
from dify_plugin.entities.model.text_embedding import MultiModalContent

from engine import asked_text, check_model, shared_client
from models.adapter import GatewayModel, name_at_gateway, settings_of_one, wire_part
from models.errors import RefusedError, only_credential_errors, only_invoke_errors
from models.likeness import sees
from models.lines import fits

# What asks is imported with the first question, not with the process: start-up is outage time.
if TYPE_CHECKING:
    from engine import Part


def _of_one_line[Result: RerankResult | MultiModalRerankResult](result: Result) -> Result:
    """The result, if it can be handed on: Dify wants the documents' texts back.

    Raises:
        InvokeBadRequestError: they are too long.
    """
    if fits(result):
        return result
    raise RefusedError("documents_too_large", count=len(result.docs))


class ResilientRerankModel(GatewayModel, RerankModel):
    """A rerank model behind a gateway."""

    @override
    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        query: str,
        docs: list[str],
        score_threshold: float | None = None,
        top_n: int | None = None,
        user: str | None = None,
    ) -> RerankResult:
        """Rank documents by true scores; a threshold or a number of 0 is none."""
        with only_invoke_errors(credentials, lambda: query):
            ranked = self._rank(model, credentials, query, docs, score_threshold, top_n, user)
            found = [RerankDocument(index=at, text=docs[at], score=score) for at, score in ranked]
            return _of_one_line(RerankResult(model=model, docs=found))

    @override
    def _invoke_multimodal(
        self,
        model: str,
        credentials: dict[str, Any],
        query: MultiModalContent,
        docs: Sequence[MultiModalContent],
        score_threshold: float | None = None,
        top_n: int | None = None,
        user: str | None = None,
    ) -> MultiModalRerankResult:
        """Rank texts and images; an image is not handed back, as it may be larger than a line."""
        with only_invoke_errors(credentials, lambda: asked_text({"query": wire_part(query)})):
            parts = [wire_part(doc) for doc in docs]
            asked = wire_part(query)
            ranked = self._rank(
                model, credentials, asked.get("text", asked), parts, score_threshold, top_n, user
            )
            found = [
                RerankDocument(index=at, text=parts[at].get("text", ""), score=score)
                for at, score in ranked
            ]
            return _of_one_line(MultiModalRerankResult(model=model, docs=found))

    @override
    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Check a customizable model by ranking two words.

        Raises:
            CredentialsValidateFailedError: it does not work; the text says what to change.
        """
        from engine import rerank_request  # noqa: PLC0415

        with only_credential_errors(credentials):
            settings = settings_of_one(credentials, model)
            request = rerank_request(settings.model, "ping", ["ping", "pong"])
            check_model(shared_client(), settings, request)

    @override
    def get_customizable_model_schema(
        self, model: str, credentials: Mapping[str, Any]
    ) -> AIModelEntity:
        """Describe a customizable model, also one that only its name tells of; never raises."""
        schema = super().get_customizable_model_schema(model, credentials)
        if self._like(model, credentials) is None and sees(name_at_gateway(model, credentials)):
            schema.features = [ModelFeature.VISION]
        return schema

    def _rank(
        self,
        model: str,
        credentials: dict[str, Any],
        query: "Part",
        docs: "Sequence[Part]",
        score_threshold: float | None,
        top_n: int | None,
        user: str | None,
    ) -> list[tuple[int, float]]:
        """Position and true score of the documents that are wanted, the best first.

        Dify's daemon makes 0 of a threshold and a number that were not given.
        """
        from engine import rerank_request  # noqa: PLC0415

        settings = settings_of_one(credentials, model)
        if not docs:
            return []
        request = rerank_request(settings.model, query, docs, top_n=top_n or None, user=user or "")
        ranked = shared_client().complete(settings, request)[: top_n or None]
        return [
            (one.index, one.score)
            for one in ranked
            if not score_threshold or one.score >= score_threshold
        ]
