# Every target does its own set-up; a second run reinstalls nothing.
PYTHON ?= python3
BIN := .venv/bin
QUIETLY := --quiet --disable-pip-version-check
# Without bytecode every start of pytest rewrites Hypothesis again: 1 to 1.5 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help venv extras browser notebooks verify verify-backends page test test-long audit controls faults seeds mutants lint bench clean
help:
	@echo "make verify      verify every claim, leave the evidence in build/evidence.json"
	@echo "make verify-backends  the same of torch and jax, in both precisions of torch"
	@echo "make page        write the chapter as a page into build/page, from that evidence"
	@echo "make test        pytest over the claims and the tests"
	@echo "make test-long   the same with what takes minutes"
	@echo "make audit       what each claim catches of wrong formulas and models"
	@echo "make controls    what the machinery accepts and rejects"
	@echo "make faults      hostile input that was tried, and what happened"
	@echo "make seeds       a night's fifty seeds, recorded in build/seeds.jsonl"
	@echo "make mutants     the share of small changes that the tests notice (SAMPLE=150 SEED=0 ROOM=)"
	@echo "make notebooks   run the notebooks from top to bottom"
	@echo "make lint        ruff, mypy and the layers of the house"
	@echo "make bench       measure speed beside torch and jax"
	@echo "make venv        the set-up alone; make extras adds torch, jax, matplotlib, Dask"
	@echo "make browser     install what the tests of the page need: Chromium (Debian) and Playwright"
	@echo "make clean       remove what the other targets made"

venv: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(QUIETLY) --constraint constraints.txt --editable '.[dev]'
	@touch $@

verify: venv
	@mkdir -p build
	$(BIN)/claims verify --evidence build/evidence.json --reuse build/verified

page: verify
	$(BIN)/claims page --from build/evidence.json --out build/page

BACKENDS := torch torch:float32 jax
verify-backends: extras
	for backend in $(BACKENDS); do $(BIN)/claims verify --backend $$backend || exit 1; done

test: venv
	$(BIN)/python -m pytest --numprocesses auto --reuse build/verified

test-long: venv
	$(BIN)/python -m pytest --numprocesses auto --long

audit: venv
	$(BIN)/claims audit

controls: venv
	$(BIN)/python -m tests.controls

faults: venv
	$(BIN)/python -m tests.hostile

# For a night: some half a minute a seed on two cores.
seeds: venv
	$(BIN)/claims seeds --runs 50 --record build/seeds.jsonl

# A sample; CHANGED=main takes only what differs from it, and SAMPLE= all, for a night. In an
# environment of its own: a process that has loaded torch or jax is forked in vain.
SAMPLE ?= 150
SEED ?= 0
mutants: .venv-mutants/installed
	.venv-mutants/bin/python -m tests.mutants --seed $(SEED) $(if $(SAMPLE),--sample $(SAMPLE)) \
		$(if $(CHANGED),--changed-since $(CHANGED)) $(if $(ROOM),--room $(ROOM))

.venv-mutants/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-mutants
	.venv-mutants/bin/python -m pip install $(QUIETLY) --constraint constraints.txt --editable '.[dev,mutants]'
	@touch $@

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

extras: .venv/installed-extras

.venv/installed-extras: .venv/installed
	$(BIN)/python -m pip install $(QUIETLY) --constraint constraints.txt --editable '.[dev,bench,cluster,figures,torch,jax]'
	@touch $@

DEBIANS := /usr/bin/chromium
CHROMIUM ?= $(DEBIANS)
export CHROMIUM
browser: .venv/installed-browser
	@test -x "$(CHROMIUM)" || { \
		test "$(CHROMIUM)" = "$(DEBIANS)" && command -v apt-get >/dev/null && test "$$(id -u)" = 0 && \
		apt-get update -qq && apt-get install -qq --yes --no-install-recommends chromium >/dev/null && \
		test -x "$(CHROMIUM)"; \
	} || { \
		echo "make browser: there is no $(CHROMIUM), and apt-get as root did not install it."; \
		echo "Install Chromium or Chrome in any other way, and name it:"; \
		echo "    make browser test CHROMIUM=/path/to/chromium"; \
		echo "Without it the tests of the page in a browser are skipped; nothing else needs it."; \
		exit 1; \
	} >&2

.venv/installed-browser: .venv/installed
	$(BIN)/python -m pip install $(QUIETLY) --constraint constraints.txt --editable '.[dev,browser]'
	@touch $@

notebooks: .venv/installed-notebooks
	$(BIN)/python -m pytest --long tests/test_notebooks.py

.venv/installed-notebooks: .venv/installed
	$(BIN)/python -m pip install $(QUIETLY) --constraint constraints.txt --editable '.[dev,notebooks]'
	@touch $@

bench: extras
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .venv-mutants build dist mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
