# The few commands. `make help` lists them.

PORT ?= 8081
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help serve stack test lint

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

serve: $(VENV)/serving ## the service alone on 127.0.0.1:8081 (PORT= overrides)
	$(BIN)/uwsgi --ini uwsgi.ini --http 127.0.0.1:$(PORT)

$(VENV)/serving: requirements.txt
	python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
	touch $@
