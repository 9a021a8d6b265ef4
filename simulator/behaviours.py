"""The answer of a behaviour: its name taken apart, played, and passed on by the family.

A name is `[ping-[MS-]]BEHAVIOUR[-N-then-OK][-ra[-SECONDS]|-rams[-MS]|-radate[-SECONDS]]`.
"""

import math
import re
import time
from dataclasses import replace
from email.utils import formatdate

from simulator import claude, litellm_errors, models, own, own_newer, upstream
from simulator.answer import Answer, End, Headers, json_answer, no_answer
from simulator.call import Call
from simulator.cdn import cloudflare_524
from simulator.families import FAMILIES
from simulator.keys import group_of
from simulator.newapi import NEW_APIS, asked, pinged
from simulator.routes import redirection

_RETRY_AFTER = re.compile(r"(?P<rest>.+)-(?P<kind>ra|rams|radate)(?:-(?P<value>\d+(?:\.\d+)?))?")
_THEN_OK = re.compile(r"(?P<rest>.+)-(?P<times>\d+)-then-(?P<ok>ok[\w-]*)")
_PING = re.compile(r"ping-(?:(?P<ms>\d+)-)?(?P<rest>.+)")
_DATE_AHEAD = 2.0
"""Seconds between now and the date of `-radate`, if it names none."""


def behave(call: Call) -> Answer:
    """The answer to the call, as a client of its family receives it."""
    told: Headers = ()
    name = call.behaviour
    if pings := _PING.fullmatch(name):
        name = pings["rest"]
    if match := _RETRY_AFTER.fullmatch(name):
        told, name = (_retry_after(match["kind"], match["value"]),), match["rest"]
    if match := _THEN_OK.fullmatch(name):
        base = "sat-forever" if match["rest"] == "sat" else match["rest"]
        name = base if call.nth <= int(match["times"]) else match["ok"]
    answer = _played(replace(call, behaviour=name))
    if told and answer.status >= 400:
        kept = (pair for pair in answer.headers if pair[0] != "Retry-After")
        answer = replace(answer, headers=(*kept, *told))
    return pinged(answer, int(pings["ms"] or 1000) / 1000) if pings and call.stream else answer


def refused(call: Call, name: str) -> Answer:
    """The gateway's own refusal of that name."""
    special = {
        "hang": lambda: no_answer(End.HANG),
        "list-fails": lambda: json_answer(200, {"success": False, "message": "数据库错误"}),
        "sat-forever": lambda: saturated(call),
    }
    if name in special:
        return special[name]()
    if name in own.EMPTY_BODIES:
        return Answer(own.EMPTY_BODIES[name])
    name = "invalid-url" if name == "list-missing" else name
    if own_newer.is_known(f"{call.endpoint}-{name}", call.family):
        name = f"{call.endpoint}-{name}"
    refusal = own_newer.refusal(name, call.family)
    values = {
        "model": call.model,
        "group": group_of(call.key),
        "key": f"{call.key[:6]}***{call.key[-3:]}",
        "path": call.path,
        "rid": call.rid,
        "trailer": f"\n\n{litellm_errors.trailer(call.model)}",
    }
    said = refusal.zh if refusal.zh and call.language.startswith("zh") else refusal.message
    message = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], said)
    return FAMILIES[call.family].error(refusal, message, call.rid)


def saturated(call: Call) -> Answer:
    """A 429 as this family writes it."""
    return _played(replace(call, behaviour="sat-forever"))


def _retry_after(kind: str, value: str | None) -> tuple[str, str]:
    if kind == "rams":
        return "retry-after-ms", value or "100"
    if kind == "ra":
        return "Retry-After", value or "1"
    ahead = float(value) if value else _DATE_AHEAD
    return "Retry-After", formatdate(math.ceil(time.time() + ahead), usegmt=True)


def _played(call: Call) -> Answer:
    family = FAMILIES[call.family]
    name = call.behaviour
    if name in models.MODELS:
        name = "ok" if name == "ok" else "able"
        call = replace(call, behaviour=name)
    if (fault := _fault_of_model(call)) is not None:
        return refused(call, fault)
    call = _with_channel(call)
    if (answer := redirection(call)) is not None:
        return answer
    if name == "e524-json":
        return cloudflare_524()
    if name.startswith("claude-"):
        return claude.played(call, family.translate)
    if call.family == "litellm" and call.endpoint == "embeddings":
        call = replace(call, body={k: v for k, v in call.body.items() if k != "dimensions"})
    try:
        answer = upstream.play(asked(call) if call.family in NEW_APIS else call)
    except upstream.UnknownBehaviourError:
        if family.checks or not family.is_gateway:
            return refused(call, "no-channel")
        answer = upstream.play(replace(call, behaviour="e404-model"))
    return family.translate(call, answer)


def _with_channel(call: Call) -> Call:
    """One API takes `whisper-1`'s channel for every recording, whatever model is named (§7)."""
    if call.family != "one-api" or call.endpoint != "transcriptions":
        return call
    if call.behaviour == "dead-port":
        return replace(call, behaviour="ok")
    try:
        upstream.play(call)
    except upstream.UnknownBehaviourError:
        return replace(call, behaviour="e404-model")
    return call


def _fault_of_model(call: Call) -> str | None:
    """The refusal that this model's name means to this gateway, or None."""
    name = call.behaviour
    if own_newer.is_known(name, call.family) or name in own.EMPTY_BODIES:
        return name
    if name == "unpriced-model" and call.family in NEW_APIS:
        return "model-price-error"
    if name == "only-in-vip" and group_of(call.key) == "default":
        return "no-channel"
    return None
