# What a newcomer types. Every target says what it does: make help.
SHELL := /bin/bash
MVN := mvn -B -ntp
GO_DEMO := cd deploy/demo && mkdir -p bin && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o bin ./order-svc ./inventory-svc ./driver

.PHONY: help setup build programs test demo bench fuzz simulate clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what is missing (Debian), after saying what
	@scripts/setup
	@scripts/setup-go

build: setup ## compile everything: bin/thaw works afterwards
	@scripts/as-caller $(MVN) -q -DskipTests package
	@scripts/as-caller scripts/class-archive

programs:
	@scripts/as-caller bash -c '$(GO_DEMO)'

test: setup programs ## install what is missing and run every test, real kernel included
	@scripts/as-caller bash -c 'cd deploy/demo && go vet ./... && go test ./...'
	@scripts/as-root scripts/as-caller $(MVN) verify

demo: build programs ## the main job on this machine, measured (SCENE=1 runs one scene)
	@scripts/as-root scripts/as-caller bin/thaw demo --out target/demo $(if $(SCENE),--scene $(SCENE))

fuzz: setup ## hostile executables at the readers of programs, for an hour (FUZZ_SECONDS=60 shortens)
	$(MVN) -q -pl bpf -am test -Dtest=GoBinaryFuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Dthaw.fuzz.seconds=$(or $(FUZZ_SECONDS),3600) -Dthaw.fuzz.keep=true
	@tail -n 12 bpf/target/fuzz.log; grep 'most memory' bpf/target/fuzz.log | tail -n 1

bench: build programs ## the figures with n and spread (FIGURES="weight ready" measures some)
	@scripts/as-root scripts/as-caller scripts/bench $(FIGURES)

simulate: setup ## many seeds of the deterministic simulator (SEEDS=2000)
	@scripts/as-caller $(MVN) -q -pl coordinator -am test -Dtest='Simulation*' -Dsurefire.failIfNoSpecifiedTests=false -Dthaw.sim.seeds=$(or $(SEEDS),2000)

clean: ## remove what builds made
	$(MVN) -q clean
	rm -rf deploy/demo/bin target
