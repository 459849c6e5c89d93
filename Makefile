.PHONY: pictures screenshots help demo test brokers browser timescale operations chaos check bench cases dashboards outside lock clean
.DEFAULT_GOAL := help
DEMO ?= demo
RUN := .venv/bin
# Where it is set, every process that a test starts compiles all that it imports: two seconds each time.
unexport PYTHONDONTWRITEBYTECODE

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.venv/.hanhtrinh-lock: uv.lock pyproject.toml scripts/bootstrap
	@scripts/bootstrap
	@touch $@

demo: .venv/.hanhtrinh-lock   ## a week of a synthetic fleet: recorded, stored, judged, listed (folder demo/)
	@$(RUN)/hanhtrinh demo --folder $(DEMO)

check: .venv/.hanhtrinh-lock   ## lint, types, import contracts
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports

test: check   ## everything that proves: checks, unit, property and database tests, the worked cases
	$(RUN)/pytest -n auto --dist loadgroup -m "not brokers and not browser and not timescale and not operations"

brokers: .venv/.hanhtrinh-lock   ## tests against real Mosquitto, RabbitMQ and Kafka, which it installs if they are missing
	@scripts/install-brokers
	$(RUN)/pytest -n 2 --dist loadscope -m brokers

chaos: .venv/.hanhtrinh-lock   ## the kill tests and the fuzzing at full: 50 kills a transport, 100,000 broken payloads a format
	@scripts/install-brokers
	HANHTRINH_CHAOS=full $(RUN)/pytest tests/chaos tests/protocols/test_fuzz_many.py

browser: .venv/.hanhtrinh-lock   ## tests of the desk in a real Chromium, which it installs if it is missing
	@scripts/install-browser
	$(RUN)/pytest -m browser

timescale: .venv/.hanhtrinh-lock   ## tests against the real TimescaleDB extension, and the tests of the store over it
	@scripts/install-timescale
	$(RUN)/pytest -m timescale
	HANHTRINH_TEST_OVER_TIMESCALE=1 $(RUN)/pytest -q tests/storage tests/checking --ignore tests/storage/test_embedded.py

operations: .venv/.hanhtrinh-lock   ## alerts, boards, proxy and image against real Prometheus, Caddy and processes
	@scripts/install-operations
	$(RUN)/pytest -m operations

dashboards: .venv/.hanhtrinh-lock   ## write the boards as Grafana reads them, after a change of dashboards/boards/
	@$(RUN)/python -m dashboards

pictures: .venv/.hanhtrinh-lock   ## draw the boards of the docs from the demonstration's store (make demo)
	for board in fleet enforcement; do TZ=Asia/Ho_Chi_Minh $(RUN)/python -m tests.operations.picture $(DEMO)/store $$board 2026-W10 \
	    > docs/pictures/board-$$board.svg || exit; done

screenshots: .venv/.hanhtrinh-lock   ## take the desk's pictures of the docs anew, from a store that is made for them
	@scripts/install-browser
	$(RUN)/python -m tests.browser.pictures docs/pictures

outside: .venv/.hanhtrinh-lock   ## the API of a fresh demonstration, asked from outside by schemathesis with every check
	@$(RUN)/python -m tests.api.outside $(ASK)

cases: .venv/.hanhtrinh-lock   ## only the worked cases: ours, and the public ones beside the checkout
	[ ! -e ../shared/cases/compare ] || ../shared/cases/compare
	$(RUN)/pytest -q tests/test_cases.py

bench: .venv/.hanhtrinh-lock   ## rates and memory, as in docs/benchmarks.md
	@scripts/install-brokers
	@scripts/install-timescale
	@$(RUN)/python -m benchmarks

lock:            ## renew uv.lock within the bounds of pyproject.toml
	$(if $(wildcard .tools/bin/uv),.tools/bin/uv,uv) lock --upgrade

clean:           ## remove what the targets made, but no data folder
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .brokers tests/timescale/server/node_modules
