# Needs only Python 3.11–3.13 and make. Every target first makes the environment, once.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: venv demo test lint format bench

venv: $(READY)

# The lock names every package with its hash; nothing else is installed. The build tool of the project itself is
# among them, so it needs no download of its own.
$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	touch $@

demo: $(READY)
	$(BIN)/tiendo demo

test: lint
	scripts/debian_packages.sh
	$(BIN)/pytest -n 2

lint: $(READY)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(READY)
	$(BIN)/python -m benchmarks
