# Every task takes ARGS="..." and passes it on. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUIET := --quiet --disable-pip-version-check
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.DEFAULT_GOAL := help
.PHONY: help setup test unit integration lrs chaos format demo map bench rivals generate kafka lock clean

help:  ## List every task with a line of help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements-uv.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 1; }
	@echo "setting up $(VENV) from the lock file" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install $(QUIET) --require-hashes --requirement requirements-uv.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --no-deps --require-hashes --requirement requirements-dev.lock \
		|| $(BIN)/python -m pip install $(QUIET) --no-deps --require-hashes --requirement requirements-dev.lock
	@$(BIN)/python -m pip install $(QUIET) --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY)  ## Set up everything in .venv, from the lock file

test: $(READY)  ## Lint, types, import arrows, and all tests but the marked tiers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

unit: $(READY)  ## Only the fast tests, e.g. make unit ARGS="-k lane"
	$(BIN)/pytest tests/unit tests/contract $(ARGS)

integration: $(READY)  ## The suite on a real Apache Kafka (needs Maven and a JDK 17 or newer)
	$(BIN)/pytest -m kafka $(ARGS)

lrs: $(READY)  ## The xAPI connector against a real learning record store (needs node and npm)
	$(BIN)/pytest -m lrs $(ARGS)

chaos: $(READY)  ## Kill processes at random for two minutes, on a real Apache Kafka
	$(BIN)/pytest -m chaos $(ARGS)

format: $(READY)  ## Put the code into its one format
	$(BIN)/ruff check --fix . $(ARGS)
	$(BIN)/ruff format . $(ARGS)

demo: $(READY)  ## The main job on real data; ARGS="--once --json" needs nobody
	@$(BIN)/tandem demo $(ARGS)

map: $(READY)  ## Compare two lists: make map ARGS="ours.csv partner.csv --out overlaps.csv"
	@$(BIN)/tandem map $(ARGS)

bench: $(READY)  ## Every benchmark, one after the other; ARGS="--json"
	@for each in benchmarks/[a-z]*.py; do $(BIN)/python $$each $(ARGS) || exit 1; done

generate: $(READY)  ## Write what is made from code: JSON Schemas, AsyncAPI, reference pages
	$(BIN)/python -m tandem.generate $(ARGS)

rivals: $(READY)  ## Install what the matching benchmarks compare Tandem with: splink, name_matching
	$(BIN)/uv pip install --quiet --no-deps --require-hashes --requirement requirements-rivals.lock $(ARGS)

kafka: tests/integration/kafka/lib  ## Collect a real Apache Kafka from Maven Central for the tests

tests/integration/kafka/lib:
	cd tests/integration/kafka && mvn -B -q package $(ARGS)

lock: $(READY)  ## Resolve the dependencies anew into the lock files
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.lock $(ARGS)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-dev.lock $(ARGS)
	$(BIN)/uv pip compile pyproject.toml --group dev --group rivals --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-rivals.lock $(ARGS)
	echo uv | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-uv.lock $(ARGS)

clean:  ## Remove what was set up and built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
