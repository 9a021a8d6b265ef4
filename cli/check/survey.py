"""The whole check, one thing after the other; it stops where nothing more can work."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from cli.check import balance, identity
from cli.check.address import check_address
from cli.check.capabilities import TRIES, Asking, attempt
from cli.check.load import Step, find_limit, steps_up_to
from cli.check.load import outcome_of as outcome_of_load
from cli.check.models import by_type, is_safe_choice, plausible_chat_models, to_try
from cli.check.outcome import Outcome, Verdict, failed
from cli.check.wire import CountedTransport, page_limits, read_page
from cli.check.words import NAMES, SAY, TYPE_NAMES
from engine.call.model_list import model_entries
from engine.call.page import root_of
from engine.errors import AttemptError, Failure, Language
from engine.errors.kinds import NO_CHANNEL, WRONG_URL
from engine.settings import Settings

_NAMES_SHOWN = 6
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Plan:
    """What is going to be asked of models.

    Attributes:
        calls: name and model of each single request.
        load: calls at once at the end; 0 for none.
        load_model: whom they ask.
    """

    calls: tuple[tuple[str, str], ...]
    load: int = 0
    load_model: str = ""

    @property
    def load_calls(self) -> int:
        """Requests that the search for a limit sends at most."""
        return sum(steps_up_to(self.load)) if self.load else 0


@dataclass(slots=True)
class Survey:
    """A check of one gateway.

    Args:
        settings: endpoint and keys.
        typed: the address as it was typed.
        language: of what is said.
        model: the chat model to ask; empty to choose one.
        load: calls at once to try at most; 0 for none.
        calls: whether models are asked at all.
        announce: told what will be asked, before it is.
        begin: told the name of what comes next.
        choose: asked which chat model to use, where several are plausible: the models, the best
            choice first; empty for none. Without it a cheap or known one is taken, or none.
    """

    settings: Settings
    typed: str
    language: Language
    model: str = ""
    load: int = 0
    calls: bool = True
    announce: Callable[[Plan], None] = lambda _plan: None
    begin: Callable[[str], None] = lambda _name: None
    choose: Callable[[list[str]], str] | None = None
    transport: CountedTransport = field(default_factory=CountedTransport)
    models: dict[str, list[str]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    asked: str = ""
    """The chat model that is asked."""
    _good: Settings | None = None
    """With the first key that works."""

    def run(self) -> Iterator[Outcome]:
        """Every line of the report, as soon as it is known."""
        for outcome in self._run():
            self.outcomes.append(outcome)
            yield outcome

    @property
    def endpoint(self) -> str:
        """The base URL that leads to the API, as far as is known."""
        return self.settings.endpoint

    def _run(self) -> Iterator[Outcome]:
        self.begin(self._name("dns"))
        for outcome in check_address(self.settings.endpoint, self.language):
            yield outcome
            if outcome.verdict is Verdict.UNREACHED:
                return
        self.begin(self._name("url"))
        yield from self._keys()
        if any(outcome.verdict is Verdict.UNREACHED for outcome in self.outcomes):
            return
        yield self._family()
        if self.models:
            yield self._listed()
        if self._good is None:
            return
        self.begin(self._name("balance"))
        yield self._balance(self._good)
        yield from self._capabilities(self._good)

    def _family(self) -> Outcome:
        status, headers = None, {}
        try:
            status = read_page(self.transport, root_of(self.settings), "api/status")
            headers = dict(status.headers)
        except AttemptError:
            with contextlib.suppress(AttemptError):
                headers = dict(read_page(self.transport, self.settings, "models").headers)
        found = identity.identify(headers, status)
        if not found.family:
            found = identity.identify_by_pages(self.transport, self.settings)
        return identity.outcome_of(found, self.language)

    def _keys(self) -> Iterator[Outcome]:
        """Ask for the list of models with each key; the address is judged by the first answer."""
        for number, settings in enumerate(self.settings.each_key(), start=1):
            began = time.monotonic()
            try:
                entries = model_entries(self.transport, settings, page_limits())
            except AttemptError as error:
                if number == 1 and error.failure.kind is WRONG_URL:
                    yield from self._other_address(error.failure)
                    return
                yield self._refused(number, error.failure)
                continue
            seconds = time.monotonic() - began
            if number == 1:
                if not self.outcomes or self.outcomes[-1].name != "url":
                    yield self._address_is_right()
                yield Outcome("latency", Verdict.OK, f"{seconds * 1000:.0f} ms", seconds=seconds)
            for kind, names in by_type(entries).items():
                known = self.models.setdefault(kind, [])
                known += [name for name in names if name not in known]
            if entries and self._good is None:
                self._good = settings
            yield self._accepted(number, len(entries))

    def _address_is_right(self) -> Outcome:
        endpoint, language = self.settings.endpoint, self.language
        is_added = "/v1" in urlsplit(endpoint).path and "/v1" not in self.typed
        sentence, verdict = ("url_added", Verdict.NOTE) if is_added else ("url_ok", Verdict.OK)
        return Outcome("url", verdict, SAY[sentence].say(language).format(endpoint=endpoint))

    def _other_address(self, failure: Failure) -> Iterator[Outcome]:
        """The typed address leads to no API: perhaps one with /v1 at its end does."""
        wrong = self.settings.endpoint
        for tried in dict.fromkeys((f"{wrong}/v1", f"{self.settings.origin}/v1")):
            other = replace(self.settings, endpoint=tried)
            if tried == wrong or not self._leads_to_api(other):
                continue
            self.settings = other
            text = SAY["url_other"].say(self.language).format(typed=wrong, endpoint=tried)
            advice = SAY["url_advice"].say(self.language).format(endpoint=tried)
            yield Outcome("url", Verdict.FAILED, text, advice, WRONG_URL.name)
            yield from self._keys()
            return
        if failure.status == _NOT_FOUND:
            self._good = self.settings
            key = self._key_name(1)
            yield Outcome("key", Verdict.OK, SAY["key_no_list"].say(self.language).format(key=key))
        else:
            yield failed("url", failure, self.language)

    def _leads_to_api(self, settings: Settings) -> bool:
        try:
            model_entries(self.transport, settings, page_limits())
        except AttemptError as error:
            return error.failure.kind is not WRONG_URL
        return True

    def _refused(self, number: int, failure: Failure) -> Outcome:
        outcome = failed("key", failure, self.language)
        name = self._key_name(number)
        return replace(outcome, text=f"{name}: {outcome.text}")

    def _accepted(self, number: int, count: int) -> Outcome:
        name = self._key_name(number)
        if count:
            text = SAY["key_ok"].say(self.language).format(key=name, count=count)
            return Outcome("key", Verdict.OK, text)
        text = SAY["key_none"].say(self.language).format(key=name)
        advice = SAY["group_advice"].say(self.language)
        return Outcome("key", Verdict.FAILED, text, advice, NO_CHANNEL.name)

    def _key_name(self, number: int) -> str:
        if len(self.settings.each_key()) == 1:
            return SAY["the_key"].say(self.language)
        return SAY["key_number"].say(self.language).format(number=number)

    def _listed(self) -> Outcome:
        parts = []
        for kind, names in self.models.items():
            shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
            parts.append(f"{len(names)} {TYPE_NAMES[kind].say(self.language)}: {shown}")
        return Outcome("models", Verdict.OK, "\n".join(parts))

    def _balance(self, settings: Settings) -> Outcome:
        try:
            found = balance.read_balance(self.transport, settings)
        except AttemptError:
            return Outcome("balance", Verdict.SKIPPED, SAY["no_balance"].say(self.language))
        return balance.outcome_of(found, self.language)

    def _capabilities(self, settings: Settings) -> Iterator[Outcome]:
        chosen = self._chosen()
        plan = self._plan(chosen)
        self.announce(plan)
        if not self.calls:
            return
        asking = Asking(self.transport, settings, self.language)
        for name, kind, attempted in TRIES:
            if kind not in chosen:
                yield Outcome(name, Verdict.SKIPPED, self._why_not(kind))
                continue
            self.begin(self._name(name))
            outcome = attempt(name, attempted, asking, chosen[kind])
            yield outcome
            if name == "chat" and outcome.verdict is not Verdict.OK:
                chosen.pop(kind)  # What follows would fail for the same reason, and cost the same.
        if plan.load and "llm" in chosen:
            self.begin(self._name("load"))
            self.steps = find_limit(asking, plan.load_model, plan.load)
            yield outcome_of_load(self.steps, asking)

    def _chosen(self) -> dict[str, str]:
        chosen = {kind: to_try(names) for kind, names in self.models.items()}
        if chat := self.model or self._chat_model():
            chosen["llm"] = chat
        else:
            chosen.pop("llm", None)
        self.asked = chosen.get("llm", "")
        return chosen

    def _chat_model(self) -> str:
        """The chat model to ask; empty if there is none, or nobody says which is meant."""
        names = plausible_chat_models(self.models.get("llm", []))
        if self.calls and self.choose and len(names) > 1:
            return self.choose(names)
        return names[0] if names and is_safe_choice(names) else ""

    def _why_not(self, kind: str) -> str:
        if kind != "llm" or not self.models.get(kind):
            return SAY["no_model"].say(self.language)
        return SAY["not_asked" if self.asked else "which_model"].say(self.language)

    def _plan(self, chosen: dict[str, str]) -> Plan:
        if not self.calls:
            return Plan(())
        calls = tuple((name, chosen[kind]) for name, kind, _ in TRIES if kind in chosen)
        return Plan(calls, self.load if self.asked else 0, self.asked)

    def _name(self, name: str) -> str:
        return NAMES[name].say(self.language)
