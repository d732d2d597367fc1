PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
TORCH := 2.13.0
AUDIO ?= $(or $(OMI_TEST_AUDIO),../shared/audio)

.PHONY: fuzz schema memories run test install vendors cloud codecs torch test-env check format lint types layers bench accuracy crash faults faults-live servers resume recall routes composition image-steps settings pins clean

run: install ## starts the server with nothing but this machine
	@$(BIN)/omi serve

install: $(VENV)/.installed ## the embedded set

$(VENV)/.installed: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the embedded set (once) ..."
	@$(PIP) --no-deps --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q domain ports application adapters bootstrap # or the first start does it: a second
	@touch $@

vendors: $(VENV)/.vendors ## the SDKs of the cloud recognizers

$(VENV)/.vendors: $(VENV)/.installed requirements/vendors.txt
	@echo "installing the vendors' SDKs (once) ..."
	@$(PIP) --no-deps --require-hashes -r requirements/vendors.txt
	@touch $@

cloud: $(VENV)/.cloud ## the SDKs of the cloud stores: Firestore, Pinecone, Cloud Storage, Redis, Firebase

$(VENV)/.cloud: $(VENV)/.vendors requirements/cloud.txt
	@echo "installing the SDKs of the cloud stores (once) ..."
	@$(PIP) --no-deps --require-hashes -r requirements/cloud.txt
	@touch $@

codecs: $(VENV)/.codecs ## PyAV, for devices that send AAC (104 MB)

$(VENV)/.codecs: $(VENV)/.installed requirements/codecs.txt
	@echo "installing PyAV (once) ..."
	@$(PIP) --no-deps --require-hashes -r requirements/codecs.txt
	@touch $@

torch: $(VENV)/.torch ## pyannote.audio and SpeechBrain, for those who choose them (1.3 GB)

$(VENV)/.torch: $(VENV)/.cloud requirements/torch.txt
	@echo "installing torch and the models' libraries (once) ..."
	@$(PIP) torch==$(TORCH)
	@$(PIP) --no-deps --require-hashes -r requirements/torch.txt
	@touch $@

test-env: $(VENV)/.test-env ## what tests need besides

$(VENV)/.test-env: $(VENV)/.vendors $(VENV)/.codecs $(VENV)/.torch requirements/test.txt
	@echo "installing what the tests need (once) ..."
	@$(PIP) --no-deps --require-hashes -r requirements/test.txt
	@touch $@

test: test-env ## all tests: most on two cores, then those that want the machine for themselves
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not alone"; most=$$?; \
	$(BIN)/python -m pytest tests/end_to_end -m alone && exit $$most

check: format lint types layers test ## all that must hold before a change lands

format: test-env
	@$(BIN)/ruff format --check .

lint: test-env
	@$(BIN)/ruff check .

types: test-env
	@$(BIN)/mypy

layers: test-env
	@$(BIN)/lint-imports

bench: test-env ## figures for speed and size (benchmarks/README.md)
	@$(BIN)/python -m benchmarks

accuracy: test-env ## word error rate through the whole socket path, then how well speakers are told apart
	@$(BIN)/python -m benchmarks.accuracy $(AUDIO)
	@$(BIN)/python -m benchmarks.speakers $(AUDIO)

crash: test-env ## kill -9 at random moments, with live sessions
	@$(BIN)/python -m benchmarks.crash $(AUDIO)

fuzz: test-env ## a hundred thousand odd and broken frames over a hundred sockets, beside sessions that must not notice
	@$(BIN)/python -m benchmarks.fuzz

schema: test-env ## requests made up from the description of the interface: make schema EXAMPLES=500
	@$(BIN)/python -m tests.support.schema_trial $(EXAMPLES)

memories: test-env ## ten thousand conversations while everything fails: memories lost, doubled, left over are counted
	@$(BIN)/python -m benchmarks.memories

faults: test-env ## every fault, at every moment, of every vendor: words lost are counted
	@$(BIN)/python -m benchmarks.faults

faults-live: test-env ## real speech through the real server, its vendor killed again and again
	@$(BIN)/python -m benchmarks.failover_live $(AUDIO)

servers: test-env ## two servers as one, killed and stopped at random: words and memories lost or doubled are counted
	@$(BIN)/python -m benchmarks.servers

resume: test-env ## cuts a client at 200 random bytes: samples and events lost are counted
	@$(BIN)/python -m benchmarks.resume
	@$(BIN)/python -m benchmarks.resume --servers 2 --kills 10 --cuts 100

recall: test-env ## recall of turns and sessions in conversations of your own: make recall DATA=locomo10.json
	@$(BIN)/python -m benchmarks.recall $(DATA)

routes: test-env ## writes docs/compatibility.md: which routes are served
	@$(BIN)/python -m tests.support.route_table

image-steps: test-env ## the steps of the Dockerfile by hand, where there is no container engine; EXTRAS="vendors cloud"
	@$(BIN)/python -m benchmarks.image_steps $(EXTRAS)

composition: test-env ## the settings of compose.yaml, with two processes and a Redis in place of containers
	@$(BIN)/python -m benchmarks.composition

settings: test-env ## writes docs/settings.md: every setting there is
	@$(BIN)/python -m bootstrap.settings_reference > docs/settings.md

pins: ## resolves the requirement files anew (needs uv)
	@$(PYTHON) requirements/lock.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
