# The few commands. `make help` lists them.

PORT ?= 8081
HTTPS_PORT ?= 8443
HTTP_PORT ?= 8080
METRICS_PORT ?= 9145
STACK_DIR ?= var/stack
VENV := .venv
BIN := $(VENV)/bin
NODE := miniprogram/node_modules/.installed
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help serve stack test hostile soak host lint

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

serve: $(VENV)/serving ## the service alone, on 127.0.0.1:8081 (PORT= overrides)
	$(BIN)/uwsgi --ini uwsgi.ini --http 127.0.0.1:$(PORT)

stack: $(VENV)/testing programs ## nginx + supervisord + uWSGI over HTTPS, as an operator gets it
	$(BIN)/python deploy/stack.py $(STACK_DIR) --https-port $(HTTPS_PORT) --http-port $(HTTP_PORT) \
		--metrics-port $(METRICS_PORT)

test: $(VENV)/testing programs $(NODE) ## install what the tests need and run them all
	$(BIN)/python -m pytest

hostile: $(VENV)/testing programs ## 10,000 hostile uploads, then 20,000 broken photos; ten minutes
	$(BIN)/python -m tests.hostile
	$(BIN)/python -m pytest --hypothesis-profile=hostile tests/model/test_photo_hostile.py

soak: $(VENV)/testing programs ## faults, floods and 20,000 requests; an hour, as root (docs/reliability.md)
	$(BIN)/python -m bench.reliability

host: $(VENV)/testing ## deploy/install.sh on a bare Debian in a folder, with upgrade and roll-back; as root
	tests/host.sh

lint: $(VENV)/testing ## ruff and mypy
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

$(VENV)/serving: requirements.txt
	python3 -m venv $(VENV)
	$(PIP) install --no-deps -r requirements.txt
	touch $@

$(VENV)/testing: $(VENV)/serving requirements-training.txt requirements-ray.txt requirements-test.txt
	$(PIP) install -c requirements.txt -r requirements-training.txt \
		-r requirements-ray.txt -r requirements-test.txt
	touch $@

# the mini-program's checkers; their install scripts are not needed
$(NODE): miniprogram/package-lock.json | programs
	cd miniprogram && npm ci --ignore-scripts --silent
	touch $@

# Debian's packages that the real stack and the browser tests need; root or sudo installs them
.PHONY: programs
programs:
	@deploy/programs.sh
