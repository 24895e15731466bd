# lean-county: the commands of daily work. GNU make, Python 3.11 or newer, pip and venv are all that is assumed.
#   make demo                       the shortest way to a report
#   make test                       the whole test suite
#   make PYTHON=python3.13 test     the same on another Python, in an environment of its own

PYTHON  ?= python3
WORKERS ?= 2
ARGS    ?=

# Each Python version has its own environment, so that switching never meets a wrong one.
TAG  := $(shell $(PYTHON) -c 'import sys; print("%d.%d%s" % (sys.version_info[0], sys.version_info[1], getattr(sys, "abiflags", "")))' 2>/dev/null)
VENV := .venv-$(TAG)
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check
LOCK := requirements.lock.txt

.PHONY: help demo venv test test-quick bench lint lock wheel baseline clean distclean check-python
.DEFAULT_GOAL := help

help:
	@echo 'make demo        compare conventional100 with lean40 and write a report'
	@echo 'make test        run all tests          (ARGS="-k queue" passes options to pytest)'
	@echo 'make test-quick  run all tests but the slow ones'
	@echo 'make bench       run the benchmarks'
	@echo 'make lint        check style and the direction of imports'
	@echo 'make baseline    write the baseline numbers anew (and say so in CHANGELOG.md)'
	@echo 'make lock        resolve the pinned versions (ARGS=--upgrade takes newer ones)'
	@echo 'make wheel       build dist/*.whl'
	@echo 'make venv        only make the environment, here $(VENV)'
	@echo 'make clean       remove caches and dist;  make distclean  the environments too'
	@echo 'Another Python: make PYTHON=python3.13 test'

demo: venv
	$(BIN)/leancounty compare conventional100 lean40 --replications 5 --out results/demo
	@echo 'The report lies in results/demo:'
	@ls results/demo

test: venv
	$(BIN)/python -m pytest -q -n $(WORKERS) $(ARGS)

test-quick: venv
	$(BIN)/python -m pytest -q -n $(WORKERS) -m 'not slow and not browser' $(ARGS)

bench: venv
	$(BIN)/python -m benchmarks $(ARGS)

lint: venv
	$(BIN)/python -m ruff check .
	$(BIN)/lint-imports --no-cache

baseline: venv
	$(BIN)/python tests/update_baseline.py

wheel: venv
	$(BIN)/python -m hatchling build -t wheel

# The lock file holds pins and hashes for every supported Python and system, and no address.
lock: check-python
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command 'make lock' --quiet --output-file $(LOCK) $(ARGS)
	@if grep -nE '://|^-' $(LOCK); then echo 'error: $(LOCK) names an address or an option'; exit 1; fi

venv: $(VENV)/.project

# Made anew when the lock changes ...
$(VENV)/.locked: $(LOCK) | check-python
	@echo 'Making $(VENV) (about a minute) ...'
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --quiet --require-hashes -r $(LOCK)
	@touch $@

# ... and the project linked into it again when pyproject.toml changes.
$(VENV)/.project: $(VENV)/.locked pyproject.toml
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@$(PIP) check >/dev/null || { $(PIP) check; echo 'error: $(LOCK) does not fit pyproject.toml; run: make lock'; exit 1; }
	@touch $@

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=$$($(PYTHON) --version 2>/dev/null) || found='no working command'; \
	  echo "error: lean-county needs Python 3.11 or newer; $(PYTHON) is $$found."; \
	  echo 'Name another one: make PYTHON=python3.12 ...'; exit 1; } >&2

clean:
	find . -name __pycache__ -type d -not -path './.venv*' -prune -exec rm -rf {} +
	rm -rf dist build .pytest_cache .ruff_cache .hypothesis .import_linter_cache

distclean: clean
	rm -rf .venv-*
