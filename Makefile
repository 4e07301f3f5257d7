# "make demo" tries Coffer without any account; "make test" is what CI runs.

LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: demo build test format lint bench fuzz soak

demo: ## the real server with an embedded store and a local Discord
	go run . demo

build:
	CGO_ENABLED=0 go build -trimpath -o out .

test: format
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
	go test -count=1 -timeout 2h -run Differential ./internal/sqlite -rapid.checks=5000
	.ci/fuzz 3600
