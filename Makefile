# The project's verbs. Paths are relative, so that the repository may lie in a folder with spaces.
# `make server` prints on standard output only lines that a shell can source; everything else goes to standard error.
MAKEFLAGS += --no-print-directory
PYTHON = python3
BIN = .venv/bin

# What a caller gives on the command line: make server VERSION=9.9 STATE=DIR PORT=N
VERSION = 11.4
STATE =
PORT =
# make demo EXPORT=FILE.zip: a Slack export of one's own instead of the sample
EXPORT =
# make demo TRANSPORT=plugin: through the server plugin
TRANSPORT =
# make chaos CHAOS="--kills 100 --faults 0.1 --seed 2": what happens to the migration
CHAOS = --kills 100
export VERSION STATE PORT EXPORT TRANSPORT

.PHONY: install demo demo-stop test test-all check plugin plugin-check server server-stop bench chaos samples screens

install: .venv/installed

.venv/installed: constraints.txt pyproject.toml setup.py
	@echo "Installing the packages of constraints.txt into .venv; a minute or two the first time ..." >&2
	@if command -v uv >/dev/null; then \
		{ test -x $(BIN)/python || uv venv --quiet --python '>=3.11' .venv; } && \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[dev]'; \
	else \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")' && \
		{ test -x $(BIN)/pip || $(PYTHON) -m venv .venv; } && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'; \
	fi >&2
	@touch $@

demo: install
	@$(BIN)/python -m examples.demo $${EXPORT:+--export "$$EXPORT"} $${TRANSPORT:+--transport "$$TRANSPORT"}

demo-stop: install
	@$(BIN)/python -m examples.demo --stop

test: install
	$(BIN)/python -m pytest -n 6 --dist loadgroup -m "not thorough"

test-all: install
	$(BIN)/python -m pytest -n 6 --dist loadgroup

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q mm_pipeline_tests/structure

# The server plugin's bundle, for MM_TRANSPORT=plugin; needs Go, as the servers do
plugin: install
	@$(BIN)/python -m plugin.build

# What else can be held against it: races, staticcheck, ten seconds of fuzzing each body, known holes; needs a C compiler and the network, too
plugin-check: install
	cd plugin && go vet ./... && CGO_ENABLED=1 go test -race ./...
	cd plugin && go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	cd plugin && for target in $$(go test -list '^Fuzz' . | grep '^Fuzz'); do go test -run '^$$' -fuzz "^$$target$$" -fuzztime 10s . || exit 1; done
	$(BIN)/python -m plugin.known_holes

server: install
	@$(BIN)/python -m mm_pipeline_tests.mattermost_server start --version "$$VERSION" $${STATE:+--state "$$STATE"} $${PORT:+--port "$$PORT"}

# Without STATE: each server that runs under .state
server-stop: install
	@$(BIN)/python -m mm_pipeline_tests.mattermost_server stop $${STATE:+--state "$$STATE"}

bench: install
	$(BIN)/python benchmarks/run.py

chaos: install
	$(BIN)/python -m mm_pipeline_tests.chaos $(CHAOS)

# Needs Node; the page is committed
samples: install
	npm install --silent --no-package-lock --prefix docs/samples
	PYTHONPATH=. $(BIN)/python docs/samples/build.py

# Needs a Chromium; the pictures are committed
screens: install
	PYTHONPATH=. $(BIN)/python docs/screens/build.py
