# `make help` lists the commands.

PORT ?= 8081
HTTPS_PORT ?= 8443
HTTP_PORT ?= 8080
METRICS_PORT ?= 9145
VENV := .venv
BIN := $(VENV)/bin
NODE := miniprogram/node_modules/.installed tests/clients/node_modules/.installed
# only the locked versions, and only files whose hash is in the lock
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --no-deps --require-hashes \
	--only-binary :all:
UPGRADE ?=
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help serve stack test hostile soak scale host bench lint audit sbom lock update

help: ## show this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

serve: $(VENV)/serving ## the service alone, on 127.0.0.1:8081 (or PORT=)
	$(BIN)/uwsgi --ini uwsgi.ini --http-socket 127.0.0.1:$(PORT)

stack: $(VENV)/serving ## nginx, supervisord and uWSGI over HTTPS, as on a real host
	@deploy/programs.sh
	$(BIN)/python -m deploy.stack --https-port $(HTTPS_PORT) --http-port $(HTTP_PORT) \
		--metrics-port $(METRICS_PORT) $(STACK_DIR)

test: $(VENV)/testing programs $(NODE) ## install what the tests need and run them all, three at a time
	$(BIN)/python -m pytest -n 3 --dist loadfile

hostile: $(VENV)/testing programs ## 10,000 hostile uploads, dear and broken photos, a fuzzer; half an hour
	$(BIN)/python -m tests.hostile
	$(BIN)/python -m tests.hostile.dearest
	$(BIN)/python -m pytest --hypothesis-profile=hostile tests/model/test_photo_hostile.py
	$(BIN)/python -m tests.hostile.fuzz --seconds 60

soak: $(VENV)/testing programs ## faults, floods and 20,000 requests; an hour, as root (docs/reliability.md)
	$(BIN)/python -m tests.reliability

scale: $(VENV)/testing programs ## hosts behind HAProxy, the container, two Ray workers; half an hour, as root
	$(BIN)/python -m tests.scale.balancer
	$(BIN)/python -m bench.bulk
	@deploy/programs.sh buildah podman runc debootstrap curl jq
	tests/scale/container.sh

bench: $(VENV)/testing programs ## speed and memory, on an idle machine; ten minutes, BENCH=--quick three
	@deploy/programs.sh wrk:wrk
	$(BIN)/python -m bench $(BENCH)

host: $(VENV)/testing ## run deploy/install.sh on a bare Debian, without systemd and with it; as root
	tests/host.sh
	tests/host.sh --booted

lint: $(VENV)/testing ## ruff and mypy
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

audit: $(VENV)/testing programs ## known vulnerabilities in the locked packages (docs/security.md)
	$(BIN)/python requirements/audit.py

sbom: $(VENV)/testing ## list the parts of the service as CycloneDX: var/yanling.cdx.json
	$(BIN)/python requirements/sbom.py var/yanling.cdx.json

lock: $(VENV)/testing ## requirements/*.in -> *.txt with hashes; UPGRADE=1 also updates indirect packages
	$(LOCK) requirements/testing.in -o requirements/testing.txt
	set -e; for name in serving training ray sbom; do \
		$(LOCK) -c requirements/testing.txt requirements/$$name.in -o requirements/$$name.txt; done

update: $(VENV)/testing ## the newest versions of all packages into requirements/*; then judge them: make test
	$(BIN)/python requirements/update.py
	@$(MAKE) --silent lock UPGRADE=1

$(VENV)/serving: requirements/serving.txt
	python3 -m venv $(VENV)
	$(PIP) -r requirements/serving.txt
	touch $@

# sslyze has no wheel; setuptools, which builds it, comes with training
$(VENV)/testing: $(VENV)/serving requirements/training.txt requirements/testing.txt
	$(PIP) -r requirements/training.txt
	$(PIP) --no-binary sslyze --no-build-isolation -r requirements/testing.txt
	touch $@

# the mini-program's linter and tests, and what generates a client; install scripts are not needed
$(NODE): %/node_modules/.installed: %/package-lock.json | programs
	cd $* && npm ci --ignore-scripts --silent
	touch $@

# Debian packages of what the tests run besides the stack; installed as root or with sudo
.PHONY: programs
programs:
	@deploy/programs.sh curl:curl node:nodejs npm:npm chromium:chromium faketime:faketime \
		promtool:prometheus haproxy:haproxy php-fpm:php-fpm\ php-curl
