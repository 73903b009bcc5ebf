# One place for everything one types often. Bare `make` lists it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The commit `bench-diff` and `instructions` compare with, and how long `fuzz` runs.
BASE ?= HEAD
SECONDS ?= 60

# Sanitizers and libFuzzer want flags that are not stable: a nightly compiler, or the stable one told to take them.
UNSTABLE_CARGO := $(shell cargo +nightly --version >/dev/null 2>&1 && echo 'cargo +nightly' || echo 'RUSTC_BOOTSTRAP=1 cargo')

# What `nightly` asks for beyond a pull request.
TWIN_COMMANDS ?= 10000000
MUTANTS ?= 30
FUZZ_TARGETS := commands record wire_up wire_down
BARE_TARGET := x86_64-unknown-none
HOST_TARGET = $(shell rustc -vV | sed -n 's/^host: //p')

define headline
@printf '\n== %s ==\n' $(1)
endef

.PHONY: help
help:
	@echo 'Usage: make <target>'
	@echo
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Run the demo: fifty buyers and more bidding over QUIC for 5,000 calls
	cargo run --release -- demo

.PHONY: serve
serve: ## Run the exchange, its log under ./dce-data
	cargo run --release -- serve

.PHONY: test
test: ## Run every test
	cargo test --workspace --profile ci --features dce-server/full

.PHONY: test-integration
test-integration: ## Run the stories, the twin and the house rules only
	cargo test --profile ci -p dce-tests

.PHONY: coverage
coverage: ## Measure which lines the tests reach; report in target/llvm-cov/html
	@cargo llvm-cov --version >/dev/null 2>&1 || { echo 'coverage needs cargo-llvm-cov: run `make install-tools`'; exit 1; }
	cargo llvm-cov --workspace --html

.PHONY: bench
bench: ## Run the benches on the usual worlds
	cargo bench -p dce-benches

.PHONY: bench-full
bench-full: ## Run the benches on all worlds, up to a million profiles
	DCE_BENCH_FULL=1 cargo bench -p dce-benches

.PHONY: compare
compare: ## Print the engine beside scans, roaring bitmaps and a-tree
	cargo run --release -p dce-benches --bin compare

.PHONY: bench-diff
bench-diff: ## Compare the benches with another commit: make bench-diff BASE=<commit>
	bash benches/diff.sh '$(BASE)'

.PHONY: instructions
instructions: ## Count the instructions of a decision, here and at another commit: make instructions BASE=<commit>
	bash benches/instructions.sh '$(BASE)'

.PHONY: mutants
mutants: ## Judge the suite by mutants of the engine's rules: make mutants MUTANTS=<how many, 30>
	bash tests/mutants/run.sh $(MUTANTS)

.PHONY: gate
gate: ## Hold a decision's instructions and cache misses to those recorded in benches/instructions.toml
	bash benches/gate.sh

.PHONY: fuzz
fuzz: ## Feed random bytes to every decoder and commands to the engine: make fuzz SECONDS=<each, 60>
	@cargo fuzz --version >/dev/null 2>&1 || { echo 'fuzz needs cargo-fuzz: run `make install-tools`'; exit 1; }
	@# New inputs stay out of the corpus that is kept: libFuzzer writes into the first folder it is given.
	cd fuzz && for target in $(FUZZ_TARGETS); do mkdir -p target/found/$$target && \
		$(UNSTABLE_CARGO) fuzz run $$target target/found/$$target corpus/$$target -- -max_total_time=$(SECONDS); done

.PHONY: lint
lint: ## Check format, lints, documentation and dependencies; changes nothing
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --profile ci --features dce-server/full,dce-benches/rest -- -D warnings
	@# The lean build, as most people have it.
	cargo clippy -p dce-server --all-targets --profile ci -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --profile ci --features dce-server/full
	@if cargo deny --version >/dev/null 2>&1; then \
		echo 'cargo deny check'; cargo deny check; \
	else \
		echo 'SKIPPED: cargo deny check (cargo-deny is not installed: run `make install-tools`)'; \
	fi

.PHONY: fix
fix: ## Rewrite what `lint` can repair by itself
	cargo clippy --workspace --all-targets --profile ci --features dce-server/full --fix --allow-dirty --allow-staged
	cargo fmt --all

.PHONY: doc
doc: ## Build the API documentation into target/doc
	cargo doc --workspace --no-deps --profile ci --features dce-server/full

.PHONY: security
security: need-deny ## Check dependencies: advisories, licences, repeated versions, sources
	cargo deny check

.PHONY: vulncheck
vulncheck: need-deny ## Check dependencies for known vulnerabilities only
	cargo deny check advisories

.PHONY: install-tools
install-tools: ## Install the tools the other targets use
	cargo install --locked cargo-deny cargo-llvm-cov cargo-fuzz cargo-watch cargo-mutants

.PHONY: dev-watch
dev-watch: ## Run the tests again at each change
	@cargo watch --version >/dev/null 2>&1 || { echo 'dev-watch needs cargo-watch: run `make install-tools`'; exit 1; }
	cargo watch -x 'test --workspace --profile ci --features dce-server/full'

.PHONY: ci
ci: ## Run what a pull request must pass
	bash .ci/run

.PHONY: nightly
nightly: ## Run the long checks: Miri, sanitizer, planted bugs, mutants, a dry buyer, the dearest decision, kills, power cuts, futex calls, schemathesis, ten million commands, no_std, fuzz
	$(call headline,'Miri: the collections, the portable kernel')
	@if cargo +nightly miri --version >/dev/null 2>&1; then \
		PROPTEST_CASES=4 MIRIFLAGS=-Zmiri-disable-isolation cargo +nightly miri test -p dce-engine --lib -- collections targeting::; \
	else \
		echo 'SKIPPED: Miri (it is not installed: run `rustup toolchain install nightly --component miri,rust-src`)'; \
	fi
	$(call headline,'AddressSanitizer and Valgrind: the kernels this processor has')
	RUSTFLAGS=-Zsanitizer=address $(UNSTABLE_CARGO) test -p dce-engine --lib --target $(HOST_TARGET) -- targeting::
	bash tests/kernels.sh --may-skip
	$(call headline,'Planted bugs: the suite must catch each one')
	bash tests/planted/run.sh
	$(call headline,'Mutants: $(MUTANTS) of a seeded sample')
	@if cargo mutants --version >/dev/null 2>&1; then \
		bash tests/mutants/run.sh $(MUTANTS); \
	else \
		echo 'SKIPPED: mutants (cargo-mutants is not installed: run `make install-tools`)'; \
	fi
	$(call headline,'A buyer that runs dry: instructions of the dearest command')
	@if command -v valgrind >/dev/null; then \
		bash benches/dry_buyer.sh; \
	else \
		echo 'SKIPPED: instructions (valgrind is not installed)'; \
	fi
	$(call headline,'Gate: the largest of 100,000 decisions in each world')
	bash benches/gate.sh --long
	$(call headline,'Journal: 200 times kill -9; power cuts on a copied image')
	DCE_KILL_ROUNDS=200 cargo test --profile ci -p dce-persistence --test kill -- --nocapture
	DCE_KILL_ROUNDS=200 cargo test --profile ci -p dce-history --test kill
	bash tests/power_cut.sh 5
	$(call headline,'Writer: no futex call under load')
	bash tests/futex.sh --may-skip
	$(call headline,'Schemathesis: every operation of REST')
	bash tests/schemathesis.sh --may-skip
	$(call headline,'Twin: $(TWIN_COMMANDS) commands')
	DCE_TWIN_COMMANDS=$(TWIN_COMMANDS) cargo test --profile ci -p dce-tests --test differential -- --nocapture
	$(call headline,'no_std: the engine on bare metal')
	@if command -v rustup >/dev/null; then rustup target add $(BARE_TARGET); fi
	cargo build -p dce-engine --target $(BARE_TARGET) --release
	$(call headline,'Fuzz: the corpus, on stable')
	cargo test --manifest-path fuzz/Cargo.toml --no-default-features --release
	$(call headline,'Fuzz: $(SECONDS) s')
	@if cargo fuzz --version >/dev/null 2>&1; then \
		$(MAKE) --no-print-directory fuzz; \
	else \
		echo 'SKIPPED: fuzz (cargo-fuzz is not installed: run `make install-tools`)'; \
	fi

.PHONY: need-deny
need-deny:
	@cargo deny --version >/dev/null 2>&1 || { echo 'this needs cargo-deny: run `make install-tools`'; exit 1; }
