"""Speaks a text of any length: part after part, as one file, in time for the daemon."""

import functools
import re
import time
from collections import deque
from collections.abc import Generator

from engine.apis.audio.speech import ANY, JOINING, Spoken, speech_request
from engine.apis.audio.wav import JoinedWaves, WaveError
from engine.call.attempt import MAX_CALL_SECONDS
from engine.call.policy import Split
from engine.client import Client
from engine.delta import Delta
from engine.errors import Failure, GatewayError
from engine.errors.explanation import given_up, reader_of
from engine.errors.kinds import MALFORMED_ANSWER
from engine.errors.messages import language_of
from engine.operations.accepted_sizes import AcceptedSizes, decide_size, is_too_much
from engine.operations.sentences import split_text
from engine.settings import Settings

MIN_PART_CHARACTERS = 64
"""Characters: what is refused at this length is not too long."""

_ABOUT_CHARACTERS = re.compile(r"characters", re.IGNORECASE)


@functools.cache
def shared_lengths() -> AcceptedSizes:
    """The lengths that this process remembers, in characters."""
    return AcceptedSizes()


def speak(
    client: Client,
    lengths: AcceptedSizes,
    settings: Settings,
    text: str,
    *,
    voice: str,
    longest: int,
    asker: str = "",
) -> Generator[bytes]:
    """Yield the sound of a text of any length as it arrives, part after part, as one file.

    Each part waits, is repeated and fails as a call of its own, with its own waiting budget; all
    of them together end in time for the daemon. A part that is refused as too long is halved.

    Args:
        client: asks the gateway.
        lengths: remembers how long a text a model took where it refused a longer one.
        settings: endpoint, key and model.
        text: what to speak.
        voice: one of the model's.
        longest: characters that the model takes at once, as far as is known.
        asker: on whose behalf it is asked.

    Raises:
        GatewayError: a part failed for good; what arrived before has been yielded.
    """
    began = time.monotonic()
    until = began + MAX_CALL_SECONDS
    taken = lengths.recall(settings, longest)
    refused = False
    parts = deque(split_text(text, taken))
    kinds = JOINING if len(parts) > 1 else ANY
    waves = JoinedWaves()
    while parts:
        part = parts.popleft()
        waves.begin()
        request = speech_request(settings.model, part, voice, kinds=kinds, asker=asker)
        try:
            for event in client.stream(settings, request, until=until):
                if isinstance(event, Delta):
                    if sound := event.sound if kinds is ANY else waves.take(event.sound):
                        yield sound
                elif isinstance(event, Spoken):
                    kinds = (event.sound,)
        except WaveError as error:
            failure = Failure(MALFORMED_ANSWER, facts=(error.fact,), after_content=True)
            raise given_up(failure, reader_of(settings, language_of(text))) from None
        except GatewayError as error:
            too_much = is_too_much(error.failure, _ABOUT_CHARACTERS)
            parts_of_it = 2 if len(part) > MIN_PART_CHARACTERS else 1
            action = decide_size(
                error.failure, is_too_much=too_much, parts=parts_of_it, can_shorten=False
            )
            if not isinstance(action, Split):
                raise
            what = "a text of %d characters is refused, and spoken in halves"
            client.note(settings, what, len(part))
            refused, taken = True, max(MIN_PART_CHARACTERS, len(part) // 2)
            parts = deque(short for each in (part, *parts) for short in split_text(each, taken))
            kinds = JOINING if kinds is ANY else kinds
        else:
            if refused:
                lengths.learn(settings, taken)
