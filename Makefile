# Two commands on a fresh machine: `make serve` and `make test`. They need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.installed
WORKERS ?= 2
CONSUMERS := tests/consumers
NODE_PACKAGES := node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help serve test consumers consumer-packages endurance lint format openapi examples bench fuzz clean

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

serve: $(READY)  ## the program with its own database and demo data, on 127.0.0.1:8000 (PORT=9000 make serve)
	@exec $(BIN)/tillsammans serve

test: $(READY)  ## the whole suite, on the embedded PostgreSQL (WORKERS=4 make test)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

consumers: consumer-packages  ## generated clients and a page of another origin (needs node 20 and npm)
	$(BIN)/pytest -m consumers $(CONSUMERS)

consumer-packages: $(READY) $(CONSUMERS)/typescript/$(NODE_PACKAGES) $(CONSUMERS)/browser/$(NODE_PACKAGES) $(CONSUMERS)/webhooks/$(NODE_PACKAGES) $(CONSUMERS)/python/.venv/.installed

endurance: $(READY)  ## 100,000 cases with five kills, 10,000 changes by 20 writers (minutes)
	TILLSAMMANS_ENDURANCE=1 $(BIN)/pytest -m endurance

lint: $(READY)  ## ruff, mypy strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## put the code in its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: $(READY)  ## rewrite the committed contract, openapi/openapi.json
	$(BIN)/tillsammans openapi

examples: $(READY)  ## rewrite the sample files for imports, openapi/examples (a minute)
	$(BIN)/python -m app.demo.samples openapi/examples

bench: $(READY)  ## requests per second, beside a bare endpoint that does the same by hand
	$(BIN)/python -m tests.performance

fuzz: $(READY)  ## schemathesis over every operation, with many examples
	TILLSAMMANS_FUZZ_EXAMPLES=500 $(BIN)/pytest tests/house/test_fuzz.py

clean:  ## back to a fresh clone: the environment, the caches and the demo database go
	rm -rf .venv .tillsammans build *.egg-info .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		.import_linter_cache .schemathesis
	rm -rf $(CONSUMERS)/*/node_modules $(CONSUMERS)/python/.venv $(CONSUMERS)/typescript/build $(CONSUMERS)/typescript/src/generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Tillsammans needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	@echo 'Preparing .venv (once, and when the pinned packages change) …'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(CONSUMERS)/%/$(NODE_PACKAGES): $(CONSUMERS)/%/package-lock.json
	@cd $(CONSUMERS)/$* && npm ci --silent
	@touch $@

$(CONSUMERS)/python/.venv/.installed: $(CONSUMERS)/python/requirements.txt
	@$(PYTHON) -m venv $(CONSUMERS)/python/.venv
	@$(CONSUMERS)/python/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
