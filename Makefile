# Every target is idempotent and quick when there is nothing to do: each script below compares what
# is there with what is wanted. Needs Rust (rust-toolchain.toml), Python 3.11 and make.

FUNCTIONS := parse-mail deliver record-event compose-certificate sign-certificate send-copies \
	serve-web expire-accounts renew-timestamps
PYTHON ?= python3
# Where cargo builds, and for which machine.
TARGET := $(or $(CARGO_TARGET_DIR),target)
HOST = $(shell rustc -vV | sed -n 's/^host: //p')

.PHONY: help venv fonts build up world deploy demo down test iam lint fmt bench judges fuzz \
	fuzz-guided release verifier clean

help:
	@echo 'make demo     set everything up, send a registered mail, show what became of it'
	@echo 'make up       start the local world and deploy to it;  make down stops it'
	@echo 'make test     every check and test;  make lint only the quick checks'
	@echo 'make iam      what policies grant and the last tests, or the local world, did not use'
	@echo 'make bench    measures;  make judges asks pyHanko and pdfsig about attacked certificates'
	@echo 'make verifier makes akashi-verify, one file that runs on any Linux of this processor'
	@echo 'make fmt      formats;  make clean forgets everything made here'

# The pinned Python packages: LocalStack, its extension, the deployment and the checks.
venv:
	@$(PYTHON) localstack/install.py

# The functions are packed with them, and `akashi` and `akashi-verify` are compiled with them.
fonts:
	@$(PYTHON) functions/shared/paper/fetch_fonts.py

# The same profile and features for the local world and for the tests, so that both share one build.
# Cargo counts its own jobs.
build: fonts
	@MAKEFLAGS= cargo build --profile local --workspace --exclude bench --bins --all-features

# For AWS; for another processor or an older C library build with cargo-lambda, see the README.
release: fonts verifier
	cargo build --release --locked $(addprefix -p ,$(FUNCTIONS) cli)

# The public's program, with the C library in it. It is built for a named target, because otherwise
# build scripts and macros would be linked that way too, and in a folder of its own, so that nothing
# else is built again with its flags.
verifier: fonts
	RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --locked -p verify \
		--target $(HOST) --target-dir $(TARGET)/static
	@mkdir -p $(TARGET)/release
	@cp $(TARGET)/static/$(HOST)/release/akashi-verify $(TARGET)/release/akashi-verify
	@$(PYTHON) infra/standalone.py $(TARGET)/release/akashi-verify

# The local world is installed and started while cargo builds what is deployed to it.
up:
	@$(MAKE) --no-print-directory -j2 world build
	@$(PYTHON) infra/deploy.py --local

world: venv
	@$(PYTHON) localstack/up.py

deploy: up

demo: up
	@.local/venv/bin/python localstack/demo.py

down:
	@$(PYTHON) localstack/down.py

test:
	@$(PYTHON) .ci/check.py

# What was recorded by the last `make test`, else by the local world since it started.
iam: venv
	@.local/venv/bin/python -m akashi_localstack.iam.report

lint:
	@$(PYTHON) .ci/check.py --lint

fmt: venv
	cargo fmt --all
	.local/venv/bin/ruff format localstack
	.local/venv/bin/ruff format --config infra/pyproject.toml infra .ci tests/judges

# Measures what AWS runs, so it builds that first, and then the local world.
bench: up release
	cargo run --release -p bench
	@$(PYTHON) tests/bench/package_sizes.py
	@.local/venv/bin/python tests/bench/local_world.py

# Ours, pyHanko's and pdfsig's verdicts on the corpus of attacks, with all disagreements.
judges: fonts
	@$(PYTHON) tests/judges/install.py
	@cargo run --quiet --profile local -p judges --example verdicts

# First structural mutations, FUZZ_MUTATIONS of them from the seed FUZZ_SEED on, with the compiler
# of everything else. What follows needs a nightly compiler and cargo-fuzz (`cargo install
# cargo-fuzz`), and is left out where they are missing; FUZZ_SECONDS for each target.
FUZZ_MUTATIONS ?= 10000
FUZZ_SEED ?= 0
FUZZ_SECONDS ?= 60
fuzz: fonts
	cargo run --quiet --profile local -p fuzz --example structural -- $(FUZZ_MUTATIONS) $(FUZZ_SEED)
	@if ! cargo +nightly fuzz --version >/dev/null 2>&1; then \
		echo 'no nightly compiler with cargo-fuzz: the guided targets are left out'; \
		exit 0; \
	fi; \
	$(MAKE) --no-print-directory fuzz-guided

fuzz-guided:
	cargo run --quiet --profile local -p fuzz --example seeds
	@cp Cargo.lock tests/fuzz/guided/
	@for target in verifier mail; do \
		cargo +nightly fuzz run --fuzz-dir tests/fuzz/guided --target-dir target/fuzz \
			$$target target/fuzz/corpus/$$target -- -artifact_prefix=target/fuzz/ \
			-max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

clean: down
	rm -rf .local target
