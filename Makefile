# Two commands: `make demo` and `make test`. Everything they need is installed into .venv from requirements.lock.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
WORKERS ?= 2

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install: $(INSTALLED)  ## .venv with the locked dependencies and `personas`

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the locked dependencies into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock:  ## write requirements.lock anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra all --group dev pyproject.toml -o requirements.lock

check: install  ## style, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install  ## everything that is fast
	$(BIN)/pytest -n $(WORKERS)

# `personas run` leaves with 3 when something waits for a person: that is no failure. Only the report goes to stdout.
FORMAT ?= md
hillstrom:  ## FILE=hillstrom.csv [FORMAT=md|json|table] [SEED=n]: replay a real e-mail experiment in ./hillstrom
	@test -f "$(FILE)" || { echo "make hillstrom FILE=...: $(if $(FILE),there is no file '$(FILE)',no FILE was given). It is the \
	data set of Kevin Hillstrom's MineThatData E-Mail Analytics challenge (2008), a CSV with the columns customer_id, recency, \
	history, mens, womens, zip_code, newbie, channel, segment, visit, conversion, spend: see examples/hillstrom/README.md" >&2; exit 2; }
	@$(MAKE) -s --no-print-directory install >&2
	@rm -rf hillstrom && cp -R examples/hillstrom hillstrom
	@$(BIN)/personas ingest "$(FILE)" --workspace hillstrom $(if $(SEED),--shuffle-days $(SEED)) >&2
	@$(BIN)/personas run --workspace hillstrom >&2 || test $$? -eq 3
	@$(BIN)/personas report --workspace hillstrom --format $(FORMAT)

demo: install  ## three beliefs, one of them wrong, on generated data in ./demo [SEED=n]
	@rm -rf demo && cp -R examples/demo demo
	@$(BIN)/python demo/generate.py --out demo/orders.csv $(if $(SEED),--seed $(SEED))
	$(BIN)/personas ingest demo/orders.csv --workspace demo
	$(BIN)/personas run --workspace demo || test $$? -eq 3
	$(BIN)/personas report --workspace demo
	@$(BIN)/python demo/generate.py --truth

test-slow: install  ## calibration and long replays, with their figures
	$(BIN)/pytest -m slow -s

bench: install  ## ten million rows folded, beside the same question by hand; a new day late in the year
	$(BIN)/python benchmarks/fold.py

bench-dashboard: install  ## every page of the dashboard on 1 million customers, 30 personas and two years of versions
	$(BIN)/python benchmarks/dashboard.py

vendor: install  ## the dashboard's vendored scripts, made anew at their pinned versions (needs npm)
	$(BIN)/python -m living_personas.dashboard.vendor

hypothesis: install  ## can personas update themselves? 210 companies in three stories, against static and tested ones
	$(BIN)/python benchmarks/hypothesis.py

.PHONY: help install lock check test test-slow hillstrom demo bench bench-dashboard vendor hypothesis
