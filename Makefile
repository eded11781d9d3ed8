# Courrielleur: everything a person runs. Needs Python 3.11 or later, make and git; `make help` lists the commands.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev up test lint bench fuzz texts shell lock

# The first Python that is new enough; `make setup PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v $$name && break; done)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# A stamp per lock: what is installed is installed again only when the lock has changed.
BASE := .venv/base-$(shell git hash-object requirements/base.txt)
DEV := .venv/dev-$(shell git hash-object requirements/dev.txt)
FUZZ := .venv/fuzz-$(shell git hash-object requirements/fuzz.txt)
INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes
# No --universal: the pins of Python 3.11 serve the later ones too. No line of it names a package registry.
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-annotate pyproject.toml
CODE := courrielleur fbl abuse consent manage.py
# One more than two cores: many tests wait for the processes they start.
JOBS ?= 3

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 12

setup: $(BASE) ## make .venv with what the product needs

up: setup ## start everything with the demo on the embedded database; Ctrl-C stops it
	@exec $(MANAGE) up --demo

test: setup-dev ## run all tests
	@.ci/system-packages
	@$(MANAGE) compile_texts
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

lint: setup-dev ## check style, types, layers, migrations, catalogues' form and the API schema
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(MANAGE) check --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) compile_texts
	$(MANAGE) spectacular --file /dev/null --validate --fail-on-warn

bench: setup-dev ## measure, as in: make bench ARGS=river
	@$(MANAGE) bench $(ARGS)

fuzz: setup-dev $(FUZZ) ## feed the readers damaged input, as in: make fuzz ARGS="--seconds 60 mail"; see tests/fuzz/run.py
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

texts: setup-dev ## collect the words of the pages into the catalogues (needs gettext); then translate what is new
	$(MANAGE) makemessages -l fr -l en --no-location --no-obsolete --no-wrap -i .venv -i var -i tests

shell: setup ## Python with the product's models, on the running database or its own
	@$(MANAGE) shell

lock: setup ## write the pinned and hashed requirements from pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK) --output-file requirements/base.txt
	$(LOCK) --group dev --constraint requirements/base.txt --output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--no-annotate --group pyproject.toml:fuzz --output-file requirements/fuzz.txt

setup-dev: $(DEV)

$(BASE): | .venv/bin/python
	@echo "Installing what Courrielleur needs into .venv (once; about a minute)." >&2
	@$(INSTALL) --requirement requirements/base.txt
	@rm -f .venv/base-*; touch $@

$(DEV): $(BASE)
	@echo "Installing what the tests need into .venv (once)." >&2
	@$(INSTALL) --requirement requirements/dev.txt
	@rm -f .venv/dev-*; touch $@

$(FUZZ): $(DEV)
	@echo "Installing what fuzzing needs into .venv (once)." >&2
	@$(INSTALL) --only-binary :all: --requirement requirements/fuzz.txt
	@rm -f .venv/fuzz-*; touch $@

.venv/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or later is needed and none was found. Install it, or: make setup PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi
	@$(PYTHON) -m venv .venv || { \
		rm -rf .venv; \
		echo "No virtual environment could be made. On Debian: apt-get install python3-venv" >&2; \
		exit 1; \
	}
