# The only door. `make` alone lists what is behind it.
.DEFAULT_GOAL := help
.PHONY: help setup demo replay redrive digest test faults lint bench screenshots build deploy build-AlertFunction build-DigestFunction lambda-python

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
PAGE := local/page
MODULES := $(PAGE)/node_modules/.installed
BUILT_PAGE := $(PAGE)/dist/.built
NPM = PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix $(PAGE)
LAMBDA_PYTHON_VERSION := 3.13

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 13

setup: $(STAMP) $(BUILT_PAGE) ## create .venv with everything needed, and build the demo's page

$(STAMP): pyproject.toml requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "shirase needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Node comes with .venv. What neither the lock file nor the sources have changed is not fetched or built again.
$(MODULES): $(PAGE)/package.json $(PAGE)/package-lock.json | $(STAMP)
	$(NPM) ci --loglevel=error
	@touch $@

$(BUILT_PAGE): $(MODULES) $(PAGE)/index.html $(PAGE)/vite.config.ts $(shell find $(PAGE)/src $(PAGE)/public -type f 2>/dev/null)
	$(NPM) run --silent build -- --logLevel warn
	@touch $@

demo: $(STAMP) $(BUILT_PAGE) ## show the real stack at work on this machine (ONCE=1: exit when done)
	@$(BIN)/python -m local.demo $(if $(ONCE),--once)

replay: $(STAMP) ## run sample events through the handler (EVENT=file; STACK=name: through a deployed stack)
	@$(BIN)/python -m local.replay $(if $(STACK),--stack '$(STACK)') $(EVENT)

# REASON reaches the shell through the environment, for it may hold any character.
redrive: $(STAMP) ## show the dead letters of a deployed stack (STACK=name) and put them back (REASON=text or ALL=1)
	@$(BIN)/python -m local.redrive.redrive --stack '$(STACK)' --reason="$$REASON" $(if $(filter 1,$(ALL)),--all)

digest: $(STAMP) ## run the digest now (STACK=name: on a stack; ACCOUNT=1: here, with your account's findings)
	@$(BIN)/python -m local.digest $(if $(STACK),--stack '$(STACK)') $(if $(filter 1,$(ACCOUNT)),--account)

test: $(STAMP) $(BUILT_PAGE) ## run every test
	$(BIN)/python -m pytest

faults: $(STAMP) ## let everything around the stack fail, in every way we know of, and count what arrives (half an hour)
	FAULTS=all $(BIN)/python -m pytest tests/faults --capture=no

lint: $(STAMP) $(MODULES) ## run linters, type checks and template checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(NPM) run --silent check
	$(BIN)/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-ap-northeast-1} $(BIN)/sam validate --lint

screenshots: $(STAMP) $(BUILT_PAGE) ## make the pictures of the demo's page in docs/image/
	$(BIN)/python -m local.screenshots

bench: $(STAMP) ## run the benchmarks, for some minutes (BENCH=name: one of them; ALL=1: the long ones too)
	$(BIN)/python -m tests.bench $(BENCH)

build: $(STAMP) ## build the functions' artifacts
	SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/$(BIN):$$PATH" sam build

deploy: build ## deploy to your AWS account, asking for each setting
	PATH="$(CURDIR)/$(BIN):$$PATH" sam deploy --guided

# SAM calls these, once a function. Without metadata and true file times the artifact is the same from build to build.
# Bytecode takes a third off a cold start, for Lambda can't keep what it compiles. It is good for one version of Python
# alone: where that isn't at hand the artifact goes without. Its paths are those on Lambda, as tracebacks show them.
build-AlertFunction build-DigestFunction:
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --only-binary :all: \
		--python-version $(LAMBDA_PYTHON_VERSION) --implementation py --abi none --platform any \
		--requirement requirements.txt --target "$(ARTIFACTS_DIR)"
	rm -rf "$(ARTIFACTS_DIR)"/bin "$(ARTIFACTS_DIR)"/*.dist-info
	cp -R handlers shared "$(ARTIFACTS_DIR)"
	find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +
	python="$$($(MAKE) --silent --no-print-directory lambda-python)"; test -z "$$python" || "$$python" -m compileall -q \
		--invalidation-mode unchecked-hash -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"
	find "$(ARTIFACTS_DIR)" -exec touch -d 2000-01-01T00:00:00Z {} +

# Prints a Python of Lambda's version, if there is one: in .venv, on PATH, or of pyenv.
lambda-python:
	@for python in $(BIN)/python python$(LAMBDA_PYTHON_VERSION) "$$HOME"/.pyenv/versions/$(LAMBDA_PYTHON_VERSION).*/bin/python; do \
		if "$$python" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] != "$(LAMBDA_PYTHON_VERSION)")' 2>/dev/null; then \
			echo "$$python"; break; \
		fi; \
	done
