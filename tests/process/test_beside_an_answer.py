"""What Dify asks beside an answer, at a full gateway: it is soon over, as nobody misses it."""

import pytest

from devtools import Json, predefined
from models.llm.beside import MAX_WAIT_SECONDS
from tests.process.rig import WORDS, Rig, error_of, new_key, succeeded

TITLE: Json = {"max_tokens": 500, "temperature": 1}
QUESTIONS: Json = {"max_tokens": 256, "temperature": 0.0}
BUDGET = 4 * MAX_WAIT_SECONDS
ASKED = pytest.mark.parametrize(
    ("prompt", "parameters"),
    [("generate a title: hi\n", TITLE), ("hi\nquestions:\n", QUESTIONS)],
    ids=["title", "questions"],
)


@ASKED
def test_it_gives_up_while_others_wait(rig: Rig, prompt: str, parameters: Json) -> None:
    """The same by somebody outlasts it."""
    key = new_key()
    somebody, *nobody = (
        rig.chat(
            "rix/sat-forever",
            prompt,
            key=key if user_id == "u1" else None,
            stream=False,
            budget=BUDGET,
            parameters=parameters,
            user_id=user_id,
        )
        for user_id in ("u1", "", "unknown")
    )
    for session in nobody:
        assert error_of(session).error_type == "InvokeRateLimitError"
    assert not somebody.done
    assert len(rig.seen()) >= 2, "it does wait"
    error_of(somebody)


def test_it_is_told_of_the_model_that_is_the_default_of_a_workspace(rig: Rig) -> None:
    """Which calls a limit by another name, and takes no temperature."""
    forms = [
        predefined(rig.simulator.base_url, new_key("sk-saturated"), max_retry_seconds=f"{BUDGET}")
        for _ in range(2)
    ]
    somebody, title = (
        rig.plugin.chat(
            "gpt-5.4-mini",
            "generate a title: hi",
            credentials=form,
            stream=False,
            model_parameters=TITLE,
            user_id=user_id,
        )
        for form, user_id in zip(forms, ("u1", ""), strict=True)
    )
    error_of(title)
    assert not somebody.done
    error_of(somebody)


@ASKED
def test_a_free_gateway_answers_it(rig: Rig, prompt: str, parameters: Json) -> None:
    session = rig.chat("rix/ok", prompt, stream=False, parameters=parameters, user_id="")
    assert succeeded(session).text == WORDS
