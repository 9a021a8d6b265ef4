"""Inputs to vectors in as few requests as the gateway takes.

A batch that is refused as too large is halved, down to single inputs, and what worked is
remembered; a text that is too long for the model is cut. Dify would lose the whole document.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from engine.admission.token_budget import FIRST_HEADROOM
from engine.apis.embeddings import (
    EMBEDDING_REUSE,
    PATH,
    Embedded,
    Embeddings,
    Input,
    Vector,
    embeddings_request,
)
from engine.call.policy import Shorten, Split
from engine.client import Client
from engine.errors import Failure, GatewayError
from engine.errors.explanation import given_up, reader_of
from engine.errors.kinds import MALFORMED_ANSWER, TOO_LARGE
from engine.errors.messages import Listed, language_of, message
from engine.operations.accepted_sizes import AcceptedSizes, decide_size, is_too_much, says_too_much
from engine.operations.budget import Budget
from engine.request import Questions, Request
from engine.settings import Settings
from engine.text.asked import asked_text
from engine.text.blank import not_blank
from engine.text.tokens import TOKENS_PER_IMAGE, cut, estimate

CUTS = (0.75, 0.75, 0.5, 0.5, 0.5)
"""What is left of a text each time that it is refused as too long though the estimate says that it
fits: first the estimate was a little off, then the model takes far less than anybody said."""

_ABOUT_INPUTS = re.compile(r"\binputs?\b|\bbatch|\btexts\b|too many|过多", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be embedded.

    Attributes:
        inputs: at least one.
        batch: the most to ask for at once.
        context: tokens that the model takes of one text; ``None`` if nobody said.
        dimensions: to ask for; ``None`` for the model's own.
        user: on whose behalf.
    """

    inputs: Sequence[Input]
    batch: int
    context: int | None = None
    dimensions: int | None = None
    user: str = ""


def embed(
    client: Client, sizes: AcceptedSizes, settings: Settings, question: Question
) -> Embeddings:
    """The vectors of all inputs, in their order, and their tokens, estimated where not counted.

    The waiting budget and the longest time of a call hold for all requests together.

    Raises:
        GatewayError: a request failed for good.
    """
    return _Embedding(client, sizes, settings, question).run()


class _Embedding:
    """The batches of one question."""

    def __init__(
        self, client: Client, sizes: AcceptedSizes, settings: Settings, question: Question
    ) -> None:
        self._client = client
        self._sizes = sizes
        self._settings = settings
        self._question = question
        self._size = sizes.recall(settings, question.batch)
        self._budget = Budget(client, settings)

    def run(self) -> Embeddings:
        inputs = [self._fitting(one) for one in self._question.inputs]
        template = self._request([]).extended(self._settings.extra_body).payload
        # How the numbers are written makes no difference.
        plain = {name: value for name, value in template.items() if name != "encoding_format"}
        payloads = [{**plain, "input": one} for one in inputs]
        questions = Questions(EMBEDDING_REUSE, PATH, payloads, lambda part: len(part.vector))
        parts, free = self._client.complete_many(
            self._settings, questions, lambda wanted: self._embed([inputs[at] for at in wanted])
        )
        self._check([part.vector for part in parts])
        return Embeddings(
            [part.vector for part in parts],
            sum(part.tokens for part in parts),
            sum(parts[position].tokens for position in free),
        )

    def _check(self, vectors: list[Vector]) -> None:
        """Channels of a gateway may differ."""
        lengths = sorted({len(vector) for vector in vectors})
        if len(lengths) > 1:
            fact = message("facts.batch_lengths", lengths=Listed(tuple(lengths[:5])))
            failure = Failure(MALFORMED_ANSWER, facts=(fact,))
            asked = asked_text({"input": self._question.inputs})
            raise given_up(failure, reader_of(self._settings, language_of(asked)))

    def _embed(self, inputs: list[Input]) -> Iterator[list[Embedded]]:
        """In order; a part that is refused is taken apart further."""
        while inputs:
            batch = self._next_batch(inputs)
            inputs = inputs[len(batch) :]
            try:
                answer = self._ask(batch)
            except GatewayError as error:
                too_much = is_too_much(error.failure, _ABOUT_INPUTS)
                action = decide_size(
                    error.failure, is_too_much=too_much, parts=len(batch), can_shorten=False
                )
                if not isinstance(action, Split):
                    raise
                half = (len(batch) + 1) // 2
                what = "%d inputs at once are refused, and sent in halves"
                self._client.note(self._settings, what, len(batch))
                if error.failure.kind is TOO_LARGE:
                    self._size = half
                    inputs = batch + inputs
                    continue
                # It may be about one of them, and say nothing about the others.
                yield from self._embed(batch[:half])
                yield from self._embed(batch[half:])
                continue
            if self._size < self._question.batch and len(batch) == self._size:
                self._sizes.learn(self._settings, self._size)
            yield list(_parts(batch, answer))

    def _next_batch(self, inputs: list[Input]) -> list[Input]:
        """As many of the inputs as are asked for at once, and fit into the tokens of a minute."""
        limit = self._settings.tokens_per_minute
        if limit is None:
            return inputs[: self._size]
        sums = itertools.accumulate(_tokens(one) * FIRST_HEADROOM for one in inputs[: self._size])
        fitting = sum(tokens <= limit for tokens in sums)
        return inputs[: max(1, fitting)]

    def _ask(self, batch: list[Input], cuts: tuple[float, ...] = CUTS) -> Embeddings:
        try:
            answer = self._budget.complete(self._request(batch))
        except GatewayError as error:
            one = batch[0]
            action = decide_size(
                error.failure,
                is_too_much=len(batch) == 1 and says_too_much(error.failure),
                parts=1,
                can_shorten=bool(cuts) and isinstance(one, str),
            )
            if not isinstance(action, Shorten) or not isinstance(one, str):
                raise
            return self._ask([self._cut(one, int(_tokens(one) * cuts[0]))], cuts[1:])
        return replace(answer, tokens=answer.tokens or sum(map(_tokens, batch)))

    def _request(self, batch: list[Input]) -> Request[Embeddings]:
        question = self._question
        return embeddings_request(
            self._settings.model,
            batch,
            dimensions=question.dimensions,
            user=question.user,
        )

    def _fitting(self, one: Input) -> Input:
        one = not_blank(one)
        context = self._question.context
        if context is None or not isinstance(one, str) or estimate(one) <= context:
            return one
        return self._cut(one, context)

    def _cut(self, text: str, tokens: int) -> str:
        self._client.note(self._settings, "a text is cut to about %d tokens", tokens)
        return cut(text, tokens)


def _parts(batch: Sequence[Input], answer: Embeddings) -> Iterator[Embedded]:
    """Each input's vector, and its share of the tokens that were counted for all."""
    estimates = [_tokens(one) or 1 for one in batch]
    whole, before, given = sum(estimates), 0, 0
    for vector, estimated in zip(answer.vectors, estimates, strict=True):
        before += estimated
        tokens = answer.tokens * before // whole - given
        given += tokens
        yield Embedded(vector, tokens)


def _tokens(one: Input) -> int:
    """Estimated; an image counts as one of ordinary size does in a chat."""
    text = one if isinstance(one, str) else one.get("text")
    return TOKENS_PER_IMAGE["high"] if text is None else estimate(text)
