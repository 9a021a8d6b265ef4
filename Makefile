# Resilient Gateway. Everything works from a fresh clone with Python 3.12 and make.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Options of single runs: make test ARGS="-k forms"; make demo PROMPT="Tell me a joke"
ARGS ?=
# Processes that pytest runs in. CI machines have two cores, and half of the tests' time is waiting.
WORKERS ?= 4
# How long `make soak` asks.
MINUTES ?= 60

# The environment is made anew whenever a requirements file changes.
STAMP := .venv/.ready-$(shell cat requirements.txt requirements-dev.txt | cksum | tr ' ' '-')
PY := .venv/bin/python
BROWSER_STAMP := .venv-browser/.ready-$(shell cat requirements-browser.txt | cksum | tr ' ' '-')
BROWSER_PY := .venv-browser/bin/python

.PHONY: help demo test test-browser lint site catalogue package release debug bench saturation indexing nodes soak clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): requirements.txt requirements-dev.txt
	@sh scripts/make_venv.sh $@

$(BROWSER_STAMP): requirements-browser.txt
	@sh scripts/make_venv.sh $@ .venv-browser requirements-browser.txt

demo: $(STAMP) ## watch a chat get through a full gateway, simulated or yours (docs/cli.md)
	@$(PY) -m scripts.demo $(ARGS)

lint: $(STAMP) ## format, lint and types only
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

# The tests start a hundred processes of what is here: it is compiled once, whatever the shell says.
test: lint ## everything CI runs: lint, types, and all tests
	@sh scripts/find_redis.sh >/dev/null
	@sh scripts/find_litellm.sh >/dev/null
	PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

# In a browser of this machine; Playwright lives in an environment of its own, as only this needs it.
test-browser: $(STAMP) $(BROWSER_STAMP) ## our pages in a real browser, metrics in a real Prometheus
	@browser=$$(sh scripts/find_chromium.sh) && prometheus=$$(sh scripts/find_prometheus.sh) && \
		CHROMIUM="$$browser" PROMETHEUS="$$prometheus" $(BROWSER_PY) -m pytest -c tests/browser/pytest.ini tests/browser $(ARGS)

site: $(STAMP) ## build the page that explains errors into dist/site (needs npm)
	@$(PY) -m scripts.site $(ARGS)

catalogue: $(STAMP) ## write the predefined models' files from scripts/catalogue/models.md
	@$(PY) -m scripts.catalogue

package: $(STAMP) ## build dist/*.difypkg, checked against the daemon's rules
	@$(PY) -m scripts.package $(ARGS)

release: $(STAMP) ## package, checksum and notes into dist/; KEY=our_key.private.pem signs it
	@$(PY) -m scripts.release $(if $(KEY),--key $(KEY)) $(ARGS)

debug: $(STAMP) ## run the plugin against a Dify in remote-debugging mode (.env)
	@sh scripts/debug.sh $(PY)

bench: $(STAMP) ## compare with the SDK's own OpenAI-compatible class
	@$(PY) -m bench $(ARGS)

saturation: $(STAMP) ## measure a full gateway beside other clients (within an hour)
	@$(PY) -m bench.saturation $(ARGS)

indexing: $(STAMP) ## measure a knowledge base indexed through a full gateway (seven minutes)
	@$(PY) -m bench.indexing $(ARGS)

soak: $(STAMP) ## ask for an hour, or MINUTES=n, and fail on memory that goes on growing
	@sh scripts/find_redis.sh >/dev/null
	@$(PY) -m bench.soak $(MINUTES) $(ARGS)

nodes: $(STAMP) ## measure several processes and a stopped Redis (half an hour)
	@sh scripts/find_redis.sh >/dev/null
	@$(PY) -m bench.instances $(ARGS)

clean: ## remove .venv, dist and caches
	rm -rf .build .venv .venv-browser .venv-bench .venv-runtime .venv-redis .venv-litellm dist .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
