# The commands: `make demo`, `make serve` and `make test`. Nothing is needed before them but Python 3.11,
# its venv module, make and git. Everything lands in .venv and demo/, both safe to delete.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
DEMO_SIZE ?= 5000
DEMO_SEED ?= 1
# A stamp names the very locks it was installed from, so a changed lock reinstalls.
RUN_STAMP := $(VENV)/.run-$(shell cat requirements/run.lock pyproject.toml | sha256sum | cut -c1-16)
DEV_STAMP := $(VENV)/.dev-$(shell cat requirements/*.lock pyproject.toml | sha256sum | cut -c1-16)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes

.PHONY: demo serve test tor check docs bench format messages openapi lock clean

# The practice node has keys of its own, so that nothing outside this folder is touched.
demo: export PALERMO_HOME := $(CURDIR)/$(DEMO)/node
demo: $(RUN_STAMP)
	@rm -rf $(DEMO)
	$(BIN)/palermo scenario sirocco --out $(DEMO)/sirocco --size $(DEMO_SIZE) --seed $(DEMO_SEED)
	$(BIN)/palermo investigate $(DEMO)/sirocco/items.parquet \
	    --authority $(DEMO)/sirocco/authority.yaml --out $(DEMO)/case
	$(BIN)/palermo measure $(DEMO)/case --truth $(DEMO)/sirocco
	$(BIN)/palermo verify $(DEMO)/case --decrypt
	@echo "Open the dossier in a browser: file://$(CURDIR)/$(DEMO)/case/dossier.html"

# A node to practise on, with the practice case in it; people get one-time links, no passwords.
serve: export PALERMO_HOME := $(CURDIR)/$(DEMO)/desks
serve: $(RUN_STAMP)
	@test -f $(DEMO)/sirocco/items.parquet || \
	    $(BIN)/palermo scenario sirocco --out $(DEMO)/sirocco --size $(DEMO_SIZE) --seed $(DEMO_SEED)
	$(BIN)/palermo serve --practice $(DEMO)/sirocco

test: $(DEV_STAMP)
	@sh tools/system-packages
	$(MAKE) --no-print-directory check docs
	$(BIN)/python -m pytest -n auto --dist loadgroup

# A private Tor network on loopback; takes one to two minutes.
tor: $(DEV_STAMP)
	$(BIN)/python -m pytest -m tor tests/evidence/capture/test_tor.py

check: $(DEV_STAMP)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(DEV_STAMP)
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html

bench: $(DEV_STAMP)
	$(BIN)/python bench/run.py
	$(BIN)/python bench/custody.py
	$(BIN)/python -m bench.vault
	$(BIN)/python -m bench.tracing
	$(BIN)/python -m bench.money
	$(BIN)/python -m bench.statements

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

# The catalogues of the pages, brought up to date with the sources; needs GNU gettext.
messages: $(DEV_STAMP)
	$(BIN)/python tools/messages.py

# After a change of the API; a test compares.
openapi: $(DEV_STAMP)
	$(BIN)/python -m palermo.doors.api docs/reference/openapi.json

# For maintainers; needs uv.
lock:
	cd requirements && for name in run dev; do \
	    uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	        --quiet $$name.in -o $$name.lock; done

clean:
	rm -rf $(VENV) $(DEMO) docs/_build build

$(BIN)/python:
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Palermo needs Python 3.11 or newer with venv (Debian: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing the pinned packages into $(VENV) (a minute or two) ..."
	$(PIP) -r requirements/run.lock
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@rm -f $(VENV)/.run-* && touch $@

$(DEV_STAMP): $(RUN_STAMP)
	$(PIP) -r requirements/dev.lock
	@rm -f $(VENV)/.dev-* && touch $@
