"""The locale files: one sentence for one key in every language, short, and none without use."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from engine.errors import KINDS, Failure, Language
from engine.errors.explanation import explain, opened
from engine.errors.kinds import CAUSES
from engine.errors.messages import BOTH, Message, cause_message, language_of, sentences

ROOT = Path(__file__).resolve().parents[3]
IN_EACH = pytest.mark.parametrize("language", BOTH)

FIRST: dict[Language, int] = {"en": 90, "zh": 45}
WHOLE: dict[Language, int] = {"en": 300, "zh": 150}
"""Characters of the first sentence, the plugin's name included, and of the whole."""

_END: dict[Language, str] = {"en": r"(?<=[^.]{2}\.) ", "zh": r"(?<=。)"}

SECTION_OF = {
    "MalformedError": "facts",
    "WaveError": "facts",
    "_malformed": "facts",
    "_too_large": "facts",
    "_refused": "settings",
    "_Fault": "settings",
    "SettingsError": "settings",
    "RefusedError": "refusals",
    "cause_message": "causes",
}
"""What takes a key without its section."""


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def first_sentence(text: str, language: Language) -> str:
    return re.split(_END[language], text, maxsplit=1)[0]


def sources() -> Iterator[ast.AST]:
    for folder in ("engine", "models"):
        for path in (ROOT / folder).rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


def written() -> tuple[set[str], list[str]]:
    """All texts in the code, and the patterns of those that are put together."""
    texts, patterns = set(), []
    for node in sources():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = [str(one.value) if isinstance(one, ast.Constant) else "" for one in node.values]
            # A section alone in front of a placeholder would fit every key of it.
            if re.fullmatch(r"(?:\w+\.)?\w+_", parts[0]):
                patterns.append(r"\w+".join(re.escape(part) for part in parts if part) + r"\w*")
    return texts, patterns


@IN_EACH
def test_every_language_has_the_same_keys_and_placeholders(language: Language) -> None:
    english, said = sentences("en"), sentences(language)
    assert list(said) == list(english), "in the same order, so that files can be compared"
    differing = [key for key in said if placeholders(said[key]) != placeholders(english[key])]
    assert differing == []
    assert [key for key in said if bool(said[key]) != bool(english[key])] in ([], ["frame.between"])


def test_there_is_a_file_for_every_language_and_no_other() -> None:
    files = {path.stem for path in (ROOT / "engine" / "errors" / "locales").iterdir()}
    assert files == {"en_US", "zh_Hans"}


def test_every_sentence_is_used() -> None:
    texts, patterns = written()
    unused = []
    for key in sentences("en"):
        section, _, name = key.partition(".")
        if section in {"kinds", "causes"} or not name:
            continue
        names = {key, name, name.rpartition(".")[2]}
        if not names & texts and not any(
            re.fullmatch(pattern, one) for pattern in patterns for one in names
        ):
            unused.append(key)
    assert unused == []


def test_every_key_that_the_code_names_is_there() -> None:
    known = sentences("en")
    section = r"(?:frame|facts|settings|refusals)\.[\w.]*[a-z]"
    named = {text for text in written()[0] if re.fullmatch(section, text)}
    for node in sources():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            at = 1 if name in {"SettingsError", "_Fault"} else 0
            argument = node.args[at] if len(node.args) > at and name in SECTION_OF else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                end = ".headline" if SECTION_OF[name] == "causes" else ""
                named.add(f"{SECTION_OF[name]}.{argument.value}{end}")
    assert len(named) > 100
    assert named - known.keys() == set()


@IN_EACH
def test_kinds_and_causes_are_those_of_the_catalogue(language: Language) -> None:
    parts = {"kinds": ("headline", "now", "meaning", "more", "prevention")}
    expected = [f"kinds.{kind.name}.{part}" for kind in KINDS for part in parts["kinds"]]
    expected += [f"causes.{name}.{part}" for name in CAUSES for part in ("headline", "now", "more")]
    found = [key for key in sentences(language) if key.startswith(("kinds.", "causes."))]
    assert sorted(found) == sorted(expected)


@IN_EACH
def test_every_failure_is_told_in_a_toast(language: Language) -> None:
    failures = [Failure(kind) for kind in KINDS]
    failures += [Failure(kind, cause=cause_message(name)) for name, kind in CAUSES.items()]
    told = [explain(failure, (language,)) for failure in failures]
    assert [text for text in told if len(first_sentence(text, language)) > FIRST[language]] == []
    assert [text for text in told if len(text) > WHOLE[language]] == []


@IN_EACH
def test_every_refusal_of_ours_is_told_in_a_toast(language: Language) -> None:
    keys = [key for key in sentences(language) if re.match(r"(settings|refusals)\.\w+$", key)]
    said = [sentences(language)[key] for key in keys]
    ends = "." if language == "en" else "。"
    told = [opened("frame.between", [text], language) for text in said if text.endswith(ends)]
    assert len(told) > 40
    assert [text for text in told if len(first_sentence(text, language)) > FIRST[language]] == []
    assert [text for text in told if len(text) > WHOLE[language]] == []


def test_each_language_is_written_in_its_own_letters() -> None:
    assert [key for key, text in sentences("en").items() if not text.isascii()] == [
        "frame.words",
        "frame.status_and_words",
        "frame.key_ending",
        "facts.finish_reason",
        "facts.no_list",
    ]
    latin = [text for text in sentences("zh").values() if text and language_of(text) == "en"]
    assert [text for text in latin if re.search(r"[a-z]{2,} [a-z]{2,} ", text)] == []


CALQUES = "自动摸索|自动接力|来不及排到|沉默|等待没有用|回答是空的|回答中途断开|韧性网关："


def test_words_that_nobody_says_are_gone() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "readme").glob("*.md"), ROOT / "README.md"]
    texts = [path.read_text("utf-8") for path in pages] + list(sentences("zh").values())
    texts += [path.read_text("utf-8") for path in (ROOT / "cli").rglob("locales/*.json")]
    found = [re.findall(f".{{0,20}}(?:{CALQUES}).{{0,20}}", text) for text in texts]
    assert [one for each in found for one in each] == []


@IN_EACH
def test_fields_are_called_as_the_form_calls_them(language: Language) -> None:
    form = yaml.safe_load((ROOT / "provider" / "resilient_gateway.yaml").read_text("utf-8"))
    fields = [
        *form["provider_credential_schema"]["credential_form_schemas"],
        *form["model_credential_schema"]["credential_form_schemas"],
    ]
    tag = {"en": "en_US", "zh": "zh_Hans"}[language]
    labels = {one["variable"]: re.sub(r" ?[(（].*", "", one["label"][tag]) for one in fields}
    for key, name in sentences(language).items():
        variable = key.removeprefix("settings.field.")
        if variable != key and variable in labels:
            assert name == labels[variable], variable


def test_a_message_says_what_stands_in_it_in_the_same_language() -> None:
    inner = Message("refusals.type.whole")
    whole = Message("refusals.parameter_type", (("name", "n"), ("type", inner)))
    assert whole.say("en") == "the model parameter n must be a whole number."
    assert whole.say("zh") == "模型参数 n 必须是整数。"


TEXTS = {
    "Hello, are you there?": "en",
    "你好": "zh",
    "What does 你好 mean?": "zh",
    "これは何ですか、教えてください": "en",
    "漢字とかな": "en",
    "ﾊﾝｶｸ 漢字": "en",
    "안녕하세요": "en",
    "": "en",
    "𠀀": "zh",
    "张三・李四": "zh",
}


@pytest.mark.parametrize(("text", "language"), TEXTS.items())
def test_the_readers_language_is_that_of_the_question(text: str, language: Language) -> None:
    assert language_of(text) == language
