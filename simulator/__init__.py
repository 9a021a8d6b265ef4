"""A real HTTP server that fails exactly as One API, New API, LiteLLM and others fail.

`Simulator` is the server, `CATALOGUE` the table of what it can be asked to do. What a request gets
is decided by its model's name, `[FAMILY/]BEHAVIOUR`, and by its key:

- families: `one-api`, `new-api`, `new-api-2026-08`, `one-hub`, `done-hub`, `litellm`, `gpt-load`,
  `rix` (the default), `shell`, `cdn`, `openai` (see `families`); a base URL may name one too, as in
  `ORIGIN/new-api/v1`, for requests that name no model;
- behaviours: `replies` (successes), `faulty` (vectors, rankings and verdicts gone wrong), `errors`
  and `failures` (of the upstream), `strict` (what a model's vendor refuses), `own` (the gateway's
  own refusals), `claude`; with prefix and suffixes as `behaviours` says; the names that
  `GET /v1/models` lists answer like `ok`, unknown ones have no channel;
- capacity: `slots-K[-MS]`, `bucket-RATE-BURST[-MS]`, `window-N-SECONDS[-MS]`, `windowf-...` (where
  failures count), or a scenario (see `scenario`);
- keys: `keys` lists those that are refused, any other is good.
"""

from simulator.catalogue import CATALOGUE, Row
from simulator.server import Seen, Simulator

__all__ = ["CATALOGUE", "Row", "Seen", "Simulator"]
