PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# Where it is set, each of the tests' many processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz check bench simulate docs screenshots clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Open a ready workspace of sample sessions, half triaged (without a terminal: go the whole way by commands)
	@$(BIN)/molting demo

test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

fuzz: $(VENV)/.dev ## Look for what no reader, filter or sheet should choke on, with many more examples (some minutes)
	$(BIN)/python -m pytest -n auto --hypothesis-profile=fuzz tests/fuzz

check: $(VENV)/.dev ## Formatting, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## Measure speed and memory, as ratios in one run
	$(BIN)/python -m tests.bench

simulate: $(VENV)/.dev ## See whether verdicts err as seldom as they say, by many draws (a minute or two)
	$(BIN)/python -m tests.simulate

docs: $(VENV)/.dev ## Put keys, filters and commands into docs/ as the program has them
	$(BIN)/python -m tests.pages --write

screenshots: $(VENV)/.dev ## Make the pictures of README and docs/ again, from the demo's workspace
	$(BIN)/python -m tests.screenshots

clean: ## Remove the virtual environment and the caches
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[train]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev,train,parquet]'
	@touch $@ $(VENV)/.run
