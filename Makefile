# Every target does its own set-up; a second run reinstalls nothing.
PYTHON ?= python3
BIN := .venv/bin
# Without bytecode every start of pytest rewrites Hypothesis again: 1 to 1.5 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help venv verify test lint bench clean
help:
	@echo "make verify   verify every claim, leave the evidence in build/evidence.json"
	@echo "make test     pytest over the claims and the tests"
	@echo "make lint     ruff, mypy and the layers of the house"
	@echo "make bench    measure speed beside torch and jax"
	@echo "make clean    remove what the other targets made"

venv: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

verify: venv
	@mkdir -p build
	$(BIN)/claims verify --evidence build/evidence.json

test: venv
	$(BIN)/python -m pytest

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/installed-bench: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench,torch,jax]'
	@touch $@

bench: .venv/installed-bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv build dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
