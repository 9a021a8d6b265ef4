"""Reading an answer in words to its end, as the adapter of chat models does."""

from engine.apis.text_answer import Finish
from engine.client import Client
from engine.delta import ContentKind, Delta
from engine.errors import GatewayError
from engine.request import Request
from engine.settings import Settings


def read_words(
    client: Client, settings: Settings, request: Request[Finish]
) -> tuple[str, Finish | GatewayError]:
    """Ask; the text with thoughts in `<think>`, and what came at the end.

    Raises:
        AssertionError: nothing came at the end.
    """
    texts: list[str] = []
    thinking = False
    try:
        for event in client.stream(settings, request):
            if isinstance(event, Delta):
                if (event.content_kind is ContentKind.REASONING) is not thinking:
                    texts.append("\n</think>" if thinking else "<think>\n")
                    thinking = not thinking
                texts.append(event.text)
            elif isinstance(event, Finish):
                texts.append("\n</think>" if thinking else "")
                return "".join(texts), event
    except GatewayError as error:
        return "".join(texts), error
    raise AssertionError("an answer without a finish")
