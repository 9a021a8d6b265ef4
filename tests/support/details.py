"""What is said of one failure beside what is said of its kind."""

from engine.errors import Failure, Language


def details(failure: Failure, language: Language = "en") -> str:
    """Return its cause's sentences, if that is known, and its facts."""
    texts = failure.texts(language)
    known = (texts.headline, texts.now, texts.more) if failure.cause else ()
    return " ".join((*known, *(fact.say(language) for fact in failure.facts)))
