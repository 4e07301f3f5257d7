# "make demo" tries Coffer without any account; "make test" is what CI runs.

LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: demo web build test format lint bench fuzz soak

# Without npm there is no playground: its address says how to get it, and
# everything else runs.
demo: $(if $(shell command -v npm),web) ## the real server with an embedded store and a local Discord
	go run . demo

# The folders are among the sources, so that a file that is gone counts too.
WEB := $(shell find web/src web/public) $(wildcard web/*.html web/*.ts web/*.js) web/tsconfig.json

web: web/dist/playground.html ## the pages, when they are stale

web/dist/playground.html: $(WEB) web/node_modules/.package-lock.json
	npm --prefix web run --silent build

# npm itself writes this file when it has installed what the lock file says.
web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	npm --prefix web ci --no-audit --no-fund

build:
	CGO_ENABLED=0 go build -trimpath -o out .

test: format web
	npm --prefix web run --silent check
	npm --prefix web test --silent
	go vet ./...
	$(LINT) run
	go test -race ./...

format: ## fails if a Go file is not formatted
	@files="$$(gofmt -l .)"; test -z "$$files" || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; }

lint:
	$(LINT) run

bench: ## the table of README.md; BENCH="-quick" leaves out the million members
	go run ./internal/benchmark $(BENCH)

fuzz: ## all targets, for three minutes together
	.ci/fuzz 180

soak: ## the long campaigns: kills in bigger storms, random sequences, an hour of fuzzing
	COFFER_SOAK=1 go test -count=1 -timeout 1h -v -run Kill ./internal/app
	go test -count=1 -timeout 2h -run TestStore/differential ./internal/sqlite -rapid.checks=5000
	.ci/fuzz 3600
