# Every target sets itself up from nothing. `make help` lists them.

BIN := .venv/bin
# Most tests wait for real processes, so more workers than cores. Files go in the order of their folders,
# which has those of real processes first, so that no long one is left to the end. A worker that dies ends
# the run with the name of its test; one made anew would leave the run waiting.
PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder --max-worker-restart 0
# Where the tests of the pages leave pictures of them, to be looked at.
SCREENSHOTS ?= build/screenshots
# The files whose tests have a marker: no worker need load all the others.
marked = $(shell grep -rl --include='*.py' 'mark\.$(1)\b' tests)
SOURCES := docs shared services firmware-bridge compose tools tests

# The tests start thousands of processes: each would compile anew what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup emulator training papers reports demo test test-slow test-sound test-browser test-monitoring test-home-assistant test-fleet test-node-red test-papers test-arm64 test-arm64-images test-long test-system protocol lint check docs bench services release dashboards lock clean

help: ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## install what is missing: system packages, environment, the posix chair
	@tools/setup.sh

emulator: setup ## build the chip's firmware and the emulator that runs it
	@tools/setup.sh emulator

training: setup ## the environment to train the network in, .venv-train
	@tools/setup.sh training

papers: setup ## the environment of the papers' other systems, .venv-papers: some gigabytes
	@tools/setup.sh papers

reports: setup ## what `calmloop report` needs: Pango, WeasyPrint
	@tools/setup.sh reports

demo: setup ## run the whole loop here; ARGS="--source FILE --seconds 60 --headless --report r.json"
	@$(BIN)/calmloop demo $(ARGS)

test: emulator reports ## everything that needs no Docker
	$(BIN)/pytest $(PARALLEL) -m "not (system or long or slow or leases or alone or sound)" --ignore tests/browser --ignore tests/monitoring --ignore tests/home_assistant --ignore tests/node_red --ignore tests/fleet --ignore tests/arm64 $(ARGS)
	$(BIN)/pytest -n 6 -m "leases and not long" $(call marked,leases) $(ARGS)
	$(BIN)/pytest -m "alone and not (slow or long)" $(call marked,alone) $(ARGS)

test-slow: emulator reports ## what takes long: larger samples, whole processes
	@tools/setup.sh slow
	@tools/setup.sh release
	$(BIN)/pytest -n 3 --dist loadfile -m "slow and not (alone or long)" $(call marked,slow) $(ARGS)
	$(BIN)/pytest -m "slow and alone and not long" $(call marked,slow) $(ARGS)

test-sound: setup ## the ways of microphone and output through a sound server of the test's own
	@tools/setup.sh sound
	$(BIN)/pytest -m "sound and not long" $(call marked,sound) $(ARGS)

test-browser: reports ## the console's pages in a real browser, over the running loop
	@tools/setup.sh browser
	@mkdir -p $(SCREENSHOTS)
	SCREENSHOTS=$(SCREENSHOTS) $(BIN)/pytest -m "browser and not long" tests/browser $(ARGS)

test-monitoring: setup ## metrics and alerts on Debian's Prometheus
	@tools/setup.sh monitoring
	$(BIN)/pytest -m monitoring tests/monitoring $(ARGS)

test-home-assistant: setup ## the chair in a real Home Assistant, made once in a root of its own; not in .ci/run
	@tools/home_assistant.sh
	@tools/setup.sh browser
	@mkdir -p $(SCREENSHOTS)
	SCREENSHOTS=$(SCREENSHOTS) $(BIN)/pytest -m home_assistant tests/home_assistant $(ARGS)

test-fleet: setup ## chairs and the centre of a fleet, on a real RabbitMQ and PostgreSQL; LONG=1: 1,000 of them; not in .ci/run
	@tools/rabbitmq.sh
	$(BIN)/pytest -m "fleet and $(if $(LONG),,not )long" tests/fleet $(ARGS)

test-node-red: setup ## the flow of compose/node-red, in a real Node-RED
	@tools/setup.sh node-red
	$(BIN)/pytest -m node_red tests/node_red $(ARGS)

test-papers: papers ## the papers' other systems, small, in their own environment; not in .ci/run
	.venv-papers/bin/python -m pytest tests/papers $(ARGS)

test-long: emulator training ## the long forms, and training in its own environment
	.venv-train/bin/python -m pytest -m "not long" tests/unit/training $(ARGS)
	$(BIN)/pytest -m "long and not system" $(ARGS)

test-system: reports ## the images and Docker Compose, with a real engine; LONG=1: what takes long alone
	@tools/setup.sh browser
	$(BIN)/pytest -o timeout_func_only=true -m "system and $(if $(LONG),,not )long" $(ARGS)

test-arm64: setup ## every service with its locked packages for 64-bit ARM, by QEMU; not in .ci/run
	@tools/arm64.sh
	$(BIN)/pytest -m arm64 tests/arm64/test_arm64.py $(ARGS)

test-arm64-images: setup ## every image built for 64-bit ARM and started, by QEMU: an hour; not in .ci/run
	@tools/arm64_images.sh
	$(BIN)/pytest -m arm64 tests/arm64/test_arm64_images.py $(ARGS)

protocol: setup ## write C, Python, tables and test structures from firmware-bridge/protocol.toml
	@$(BIN)/python firmware-bridge/generate

lint: setup ## style and types, and whether what services.toml and protocol.toml make is up to date
	@python3 -m tools.service_list check
	@$(BIN)/python firmware-bridge/generate --check
	@tools/setup.sh lint
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)

check: lint reports ## style, types, contracts
	$(BIN)/pytest $(PARALLEL) tests/contract $(ARGS)

docs: setup ## the documentation site, into .site
	@tools/setup.sh docs
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict -f .mkdocs.yml

bench: setup ## latency and CPU of the loop, beside one process and beside a peer
	@tools/setup.sh bench
	@$(BIN)/calmloop bench $(ARGS)

services: ## make from services/services.toml what derives from it
	@python3 -m tools.service_list write

release: emulator ## all files of a release, into build/release; ARGS="--key FILE --images TAG --programs"
	@tools/setup.sh release
	@$(BIN)/python -m tools.release $(ARGS)

dashboards: setup ## make Grafana's dashboard from tools/dashboards
	@$(BIN)/python -m tools.dashboards

lock: ## resolve the requirements anew
	@requirements/lock.sh

clean: ## remove what was built here, the environment too
	rm -rf .site .venv .venv-* .mypy_cache .pytest_cache .ruff_cache .hypothesis firmware-bridge/firmware/build
