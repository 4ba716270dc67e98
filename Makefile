# What a newcomer types. Every target says what it does: make help.
SHELL := /bin/bash
MVN := mvn -B -ntp

.PHONY: help setup build test clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install what is missing (Debian), after saying what
	@scripts/setup

build: setup ## compile everything
	$(MVN) -q -DskipTests package

test: setup ## install what is missing and run every test, real kernel included
	$(MVN) verify

clean: ## remove what builds made
	$(MVN) -q clean
