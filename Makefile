# Everything the project can do. `make help` lists it.

GO        ?= go
LISTEN    ?= localhost:8080
DATA      ?= .data
# More flags of "serve" for make run.
ARGS      ?=
# The page's programs, and how many bytes each may have in brotli.
PROGRAMS  := credentials administration
BUDGETS   := -budget credentials.wasm=915000 -budget administration.wasm=752000
STATIC    := web/static
VERSION   := $(patsubst v%,%,$(shell git describe --tags --always --dirty 2>/dev/null || echo development))
RELEASE   ?= bin/release
HELPER    := paycor/kms/helper
LOCAL_KMS := github.com/nsmithuk/local-kms@v0.0.0-20260228092603-2a5e92d09ab6
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The race detector watches our code. In web/e2e it watches the program that is tested, and
# not the library that drives the browser, which has a race of its own. SQLite is C
# translated to Go, without goroutines of its own; watching it finds nothing and makes
# every database five times slower. The same is true of regular expressions, with which
# every command reads its flags.
UNWATCHED := modernc.org/sqlite/lib modernc.org/libc/... regexp
RACE      := -race $(UNWATCHED:%=-gcflags=%=-race=false)
SUDO      := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help
.PHONY: help run build kms page test check release audit bench soak postgres-versions screenshot fmt clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## Build everything and start it with the simulator; ready to use in a browser
	@echo "==> Starting on http://$(LISTEN) with the data in $(DATA). Ctrl-C stops it."
	@exec bin/paycorcred serve --listen $(LISTEN) --data $(DATA) --simulator $(ARGS)

build: page ## Build bin/paycorcred with everything embedded
	@echo "==> Building the server"
	@$(GO) build -trimpath -ldflags='-s -X main.version=$(VERSION)' -o bin/paycorcred .

kms: ## Build bin/paycorcred-kms, which asks the KMS of a cloud
	@echo "==> Building the program for keys in clouds"
	@cd $(HELPER) && $(GO) build -trimpath -ldflags=-s -o $(CURDIR)/bin/paycorcred-kms .

page: ## Build the page's WebAssembly and compress what the server serves
	@echo "==> Building the page (WebAssembly)"
	@rm -f $(filter-out $(PROGRAMS:%=$(STATIC)/%.wasm),$(wildcard $(STATIC)/*.wasm))
	@$(foreach program,$(PROGRAMS),$(GO) run ./app/slim -o $(STATIC)/$(program).wasm ./app/wasm/$(program) &&) true
	@cp -f "$$($(GO) env GOROOT)/lib/wasm/wasm_exec.js" $(STATIC)/wasm_exec.js
	@echo "==> Compressing the page (the first time takes half a minute)"
	@$(GO) run ./web/pack -docs $(BUDGETS) $(STATIC)

test: build tools ## Run every test, real browser included, with the race detector
	@echo "==> Running every test with the race detector"
	@CGO_ENABLED=1 $(GO) test $(RACE) -timeout 60m $$($(GO) list ./... | grep -v /web/e2e$$)
	@echo "==> Running the program in a real browser"
	@$(GO) test -timeout 60m ./web/e2e
	@echo "==> Testing the program for keys in clouds"
	@cd $(HELPER) && $(GO) test .
	@echo "==> Testing the release: image, units, chart"
	@cd .release && $(GO) test -timeout 30m .

check: page ## Check format, vet, static analysis, modules, size budget and the top-level layout
	@echo "==> Checking format"
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "$$unformatted"; echo "run: make fmt"; exit 1; }
	@echo "==> Checking modules"
	@$(GO) mod tidy -diff
	@cd .release && $(GO) mod tidy -diff
	@cd $(HELPER) && $(GO) mod tidy -diff
	@echo "==> Vetting, for the server and for the browser"
	@$(GO) vet ./...
	@GOOS=js GOARCH=wasm $(GO) vet ./app/... ./paycor
	@cd .release && $(GO) vet .
	@cd $(HELPER) && $(GO) vet .
	@echo "==> Building for Windows"
	@GOOS=windows GOARCH=amd64 $(GO) build -o /dev/null .
	@echo "==> Static analysis"
	@$(GO) run $(STATICCHECK) ./...
	@cd .release && $(GO) run $(STATICCHECK) .
	@cd $(HELPER) && $(GO) run $(STATICCHECK) .
	@echo "==> Checking the layout"
	@extra=$$(git ls-files | cut -d/ -f1 | sort -u | grep -vxE 'go\.mod|go\.sum|app|paycor|web|server\.go|Makefile|README\.md|\..*' || true); \
		test -z "$$extra" || { echo "not a top-level name of the project: $$extra"; exit 1; }

release: page ## Make everything that a version is distributed as, in bin/release
	@echo "==> Building $(VERSION) for every platform"
	@cd .release && $(GO) run . -version $(VERSION) -epoch $$(git log -1 --format=%ct) -out $(abspath $(RELEASE))
	@cat $(RELEASE)/SHA256SUMS

audit: page ## Run the public scanners that can be installed; accepted findings are in .ci/audit/accepted.txt
	@.ci/audit/run

bench: build tools ## Measure page load, durable saves, calls to Paycor, start-up and memory
	@$(GO) test -run '^$$' -bench . -benchtime 3000x ./paycor/store/sqlite
	@$(GO) test -run '^$$' -bench Save -benchtime 3000x ./paycor/store/postgres
	@$(GO) test -run '^$$' -bench . -benchtime 20x ./paycor/tokens
	@$(GO) test -run '^$$' -bench . -benchtime 1x ./paycor/proxy
	@$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 30m ./web/replicas
	@$(GO) test -run '^$$' -bench . -benchtime 5x -timeout 60m ./web/e2e

soak: ## Ten minutes each: call Paycor at full load with faults, kill replicas and PostgreSQL, revoke under load
	@$(GO) test -run TestSoak -count 1 -timeout 20m -v ./paycor/proxy -soak 10m
	@$(GO) test -run 'TestKilled|TestNothing' -parallel 1 -count 1 -timeout 40m -v ./web/replicas -soak 10m

POSTGRES_VERSIONS := 14 16 17 18
postgres-versions: .ci/postgres/node_modules/.installed ## Test with other versions of PostgreSQL than Debian's (Linux on x86-64)
	@$(foreach version,$(POSTGRES_VERSIONS),echo "==> Testing with PostgreSQL $(version)" && \
		PAYCORCRED_TEST_POSTGRES_PROGRAMS=$(CURDIR)/.ci/postgres/node_modules/postgres-$(version)/native/bin \
		$(GO) test -short -count 1 -timeout 30m ./paycor/store/postgres ./web/replicas &&) true

# The packages have no symbolic links: their libraries are found by the first number only.
.ci/postgres/node_modules/.installed: .ci/postgres/package-lock.json
	@command -v npm >/dev/null || { echo "==> Installing npm"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends npm; }
	@echo "==> Installing PostgreSQL $(POSTGRES_VERSIONS)"
	@cd .ci/postgres && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@for library in .ci/postgres/node_modules/*/native/lib/*.so.*.*; do ln -sf "$${library##*/}" "$${library%.*}"; done
	@touch $@

screenshot: page tools ## Take the pictures of the README again
	@$(GO) test -count 1 -run TestScreenshots ./web/e2e -screenshots "$(CURDIR)/.github"

fmt: ## Format the code
	@gofmt -w .

clean: ## Remove what was built, and keep the data
	@rm -rf bin $(STATIC)/*.wasm $(STATIC)/wasm_exec.js web/e2e/node_modules web/examples/*/node_modules web/examples/*/dist web/examples/*/.next
	@rm -rf $(STATIC)/locale
	@find $(STATIC)/packed $(STATIC)/docs -mindepth 1 ! -name .gitignore -delete

# The examples that tests build, in copies.
EXAMPLES := nextjs vite webpack

# What the tests need and this machine may not have.
.PHONY: tools
tools: web/e2e/node_modules/.installed web/examples/react/dist/main.js web/examples/vue/dist/main.js $(EXAMPLES:%=web/examples/%/node_modules/.installed)
	@command -v chromium >/dev/null || { echo "==> Installing chromium"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends chromium; }
	@for tool in chromedriver:chromium-driver firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver Xvfb:xvfb; do command -v $${tool%:*} >/dev/null || { \
		echo "==> Installing $${tool#*:} to run the tests in every browser"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends $${tool#*:} || exit 1; }; done
	@$(foreach tool,tinyproxy microsocks haproxy caddy,command -v $(tool) >/dev/null || { echo "==> Installing $(tool)"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends $(tool); };)
	@[ -e /usr/sbin/rsyslogd ] && ls /usr/lib/*/rsyslog/lmnsd_ossl.so >/dev/null 2>&1 || { echo "==> Installing rsyslog, which takes the audit trail in a test"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends rsyslog rsyslog-openssl; }
	@python3 -c 'import requests' 2>/dev/null || { echo "==> Installing Python's requests, with which a snippet of the page runs"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends python3-requests; }
	@command -v nginx >/dev/null || { echo "==> Installing nginx"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends nginx-light; }
	@command -v promtool >/dev/null || { echo "==> Installing promtool for the test of the alerting rules"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends prometheus; }
	@command -v pg_ctlcluster >/dev/null || { echo "==> Installing PostgreSQL, without a server of the system"; $(SUDO) mkdir -p /etc/postgresql-common; \
		[ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | $(SUDO) tee /etc/postgresql-common/createcluster.conf >/dev/null; \
		$(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends postgresql; }
	@command -v pgbouncer >/dev/null || { echo "==> Installing pgbouncer"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends pgbouncer; }
	@[ -e bin/local-kms ] || { echo "==> Installing local-kms, which answers as AWS KMS does"; GOBIN=$(CURDIR)/bin $(GO) install $(LOCAL_KMS); }
	@command -v gcc >/dev/null || { echo "==> Installing gcc for the race detector"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends gcc libc6-dev; }
	@command -v systemd-analyze >/dev/null || { echo "==> Installing systemd to check the units"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends systemd; }
	@command -v podman >/dev/null && command -v runc >/dev/null || { echo "==> Installing podman and runc to run the image"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends podman runc; }

web/e2e/node_modules/.installed: web/e2e/package-lock.json
	@command -v npm >/dev/null || { echo "==> Installing npm"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends npm; }
	@echo "==> Installing axe-core"
	@cd web/e2e && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

web/examples/client/sdk.js: web/static/embed/sdk.js web/static/embed/sdk.d.ts
	@cp $^ $(@D)

web/examples/%/dist/main.js: web/examples/%/package-lock.json web/examples/%/src web/examples/client/sdk.js $(wildcard web/examples/client/* web/examples/*/src/*)
	@command -v npm >/dev/null || { echo "==> Installing npm"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends npm; }
	@echo "==> Building the example for $*"
	@cd web/examples/$* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@

web/examples/%/node_modules/.installed: web/examples/%/package-lock.json web/examples/client/sdk.js $(wildcard web/examples/client/*)
	@command -v npm >/dev/null || { echo "==> Installing npm"; $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends npm; }
	@echo "==> Installing the packages of the example with $*"
	@cd web/examples/$* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
