"""Reads an answer that is one JSON document, of use only as a whole."""

import re
from collections.abc import Callable, Mapping, Sequence

from engine.delta import Delta
from engine.errors import AttemptError, Failure, classify
from engine.errors.evidence import evidence_of_document, has_error, read_evidence
from engine.errors.kinds import MALFORMED_ANSWER, SERVER_ERROR, TRUNCATED
from engine.errors.messages import Message, Value, message
from engine.http.json_stream import Document, DocumentStream
from engine.request import NewReader
from engine.text.json_document import parse_document

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Bytes; a batch of vectors takes a few million."""

_SHOWN = 4096
_LONGEST_WORDS = 500
_EVENTS = re.compile(r"\s*(?:event:|id:|retry:|:|data:\s*[\[{])", re.IGNORECASE)
"""How an event stream of JSON begins, whatever the type says."""

_NO_SENTENCE = re.compile(r"\s*(?:[\[{<\"]|\w+:)|.*[\x00-\x08\x0e-\x1f\ufffd]", re.DOTALL)

type Join = Callable[[Sequence[Document], bool], Document]
"""Makes one document of those of an event stream; told whether ``[DONE]`` has come.

Raises ``AttemptError`` where the stream broke off."""


class MalformedError(ValueError):
    """A document is not what was asked for.

    Args:
        fact: what is wrong with it: its key below ``facts``.
        values: of the sentence's placeholders.

    Attributes:
        fact: the sentence, for people.
    """

    def __init__(self, fact: str, **values: Value) -> None:
        self.fact = message(f"facts.{fact}", **values)
        super().__init__(self.fact.say("en"))


class JsonAnswerReader[Result]:
    """Collects a body, and makes the result of it when it has ended.

    Nothing is handed on before that, so that a broken answer may be asked for again.

    Args:
        parse: makes the result of the document; raises ``MalformedError`` where it cannot.
        plain: makes the result of a body of plain text, where that is an answer too.
        name_of_list: under which ``parse`` finds a body that is a list; empty if none may be.
        join: makes one document of several, where a gateway sends events all the same.
        status: of the answer.
        headers: of the answer.
    """

    content = False
    finished = False
    done = False

    def __init__(
        self,
        parse: Callable[[dict[str, object]], Result],
        plain: Callable[[str], Result] | None,
        name_of_list: str,
        join: Join,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        self._parse = parse
        self._name_of_list = name_of_list
        self._join = join
        self._plain = plain
        self._status = status
        self._headers = headers
        self._body = bytearray()

    def feed(self, chunk: bytes, _deltas: list[Delta]) -> None:
        """Add bytes of the body.

        Raises:
            AttemptError: there are more of them than any such answer has.
        """
        self._body += chunk
        if len(self._body) > MAX_DOCUMENT_BYTES:
            raise self._malformed("body_too_large", size=MAX_DOCUMENT_BYTES)

    def close(self, _deltas: list[Delta]) -> Result:
        """The body has ended.

        Raises:
            AttemptError: it is an error, no JSON object, or not what was asked for.
        """
        if not self._body.strip():
            raise self._malformed("body_empty")
        text = self._body.decode("utf-8", "replace")
        is_stream = _EVENTS.match(text) is not None
        if self._plain is not None and not is_stream and self._is_plain(text):
            return self._plain(text)
        try:
            document = None if is_stream else parse_document(text)
        except ValueError:
            document = None
        if document is None:
            document = self._streamed(text, is_stream=is_stream)
        if isinstance(document, list) and self._name_of_list:
            document = {self._name_of_list: document}
        if not isinstance(document, dict):
            raise self._malformed("not_json_object")
        if fails_for_sure(document):
            raise AttemptError(_told(self._status, self._headers, document))
        try:
            return self._parse(document)
        except MalformedError as error:
            failure = not_asked_for(self._status, self._headers, document, error.fact)
            raise AttemptError(failure) from None

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""
        return Failure(TRUNCATED, self._status, note=note)

    def _streamed(self, text: str, *, is_stream: bool) -> Document:
        """One document of a body of several: events, or a document in each line.

        Raises:
            AttemptError: it is neither, it reports an error, or it broke off.
        """
        try:
            if not is_stream:
                parse_document(text.lstrip("\ufeff \r\n").partition("\n")[0])
        except ValueError:
            raise self._not_json(text) from None
        stream = DocumentStream(self._status, self._headers)
        documents = [*stream.feed(bytes(self._body)), *stream.close()]
        if not documents:
            raise self._not_json(text)
        failed = next(filter(fails_for_sure, documents), None)
        return failed or self._join(documents, stream.done)

    def _is_plain(self, text: str) -> bool:
        media_type = self._headers.get("Content-Type", "").strip().lower()
        return media_type.startswith("text/plain") and text.lstrip("\ufeff \r\n")[:1] not in "{<"

    def _not_json(self, text: str) -> AttemptError:
        evidence = read_evidence(self._status, self._headers, bytes(self._body[:_SHOWN]))
        if evidence.html:
            return AttemptError(classify(evidence))
        # A sentence is for people; what is longer, or a piece of JSON or of an event, is not.
        is_sentence = len(text) <= _LONGEST_WORDS and _NO_SENTENCE.match(text) is None
        return self._malformed("not_json", text.strip() if is_sentence else "")

    def _malformed(self, fact: str, words: str = "", **values: Value) -> AttemptError:
        facts = (message(f"facts.{fact}", **values),)
        return AttemptError(Failure(MALFORMED_ANSWER, self._status, words, facts=facts))


def fails_for_sure(document: Mapping[str, object]) -> bool:
    """Whether a document says that it is no answer, whatever else stands in it.

    Vendors put a code and words beside an answer too ("success"): those count only where what was
    asked for is missing.
    """
    told = {name: document[name] for name in ("error", "base_resp") if document.get(name)}
    return document.get("success") is False or has_error(told)


def not_asked_for(
    status: int, headers: Mapping[str, str], document: Mapping[str, object], fact: Message
) -> Failure:
    """The failure of a document that lacks what was asked for: what it tells, in its own words.

    Args:
        status: of the answer.
        headers: of the answer.
        document: the answer.
        fact: what it lacks; for what tells of no failure.
    """
    told = _told(status, headers, document)
    if told.code or has_error(document) or told.kind is not SERVER_ERROR:
        return told
    return Failure(MALFORMED_ANSWER, status, told.words, facts=(fact,))


def _told(status: int, headers: Mapping[str, str], document: Mapping[str, object]) -> Failure:
    return classify(evidence_of_document(status, headers, document))


def last_document(documents: Sequence[Document], _done: bool) -> Document:
    """Of several documents the one that comes last, which holds everything or the failure."""
    return documents[-1]


def json_reader[Result](
    parse: Callable[[dict[str, object]], Result],
    plain: Callable[[str], Result] | None = None,
    name_of_list: str = "",
    join: Join = last_document,
) -> NewReader[Result]:
    """A reader for answers that ``parse`` understands, and ``plain`` where text is one too."""
    return lambda status, headers: JsonAnswerReader(
        parse, plain, name_of_list, join, status, headers
    )
