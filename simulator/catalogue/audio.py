"""What only recordings and sound know: answers that are wrong or odd."""

from simulator.catalogue.row import Row, rows

_SPEECH = ("speech",)
_HEARD = ("transcriptions",)
_WRONG = "seen: JSON, a page or nothing in place of sound"
_SEEN = "openai one-api new-api rix"

AUDIO: tuple[Row, ...] = (
    *rows(_SEEN, "sound-in-chunks sound-with-tag", "success: framing", endpoints=_SPEECH),
    *rows("openai", "sound-until-closed", "success: RFC 9112, 6.3", endpoints=_SPEECH),
    *rows("openai", "sound-as-json-type sound-as-bytes", "success: wrong type", endpoints=_SPEECH),
    *rows("openai", "sound-is-wave", "success: another format than asked for", endpoints=_SPEECH),
    *rows("openai rix", "characters-100", "success: a short text", endpoints=_SPEECH),
    *rows("openai one-api", "voice-alloy", "success: a voice that it has", endpoints=_SPEECH),
    *rows("openai one-api", "voice-nova", "a voice that it has not", endpoints=_SPEECH),
    *rows("openai", "ok-every-5", "success: slowly, piece by piece", endpoints=_SPEECH),
    *rows(_SEEN, "sound-in-json sound-is-page sound-is-words", _WRONG, endpoints=_SPEECH),
    *rows(_SEEN, "sound-empty", _WRONG, endpoints=_SPEECH),
    *rows("one-api new-api rix", "cut-after-content", "seen: cut sound", endpoints=_SPEECH),
    *rows("openai", "text-plain text-verbose", "success: shapes of a text", endpoints=_HEARD),
    *rows("openai new-api", "text-empty", "success: nobody spoke", endpoints=_HEARD),
    *rows("openai new-api", "text-null text-missing", "seen: no text", endpoints=_HEARD),
)
