# Everything that a person or a machine does with this repository. `make` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup build demo up down test test-api test-kills test-notify test-data
.PHONY: test-storms
.PHONY: chaos bench bench-checks lint format clean

millrace := .build/release/millrace
sources := Package.swift Services Shared Tests

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | while IFS='	' read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

setup: ## install what is missing: packages from Debian, the engine from PyPI
	@sh infra/setup.sh

build: setup ## build everything, optimised
	swift build -c release

demo: build ## run a small day of GoodReads traffic on a stack of its own, then stop it
	$(millrace) demo

up: build ## start the local stack in .millrace and leave it running
	$(millrace) up --detach

down: ## stop the local stack
	@if [ -x $(millrace) ]; then $(millrace) down; else echo 'nothing is built, nothing runs'; fi

# The tests share one broker and one warehouse: all of them at once are more than two cores answer
# in time.
test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = 4
test: setup ## run all tests, with a broker and a warehouse of their own
	@sh infra/setup.sh tests
	swift build --build-tests
	.build/debug/test-servers -- swift test --skip-build --disable-xctest

test-notify: setup ## kill the notifier each second while it tells of 5,000 alerts
	swift build -c release
	swift build --build-tests
	MILLRACE_TEST_NOTIFIER=1 MILLRACE_TEST_PROGRAMS=.build/release .build/debug/test-servers -- \
		swift test --skip-build --disable-xctest --filter KilledNotifierTests

test-kills: setup ## kill each service during a load of 200,000 rows
	swift build -c release
	swift build --build-tests
	MILLRACE_TEST_KILLS=1 MILLRACE_TEST_PROGRAMS=.build/release \
		swift test --skip-build --disable-xctest --filter EndToEnd.KilledServiceTests

test-api: setup ## load 10,000 reviews from a failing API while its reader is killed
	swift build -c release
	swift build --build-tests
	MILLRACE_TEST_API=1 MILLRACE_TEST_PROGRAMS=.build/release \
		swift test --skip-build --disable-xctest --filter EndToEnd.GoodreadsAPITests

test-data: setup ## load a year of a shop, 305 files at once, where its data is at hand
	swift build --build-tests
	MILLRACE_TEST_DATA_LOADS=1 swift test --skip-build --disable-xctest \
		--filter EndToEnd.RetailTests

# Each seed is another storm. On a machine that does nothing else each one brings more than two
# million records and three hundred faults.
chaos: build ## break everything at random for 10 minutes, three times, and print the receipts
	for seed in 1 2 3; do \
		$(millrace) drill storm --for 10m --seed $$seed --data .build/chaos || exit 1; \
	done

test-storms: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = 2
test-storms: setup ## stop, freeze, starve and flap brokers and networks for some minutes
	swift build --build-tests
	MILLRACE_TEST_STORMS=1 .build/debug/test-servers -- swift test --skip-build --disable-xctest \
		--filter 'BrokerStormTests|NetworkFaultTests|BrokerContract'

bench: build ## measure the broker port beside plain C, a small file's latency, the rows per second
	.build/release/bench

# The others are Python programs, installed from PyPI below .build; they tell nobody of their use.
bench-checks: build ## time checks of 11 million staged rows beside Great Expectations and Soda Core
	[ -x .build/peers/bin/python ] || python3 -m venv .build/peers
	.build/peers/bin/pip install --quiet -r Tests/Benchmarks/peers/requirements.txt
	.build/release/bench --only checks

lint: ## check the form of the sources and the repository's own rules
	swift format lint --strict --recursive $(sources)
	swift test --disable-xctest --filter TidyTests

format: ## bring the sources into their form
	swift format --in-place --recursive $(sources)

clean: ## remove what was built and installed here; the stack's data stays
	rm -rf .build .tools
