# A thin wrapper: everything here also runs as `oneiros …`, `pytest` or `python -m …` inside the environment.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=
JOBS ?= 40
HOURS ?= 26
SEED ?= 1
PROCESSES ?= 2
MINUTES ?= 10

.PHONY: help demo init doctor run test check lint bench huge bench-pool bench-acknowledge bench-complete bench-gallery bench-emulator \
        long fuzz chaos day soak keep \
        words pictures docs quality update audit clean chromium postgres atheris
.DELETE_ON_ERROR:

help:  ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV): about 5 GB the first time, nearly all of it PyTorch."
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) install -c constraints.txt -e '.[dev,quality]'
	@touch $@

# Without Oneiros itself: pages need no PyTorch.
$(VENV)/.docs: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt mkdocs-material
	@touch $@

demo: $(VENV)/.run  ## The bot on a loopback Discord: no account, no token, no GPU (ARGS="--help")
	@$(BIN)/oneiros demo $(ARGS)

init: $(VENV)/.run  ## Write the bot's settings, oneiros.env, by a few questions (ARGS="--help")
	@$(BIN)/oneiros init $(ARGS)

doctor: $(VENV)/.run  ## Look for what is wrong with the bot's set-up, and say what to do
	@$(BIN)/oneiros doctor $(ARGS)

run: $(VENV)/.run  ## The bot on Discord; needs oneiros.env, DISCORD_TOKEN or DISCORD_TOKEN_FILE
	@$(BIN)/oneiros run $(ARGS)

# What Python compiles is kept, whatever the environment says: the tests start hundreds of processes.
# A file at a time, so that what a module shares is made once; in the order of the folders, whose last are many and short.
test: $(VENV)/.dev chromium postgres  ## The whole test suite (ARGS="tests/engine -k octaves" PROCESSES=4)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

long: $(VENV)/.dev chromium postgres  ## What every run has a part of: each death, version and fault, many more examples
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile \
	  -m "long or hypothesis" --hypothesis-profile long --timeout 1800 $(ARGS)

lint: $(VENV)/.dev  ## Formatting, lint, types, import arrows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## What CI runs

bench: $(VENV)/.dev  ## The engine's speed against its floor
	$(BIN)/python -m engine.bench speed $(ARGS)

huge: $(VENV)/.dev  ## 8000 × 8000 in bounded memory, and tiles beside the whole picture
	$(BIN)/python -m engine.bench memory $(ARGS)
	$(BIN)/python -m engine.bench seams

bench-pool: $(VENV)/.dev  ## What the service adds to the engine's own time (ARGS="--pool ray")
	$(BIN)/python -m bot.bench pool $(ARGS)

bench-acknowledge: $(VENV)/.dev  ## How soon commands are acknowledged while every core dreams
	$(BIN)/python -m bot.bench acknowledge $(ARGS)

bench-complete: $(VENV)/.dev  ## How soon suggestions come, idle and while every core dreams
	$(BIN)/python -m bot.bench complete $(ARGS)

bench-gallery: $(VENV)/.dev  ## How soon a gallery of 100,000 dreams answers, on SQLite and PostgreSQL
	$(BIN)/python -m bot.bench gallery $(ARGS)

bench-emulator: $(VENV)/.dev  ## What 500 people within 10 seconds cost the loopback Discord
	$(BIN)/python tests/emulator/bench $(ARGS)

fuzz: $(VENV)/.dev atheris  ## Hostile files at the intake, any request at the loopback Discord, floods (MINUTES=10 ARGS="--only bombs")
	$(BIN)/python tests/hostile --minutes $(MINUTES) $(ARGS)

chaos: $(VENV)/.dev postgres  ## Dreams while everything is killed at random, then a machine's faults (JOBS=300 SEED=7)
	$(BIN)/python tests/faults --jobs $(JOBS) --seed $(SEED) $(ARGS)

day: $(VENV)/.dev postgres  ## Days of the service by a simulated clock: what drifts or grows (HOURS=72)
	$(BIN)/python tests/day --hours $(HOURS) $(ARGS)

keep: $(VENV)/.dev  ## Keep what this version leaves behind for later ones' tests (VERSION=0.7.0)
	PYTHONPATH=.:tests $(BIN)/python tests/service/keep_version.py $(VERSION)

soak: $(VENV)/.dev  ## People, moderators and faults on a real bot for a while: all answered, nothing grows (MINUTES=20 SEED=1)
	$(BIN)/python tests/soak --minutes $(MINUTES) --seed $(SEED) $(ARGS)

words: $(VENV)/.dev  ## Bring the message catalogues (bot/locales) up to what the code says
	$(BIN)/python -m bot.locales

pictures: $(VENV)/.dev chromium  ## Take the pictures of docs/commands.md anew, from the chat page
	$(BIN)/python tests/pictures

docs: $(VENV)/.docs  ## The documentation as a site, build/site/index.html, its links checked; needs no network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build $(ARGS)

quality: $(VENV)/.dev  ## The committed list of class dreams, judged (hours; ARGS="--classes 4 --seeds 1 --out FOLDER")
	$(BIN)/python -m engine.bench quality $(ARGS)

# For Linux on usual processors and some versions of Python; without it all but the new ways is fired.
atheris: $(VENV)/.dev
	@$(BIN)/python -c "import atheris" 2>/dev/null \
	|| $(PIP) install -q -c constraints.txt --only-binary atheris -e '.[fuzz]' \
	|| echo "No Atheris for this Python and system, or no package index: bytes along new ways will not be sought."

# The browser tests take CHROME, else Debian's package, which we install where we may; else a whole chromium, slower.
chromium:
	@command -v "$${CHROME:-chromium-headless-shell}" >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && apt-get update -q && apt-get install -yq --no-install-recommends chromium-headless-shell; } \
	|| command -v chromium >/dev/null \
	|| echo "No Chromium: the browser tests will be skipped: sudo apt-get install chromium-headless-shell (or set CHROME)."

# The database tests take initdb on the PATH, else what Debian's package puts elsewhere, which we install where we may.
postgres:
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && apt-get update -q && apt-get install -yq --no-install-recommends postgresql; } \
	|| echo "No PostgreSQL: its tests will be skipped. Add it with: sudo apt-get install postgresql (or initdb on PATH)."

update:  ## Renew constraints.txt from the newest versions that pyproject.toml allows
	rm -rf build/update && $(PYTHON) -m venv build/update
	build/update/bin/python -m pip --disable-pip-version-check install -q --only-binary atheris \
		-e '.[dev,docs,fuzz,quality]'
	{ echo '# Names and versions that were tested together. Made by: make update'; \
	  build/update/bin/python -m pip freeze --exclude-editable; } > constraints.txt
	rm -rf build/update

# An index that has no advisories answers as if it did not know the packages: --strict makes that a failure.
audit: $(VENV)/.dev  ## Whether anything in constraints.txt has a known flaw; needs the network
	@mkdir -p build
	@$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict --progress-spinner off $(ARGS) \
	>build/audit.txt 2>build/audit.log; code=$$?; cat build/audit.txt; \
	if [ $$code = 0 ]; then echo "Nothing in constraints.txt has a known flaw."; \
	elif [ ! -s build/audit.txt ]; then tail -n 1 build/audit.log; \
	echo "The advisories could not be had: this asks the package index, by the network. (All of it: build/audit.log)"; \
	fi; exit $$code

clean:  ## Remove the environment and all caches; data/ stays
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
