"""Stop words, applied on this side: not every API and model knows them."""

from collections.abc import Mapping, Sequence


def stop_words(chat: Mapping[str, object]) -> tuple[str, ...]:
    """Where the answer to a chat request has to end."""
    stop = chat.get("stop")
    words = [stop] if isinstance(stop, str) else stop if isinstance(stop, list | tuple) else ()
    return tuple(word for word in words if isinstance(word, str) and word)


class StopWords:
    """Lets a text through up to the first of some words, however the text is cut into pieces.

    Attributes:
        met: one of them has come; the answer ends before it.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._longest = max(map(len, self._words), default=0)
        self._held = ""
        self.met = False

    def take(self, text: str) -> str:
        """Add text; returns what may be handed on: no beginning of a stop word is."""
        if self.met or not self._words:
            return "" if self.met else text
        text = self._held + text
        # As the model writes: the word that is complete first counts.
        met = [(at + len(word), at) for word in self._words if (at := text.find(word)) >= 0]
        if met:
            self.met = True
            self._held = ""
            return text[: min(met)[1]]
        keep = self._beginning(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def rest(self) -> str:
        """The text has ended: what was held back was no stop word."""
        held, self._held = self._held, ""
        return held

    def _beginning(self, text: str) -> int:
        """How many characters at the end may be the beginning of a stop word."""
        for length in range(min(self._longest - 1, len(text)), 0, -1):
            if any(word.startswith(text[-length:]) for word in self._words):
                return length
        return 0
