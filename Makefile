# What a newcomer types. Needs only python3 (3.11 or newer, with venv and pip), make and a network; everything else is fetched into .uv and .venv.
# The system's own python3 first: distributions build it optimised; a plain pyenv build needs a tenth more processor time (docs/performance.md).
PYTHON ?= $(shell for p in /usr/bin/python3 python3; do "$$p" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$p"; exit; }; done; echo python3)
UV_VERSION := 0.13.9
UV := .uv/bin/uv
YBA := .venv/bin/yba
PY := .venv/bin/python
# Three workers for two processors: journeys and other processes are waited for. On 2026-11-22 (9,870 tests, 2 cores) three took 18:14 beside a
# build in Java, two 21:39 with the machine to themselves.
JOBS ?= 3
export UV_PROJECT_ENVIRONMENT ?= .venv

.PHONY: help setup demo serve test test-long check format docs docs-site bench clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; point to it with: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .uv || { echo "python3 lacks venv; on Debian: apt install python3-venv"; rm -rf .uv; exit 1; }
	.uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" --group dev --group docs
	-@$(PY) tools/build_web.py
	@touch $@

setup: .venv/.ready ## make .venv with the command yba
	@echo "ready: $(YBA) --help"

demo: setup ## a synthetic province: claims files, records, pages (5,000 residents, 3 months; SERVE=0 exits instead of serving)
	YBA_VAR=$${YBA_VAR:-var/demo} $(YBA) demo $(if $(filter 0,$(SERVE)),--no-serve) $(ARGS)

serve: setup ## pages and gateway on http://127.0.0.1:8000/
	$(YBA) serve

test: setup ## the short suite (embedded PostgreSQL 18)
	$(PY) -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -m "not long" $(ARGS)

test-long: setup ## everything, also on PostgreSQL 15 and on Python 3.13
	UV=$(UV) sh tools/test_long.sh $(ARGS)

check: setup ## what must hold before a change goes in
	$(PY) tools/check.py

format: setup ## let the formatter have its way
	.venv/bin/ruff check --fix-only --quiet src tests tools
	.venv/bin/ruff format --quiet src tests tools

docs: setup ## write the generated pages and lists anew
	$(PY) tools/generate.py

docs-site: docs ## build the site into site/
	.venv/bin/mkdocs build --strict --quiet

bench: setup ## measure; the figures of docs/performance.md
	$(YBA) bench ingest --json
	$(YBA) bench record --json

clean: ## remove what was built (not var/)
	rm -rf .venv .uv site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
