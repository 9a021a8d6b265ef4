"""Reads an answer that is one JSON document, of use only as a whole."""

from collections.abc import Callable, Mapping

from gateway.documents import parse_document
from gateway.failure import AttemptError, Failure, classify
from gateway.failure.evidence import evidence_of_document, has_error, read_evidence
from gateway.failure.kinds import MALFORMED_ANSWER, TRUNCATED
from gateway.pieces import Piece
from gateway.request import NewReader

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes; a batch of vectors takes a few million."""

_SHOWN = 4096


class MalformedError(ValueError):
    """A document is not what was asked for; the text says what is wrong with it, for people."""


class JsonAnswerReader[Result]:
    """Collects a body, and makes the result of it when it has ended.

    Nothing is handed on before that, so that a broken answer may be asked for again.

    Args:
        parse: makes the result of the document; raises ``MalformedError`` where it cannot.
        plain: makes the result of a body of plain text, where that is an answer too.
        name_of_list: under which ``parse`` finds a body that is a list; empty if none may be.
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
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        self._parse = parse
        self._name_of_list = name_of_list
        self._plain = plain
        self._status = status
        self._headers = headers
        self._body = bytearray()

    def feed(self, chunk: bytes, _pieces: list[Piece]) -> None:
        """Add bytes of the body.

        Raises:
            AttemptError: there are more of them than any such answer has.
        """
        self._body += chunk
        if len(self._body) > LARGEST_DOCUMENT:
            raise self._malformed(f"It is larger than {LARGEST_DOCUMENT} bytes.")

    def close(self, _pieces: list[Piece]) -> Result:
        """The body has ended.

        Raises:
            AttemptError: it is an error, no JSON object, or not what was asked for.
        """
        if not self._body.strip():
            raise self._malformed("Its body is empty.")
        text = self._body.decode("utf-8", "replace")
        if self._plain is not None and self._is_plain(text):
            return self._plain(text)
        try:
            document = parse_document(text)
        except ValueError:
            raise self._not_json() from None
        if has_error(document):
            evidence = evidence_of_document(self._status, self._headers, document)
            raise AttemptError(classify(evidence))
        if isinstance(document, list) and self._name_of_list:
            document = {self._name_of_list: document}
        if not isinstance(document, dict):
            raise self._malformed("It is no JSON object.")
        try:
            return self._parse(document)
        except MalformedError as error:
            raise self._malformed(str(error)) from None

    def cut(self, note: str) -> Failure:
        """What it means that the connection broke here."""
        return Failure(TRUNCATED, self._status, note=note)

    def _is_plain(self, text: str) -> bool:
        media_type = self._headers.get("Content-Type", "").strip().lower()
        return media_type.startswith("text/plain") and text.lstrip("\ufeff \r\n")[:1] not in "{<"

    def _not_json(self) -> AttemptError:
        evidence = read_evidence(self._status, self._headers, bytes(self._body[:_SHOWN]))
        if evidence.html:
            return AttemptError(classify(evidence))
        return self._malformed("It is no JSON.")

    def _malformed(self, detail: str) -> AttemptError:
        return AttemptError(Failure(MALFORMED_ANSWER, self._status, detail=detail))


def json_reader[Result](
    parse: Callable[[dict[str, object]], Result],
    plain: Callable[[str], Result] | None = None,
    name_of_list: str = "",
) -> NewReader[Result]:
    """A reader for answers that ``parse`` understands, and ``plain`` where text is one too."""
    return lambda status, headers: JsonAnswerReader(parse, plain, name_of_list, status, headers)
