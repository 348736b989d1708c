# Two commands: `make demo` and `make test`. Everything they need is installed into .venv from requirements.lock.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
WORKERS ?= 2
# Containers often forbid bytecode; without it every run compiles 1,000 modules and rewrites the tests' assertions anew.
unexport PYTHONDONTWRITEBYTECODE
# Tests wait for the disk at each commit of a store: not in memory, where a folder of it has room and may hold programs.
MEMORY := $(shell awk '$$2 == "/dev/shm" && $$4 ~ /^rw/ && $$4 !~ /noexec/' /proc/mounts 2>/dev/null | grep -q . \
	&& df -Pk /dev/shm | awk 'NR == 2 && $$4 > 4000000 { print "TMPDIR=/dev/shm" }')

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
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --group cluster -o requirements-cluster.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --group docs -o requirements-docs.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra server --extra mcp --extra pdf --extra postgres --group image -c requirements.lock pyproject.toml -o requirements-image.lock

sbom:  ## sbom.cdx.json: what is locked, as a CycloneDX bill of materials that the wheel carries
	@test -x build/sbom/bin/python || $(PYTHON) -m venv build/sbom
	@build/sbom/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom
	@build/sbom/bin/cyclonedx-py requirements requirements.lock --output-reproducible --spec-version 1.6 --of JSON -o - | $(PYTHON) release/sbom.py

DOCS := build/docs
$(DOCS)/.installed: requirements-docs.lock
	@test -x $(DOCS)/bin/python || $(PYTHON) -m venv $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

docs: $(DOCS)/.installed  ## the documentation as a static site in build/site; a broken link is an error
	@$(DOCS)/bin/zensical build --clean --strict

check: install docs  ## style, types, layers, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install  ## everything that is fast
	$(MEMORY) $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-long: install  ## stories that take some seconds each, and laws with all their examples; before a change lands, with `make test`
	$(MEMORY) LAWS=whole $(BIN)/pytest -n $(WORKERS) --dist loadfile -m "(long or law) and not slow and not faults"

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

demo: install  ## 120 days of a simulated shop, told day by day; ./demo is left to explore [SEED=n] [WORLD=demo|null]
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/personas demo demo $(if $(SEED),--seed $(SEED)) $(if $(WORLD),--world $(WORLD))

faults-quick: install  ## the served process is killed, cut from power, starved and slowed, a few times each
	$(BIN)/pytest -n $(WORKERS) -m faults tests/faults

faults: install  ## the same for as long as it takes: 300 kills and power cuts, every system call [FAULT_ROUNDS=75] [FAULT_EVERY=1]
	FAULTS=long $(BIN)/pytest -m "faults or not faults" -s tests/faults

test-slow: install  ## calibration and long replays, with their figures
	$(BIN)/pytest -m slow -s

promises: install  ## docs/explanation/promises.md: each promise, its tests and what they told [LONG=1: slow tests and faults, too]
	@$(if $(LONG),LAWS=whole) $(BIN)/pytest -n $(WORKERS) --dist loadfile -m "promise$(if $(LONG),, and not slow and not faults)" --promises tests/promises.json; \
	told=$$?; $(BIN)/python tests/promises.py && exit $$told

bench: install  ## ten million rows folded, beside the same question by hand; a million customers for 90 days
	$(BIN)/python benchmarks/fold.py
	$(BIN)/python benchmarks/million.py

bench-nights: install  ## what a night costs on day 91 beside day 31, by step [CUSTOMERS=5000, DRAWN=1: an experiment without a holdout]
	$(BIN)/python benchmarks/nights.py $(if $(CUSTOMERS),--customers $(CUSTOMERS)) $(if $(DRAWN),--drawn)

bench-dashboard: install  ## every page of the dashboard on 1 million customers, 200 personas and two years of versions
	$(BIN)/python benchmarks/dashboard.py

bench-desk: install  ## an answer beside the bare decider, and a list beside COPY, of 10,000 and a million customers
	$(BIN)/python benchmarks/desk.py

bench-service: install  ## decisions beside GrowthBook's and an empty route; events over HTTP beside the bare store
	$(BIN)/python benchmarks/over_http.py

bench-postgres: install  ## events recorded on PostgreSQL beside COPY of the same rows into a bare table [STORE=postgresql://...]
	$(BIN)/python benchmarks/beside_copy.py $(if $(STORE),--store '$(STORE)')

bench-ingest: install  ## a million events from CSV, JSON, Parquet and a frame, beside DuckDB and SQLite
	$(BIN)/python benchmarks/ingest.py

bench-in-place: install  ## rows of a table recorded once and then read, beside the same rows read where they lie
	RUST_LOG=error $(BIN)/python benchmarks/in_place.py

bench-seen: install  ## what a new message id costs where millions are known, beside one where none is
	$(BIN)/python benchmarks/seen.py

vendor: install  ## the dashboard's vendored scripts, made anew at their pinned versions (needs npm)
	$(BIN)/python -m living_personas.dashboard.vendor

vectors: install  ## decisions with their answers, for evaluators in other languages, in build/vectors.jsonl [COUNT=2000, EACH=25, SEED=14]
	$(BIN)/python tests/edge/vectors.py $(if $(COUNT),--count $(COUNT)) $(if $(EACH),--each $(EACH)) $(if $(SEED),--seed $(SEED))

SEGMENTS ?= build/segments
hypothesis: install  ## can personas update themselves? 210 companies in three stories, and segments in 201 worlds [SEGMENTS=dir]
	$(BIN)/python benchmarks/self_updating.py
	$(BIN)/python benchmarks/segments.py --folder $(SEGMENTS)

public-data: install  ## public experiments with known answers: what sums decide, and what peeking says [DATA=../shared/data] [WRITE=1]
	$(BIN)/python benchmarks/public_data.py $(if $(DATA),--data $(DATA)) $(if $(WRITE),--write)
bench-refinement: install  ## what corrections cost and promise, with intervals and bars; the arrays' cost [QUICK=1: few worlds, ONLY="A/A static", JSON=FILE]
	$(BIN)/python benchmarks/refinement $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json $(JSON))
	$(if $(ONLY),,$(BIN)/python benchmarks/refinement_cost.py)

bench-splits: install  ## splits by response: what is claimed of nothing, found of what is there, and missed beside others [QUICK=1, ONLY=..., JSON=FILE]
	$(BIN)/python benchmarks/splits $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json $(JSON))

bench-discovery: install  ## segments found, missed and made up, beside others; their lives and cost [QUICK=1, ONLY=NAME, WORLDS=n, JSON=FILE, KEEP=FOLDER]
	$(if $(KEEP),KEEP="$(KEEP)") $(BIN)/python benchmarks/finding $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)") $(if $(WORLDS),--worlds $(WORLDS)) $(if $(JSON),--json $(JSON))

bench-limits: install  ## strangers and overload, a minute each: memory, answers, losses, when news is seen [QUICK=1, ONLY=NAME, JSON=FILE]
	$(BIN)/python benchmarks/limits $(if $(QUICK),--quick) $(if $(ONLY),--only "$(ONLY)") $(if $(JSON),--json $(JSON))

bench-engines: install  ## units, cells and features of 200,000 rows through DuckDB and Sail: CPU a row, and the ratio [MILLIONS=100, FOLDER=build/engine-days: so many, day by day]
	RUST_LOG=error $(BIN)/python $(if $(MILLIONS),benchmarks/engine_days.py --millions $(MILLIONS) --folder $(or $(FOLDER),build/engine-days),benchmarks/engines.py)

bench-scale: install  ## a year of cells through learn, refine and publish: seconds by cell and attribute, bytes of what is kept
	$(BIN)/python benchmarks/scale.py

bench-late: install  ## what one event of 1970, of a year ago and of 2099 costs the next run, against one of yesterday
	$(BIN)/python benchmarks/late.py

.PHONY: help promises vectors install lock sbom docs check test test-long test-slow faults faults-quick hillstrom demo bench bench-dashboard bench-desk bench-discovery bench-engines bench-service bench-postgres bench-scale public-data vendor hypothesis bench-ingest bench-in-place bench-seen bench-late bench-limits bench-refinement bench-splits
