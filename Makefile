# Everything here works with Python 3.11 (or newer) and make; nothing is installed outside this folder.

PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SET_UP := .venv/.set_up
WORKERS := 2

.PHONY: setup demo test lint types suites coverage bench clean

setup: $(SET_UP)

# Once, and again when the pinned list or the project file changes. The last step compiles the kernels.
$(SET_UP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m sim.fast.warm
	touch $@

demo: setup
	$(BIN)/meshgov compare scenarios/england_2020.toml \
		--structures command,brisk_command,networked_centre,silos,mesh \
		--replicates 16 --out results/demo --force

test: lint types suites

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy

suites: setup
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal --durations 10

# A chosen subset of the tests, with compilation switched off so that every line of a kernel is seen.
coverage: setup
	$(BIN)/coverage erase
	NUMBA_DISABLE_JIT=1 $(BIN)/coverage run -m pytest -m coverage_subset --numprocesses $(WORKERS) --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	mkdir -p .cache
	$(BIN)/coverage json --quiet -o .cache/coverage.json
	$(BIN)/python .ci/coverage_floors.py .cache/coverage.json

bench: setup
	$(BIN)/python -m benchmarks.bench

# Everything that was made, but the libraries in .venv: the next set-up compiles the kernels again.
clean:
	rm -rf $(SET_UP) .cache build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* htmlcov
	find sim tests -name __pycache__ -type d -prune -exec rm -rf {} +
