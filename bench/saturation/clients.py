"""The other clients, each a process of its own in `.venv-bench`, a thread for each call.

`python -m bench.saturation.clients NAME BASE_URL MODEL CALLS` prints one JSON list as its last
line: `[number, started, ended, succeeded]` for each call, monotonic seconds. Nothing of the plugin
is imported. Where a client has a choice, it has the one that gets most calls through: retries
until `BUDGET` is over.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it asks the network for prices

import botocore.retries.adaptive  # type: ignore[import-not-found]
import botocore.retries.standard  # type: ignore[import-not-found]
import botocore.retries.throttling  # type: ignore[import-not-found]
import openai  # type: ignore[import-not-found]
import tenacity  # type: ignore[import-not-found]

BUDGET = 480.0
"""Seconds."""
TIMEOUT = 600.0
STACK = 512 * 1024

type Ask = Callable[[str, str], None]
"""(model, prompt): returns when answered, raises when given up."""


def _openai(base_url: str, retries: int) -> Ask:
    client = openai.OpenAI(
        api_key="sk-bench", base_url=base_url, max_retries=retries, timeout=TIMEOUT
    )

    def ask(model: str, prompt: str) -> None:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}])

    return ask


def three_tries(base_url: str) -> Ask:
    """Three tries with pauses of 2 x 2^n + U(0, 1) seconds, as plugins in the field do it."""
    once = _openai(base_url, 0)

    def ask(model: str, prompt: str) -> None:
        for repeat in range(2):
            try:
                return once(model, prompt)
            except openai.RateLimitError:
                time.sleep(2 * 2**repeat + random.random())
        return once(model, prompt)

    return ask


def full_jitter(base_url: str) -> Ask:
    """Tenacity: a random part of min(2^n, 8) seconds, until the budget is over."""
    once = _openai(base_url, 0)
    retrying = tenacity.Retrying(
        wait=tenacity.wait_random_exponential(multiplier=1, max=8),
        stop=tenacity.stop_after_delay(BUDGET),
        retry=tenacity.retry_if_exception_type(openai.RateLimitError),
        reraise=True,
    )
    return lambda model, prompt: retrying.copy()(once, model, prompt)


class _Throttled:
    """What botocore's limiter asks; AWS's error codes are the caller's knowledge here."""

    def is_throttling_error(self, *, throttled: bool) -> bool:
        """As told."""
        return throttled


def adaptive_bucket(base_url: str) -> Ask:
    """Botocore's adaptive mode: its token bucket and its backoff, until the budget is over."""
    once = _openai(base_url, 0)
    adaptive = botocore.retries.adaptive
    clock = adaptive.bucket.Clock()
    limiter = adaptive.ClientRateLimiter(
        rate_adjustor=botocore.retries.throttling.CubicCalculator(
            starting_max_rate=0, start_time=clock.current_time()
        ),
        rate_clocker=adaptive.RateClocker(clock),
        token_bucket=adaptive.bucket.TokenBucket(max_rate=1, clock=clock),
        throttling_detector=_Throttled(),
        clock=clock,
    )

    def ask(model: str, prompt: str) -> None:
        deadline = time.monotonic() + BUDGET
        repeats = 0
        while True:
            limiter.on_sending_request(request=None)
            try:
                once(model, prompt)
            except openai.RateLimitError:
                limiter.on_receiving_response(throttled=True)
                if time.monotonic() > deadline:
                    raise
                time.sleep(min(20.0, random.random() * 2**repeats))
                repeats += 1
            else:
                limiter.on_receiving_response(throttled=False)
                return

    return ask


def litellm_router(base_url: str, keys: int) -> Ask:
    """A litellm router with so many deployments, each with a key of its own, and ten retries."""
    import litellm  # type: ignore[import-not-found]  # noqa: PLC0415 - takes seconds, others do without

    litellm.suppress_debug_info = True
    deployments = [
        {
            "model_name": model,
            "litellm_params": {
                "model": f"openai/{model}",
                "api_base": base_url,
                "api_key": f"sk-bench-{key}",
            },
        }
        for model in (WARM_UP, "crowded")
        for key in range(keys)
    ]
    router: Any = litellm.Router(model_list=deployments, num_retries=10, timeout=TIMEOUT)

    def ask(model: str, prompt: str) -> None:
        router.completion(model=model, messages=[{"role": "user", "content": prompt}])

    return ask


CLIENTS: dict[str, Callable[[str], Ask]] = {
    "three_tries": three_tries,
    "openai_2": lambda base_url: _openai(base_url, 2),
    "openai_10": lambda base_url: _openai(base_url, 10),
    "litellm_1": lambda base_url: litellm_router(base_url, 1),
    "litellm_3": lambda base_url: litellm_router(base_url, 3),
    "tenacity": full_jitter,
    "botocore": adaptive_bucket,
}
WARM_UP = "ok"


def main() -> None:
    """Make all calls at once and tell what became of them."""
    name, base_url, model, calls = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    ask = CLIENTS[name](base_url)
    ask(WARM_UP, "hi")
    found: list[tuple[int, float, float, bool]] = []

    def call(number: int) -> None:
        began = time.monotonic()
        try:
            ask(model, str(number))
            ok = True
        except Exception:  # noqa: BLE001 - whatever it is, the call was not answered
            ok = False
        found.append((number, began, time.monotonic(), ok))

    threading.stack_size(STACK)
    threads = [threading.Thread(target=call, args=(number + 1,)) for number in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
