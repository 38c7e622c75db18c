# Every target is idempotent and quick when there is nothing to do: each script below compares what
# is there with what is wanted. Needs Rust (rust-toolchain.toml), Python 3.11 and make.

FUNCTIONS := parse-mail deliver record-event compose-certificate sign-certificate send-copies \
	serve-web expire-accounts renew-timestamps
PYTHON ?= python3

.PHONY: help venv fonts build up deploy demo down test iam lint fmt bench judges fuzz release clean

help:
	@echo 'make demo     set everything up, send a registered mail, show what became of it'
	@echo 'make up       start the local world and deploy to it;  make down stops it'
	@echo 'make test     every check and test;  make lint only the quick checks'
	@echo 'make iam      what policies grant and the last tests, or the local world, did not use'
	@echo 'make bench    measures;  make judges asks pyHanko and pdfsig about attacked certificates'
	@echo 'make fmt      formats;  make clean forgets everything made here'

# The pinned Python packages: LocalStack, its extension, the deployment and the checks.
venv:
	@$(PYTHON) localstack/install.py

# The functions are packed with them, and `akashi` is compiled with them.
fonts:
	@$(PYTHON) functions/shared/certificate/fetch_fonts.py

# The same profile and features for the local world and for the tests, so that both share one build.
build: fonts
	@cargo build --profile local --workspace --exclude bench --bins --all-features

# For AWS; for another processor or an older C library build with cargo-lambda, see the README.
release: fonts
	cargo build --release --locked $(addprefix -p ,$(FUNCTIONS) cli)

up: venv build
	@$(PYTHON) localstack/up.py
	@$(PYTHON) infra/deploy.py --local

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

# Needs a nightly compiler and cargo-fuzz (`cargo install cargo-fuzz`); FUZZ_SECONDS for each target.
FUZZ_SECONDS ?= 60
fuzz: fonts
	cargo run --quiet --profile local -p fuzz --example seeds
	@cp Cargo.lock tests/fuzz/guided/
	@for target in verifier mail; do \
		cargo +nightly fuzz run --fuzz-dir tests/fuzz/guided --target-dir target/fuzz \
			$$target target/fuzz/corpus/$$target -- -artifact_prefix=target/fuzz/ \
			-max_total_time=$(FUZZ_SECONDS) || exit 1; \
	done

clean: down
	rm -rf .local target
