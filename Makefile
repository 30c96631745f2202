# photodose: every command there is, for the laptop and for CI alike.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: coverage mutants audit kills validation help setup run demo test lint format bench docs safety-table lock assets messages seal clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | sort | expand -t 12

setup: $(STAMP)  ## Build .venv from locked versions

$(STAMP): requirements/lock.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "photodose needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

run: demo  ## The main job: the example plan, printed and drawn; then the application at http://localhost:8000
	@$(BIN)/photodose serve --demo

demo: setup  ## The example plan alone, printed and drawn
	@$(BIN)/python examples/first_plan.py

test: setup  ## Every test, in a real browser too
	@scripts/ensure_browser.sh
	$(BIN)/python -m pytest

coverage: setup  ## Every branch of the safety room by its unit tests; fails below 100 %
	$(BIN)/python -m pytest -q tests/unit/test_screening*.py tests/unit/test_safety*.py -k "not properties and not table" \
	  --cov=photodose.safety --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

mutants: setup  ## Mutation tests of the safety room (a quarter of an hour); fails for a survivor that is not explained
	nice $(BIN)/python scripts/mutants.py

lint: setup  ## ruff, mypy, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/check_assets.py

format: setup  ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## Speed, side by side with peers
	$(BIN)/python benchmarks/run.py

docs: setup  ## Build the documentation into site/
	$(BIN)/mkdocs build --strict

safety-table: setup  ## Write docs/safety-table.md: the hazards of every device of the catalogue
	$(BIN)/python scripts/safety_table.py

validation: setup  ## Generate the validation report (minutes)
	$(BIN)/python scripts/validation_report.py
	$(BIN)/python scripts/slab_convergence.py

lock:  ## Renew requirements/lock.txt (needs uv)
	uv pip compile pyproject.toml --extra app --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --output-file requirements/lock.txt

assets:  ## Build the scripts of the application again (needs Node 20 or newer)
	cd frontend && npm ci --no-fund --no-audit && npm run check && npm run build
	cp frontend/node_modules/htmx.org/dist/htmx.min.js src/photodose/app/static/vendor/
	cp frontend/node_modules/axe-core/axe.min.js tests/browser/assets/

messages: setup  ## Collect and compile translations (needs GNU gettext)
	scripts/messages.sh

kills: setup  ## Kill server and browser 50 times each, mid-session (ten minutes)
	@scripts/ensure_browser.sh
	PHOTODOSE_KILLS=50 $(BIN)/python -m pytest tests/browser/test_browser_failures.py -k kill

audit: setup  ## Hold the locked versions against published weaknesses (needs uv, Node and the network)
	uvx pip-audit --requirement requirements/lock.txt --require-hashes --disable-pip
	cd frontend && npm audit --package-lock-only

seal: setup  ## Record the checksums of the data after a reviewed change
	$(BIN)/python -m photodose.data.seal

clean:  ## Remove what was built
	rm -rf $(VENV) site build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis
