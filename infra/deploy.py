#!/usr/bin/env python3
"""Deploys the stack: to AWS, or with `--local` to the local world. The same template serves both.

    python3 infra/deploy.py --local
    python3 infra/deploy.py --local --parameter DeadlineHourSeconds=60
    python3 infra/deploy.py --stack akashi --parameter ServiceDomain=registered.example

It packages the functions, uploads them by digest, creates or updates the stack, activates the
receipt rule set and the delivery logs of SMS (which CloudFormation cannot), sees to it that the
signing key has a certificate, and writes the outputs of the stack to .local/stack.json. When
nothing changed it ends at once; locally, when only code changed, it updates just those functions.
infra/README.md says what it asks of an account, and why.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INFRA = Path(__file__).resolve().parent
ROOT = INFRA.parent
LOCAL = ROOT / ".local"
PYTHON = LOCAL / "venv" / "bin" / "python"
LOCAL_REGION = "ap-northeast-1"
LOCAL_NUMBER = "+815012345678"
"""The number of the local world that offers come from and that takes answers."""

sys.path.insert(0, str(INFRA))
sys.path.insert(0, str(ROOT / "localstack"))

import names  # noqa: E402 - it stands beside this script.
import packages  # noqa: E402
from packages import DeployError  # noqa: E402


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    stack: str
    local: bool
    binaries: Path
    parameters: dict[str, str]
    out: Path
    chain: Path | None
    timestamp_authorities: Path | None
    revocation: Path | None
    request_certificate: bool
    cli: Path | None = None
    take_over_receipt_rules: bool = False
    take_over_sms: bool = False
    adopt_sms_log_groups: bool = False

    @property
    def cli_folders(self) -> list[Path]:
        """Where the command line is looked for."""
        profiles = ("local",) if self.local else ("release", "local")
        return [self.binaries, *(target_folder() / profile for profile in profiles)]

    @property
    def state_file(self) -> Path:
        """What was deployed last, beside the outputs."""
        return self.out.with_suffix(".deployed.json")

    @property
    def trust_file(self) -> Path:
        """By what others verify certificates of this stack."""
        return self.out.with_suffix(".trust.json")


def main() -> int:
    """Returns the exit code."""
    options = parse_options()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with options.out.with_suffix(".lock").open("w") as lock:
            # Two at once would make the same stack. The lock ends with the process, or with the
            # exec below, whose new process takes it again.
            fcntl.flock(lock, fcntl.LOCK_EX)
            deploy(options)
    except DeployError as error:
        print(f"deploy: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"deploy: {error.cmd[0]} failed with status {error.returncode}", file=sys.stderr)
        return 1
    return 0


def deploy(options: Options) -> None:
    """Deploys unless everything is as wanted; in the project's own Python from there on."""
    names.require_stack_name(options.stack)
    if options.local:
        use_local_world(options)
    found = packages.collect(options.binaries)
    if not options.local:
        for package in found:
            package.require_c_library()
    wanted = state_of(options, found)
    recorded = recorded_state(options)
    if options.local and wanted == recorded and options.out.is_file():
        return
    if Path(sys.prefix).resolve() != PYTHON.parents[1].resolve():
        # Everything above needs no package; everything below talks to AWS.
        require(PYTHON.exists(), f"{PYTHON} is not there: run `make venv`")
        os.execv(PYTHON, [str(PYTHON), *sys.argv])  # noqa: S606 - no shell is needed.
    import stack  # The SDK takes longer to import than the check above takes.

    outputs = stack.deploy(options, found, wanted, recorded)
    write_json(options.out, outputs)
    write_json(options.state_file, wanted)
    stack.write_trust_file(options)


def require(condition: bool, message: str) -> None:
    """Raises `DeployError` with this message unless the condition holds."""
    if not condition:
        raise DeployError(message)


def parse_options() -> Options:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default="akashi", help="name of the stack (default: akashi)")
    parser.add_argument("--local", action="store_true", help="deploy to the local world")
    parser.add_argument("--binaries", type=Path, help="folder that cargo built the functions into")
    parser.add_argument(
        "--parameter", action="append", default=[], metavar="NAME=VALUE", help="template parameter"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(os.environ.get("AKASHI_STACK") or LOCAL / "stack.json"),
        help="where the outputs are written (default: AKASHI_STACK or .local/stack.json)",
    )
    parser.add_argument(
        "--request-certificate", action="store_true", help="make .local/signing.csr, on AWS"
    )
    parser.add_argument("--chain", type=Path, help="PEM file: leaf, intermediates, root")
    parser.add_argument(
        "--timestamp-authorities",
        type=Path,
        help="JSON: [{name, url, trusted_roots, policy}], two or more",
    )
    parser.add_argument(
        "--revocation",
        type=Path,
        help="JSON: [{issuer, ocsp, crl}], addresses in place of those in certificates",
    )
    parser.add_argument(
        "--cli", type=Path, help="the program akashi of this machine, for --request-certificate"
    )
    parser.add_argument(
        "--take-over-receipt-rules",
        action="store_true",
        help="end the receipt rule set that is active in the region",
    )
    parser.add_argument(
        "--take-over-sms",
        action="store_true",
        help="change attributes of SMS that something else in the account set",
    )
    parser.add_argument(
        "--adopt-sms-log-groups",
        action="store_true",
        help="read the account's log groups of SMS, and leave them as they are",
    )
    given = parser.parse_args()
    for parameter in given.parameter:
        if "=" not in parameter:
            parser.error(f"--parameter {parameter}: expected NAME=VALUE")
    if (given.chain is None) != (given.timestamp_authorities is None):
        parser.error("--chain and --timestamp-authorities go together")
    if given.revocation is not None and given.chain is None:
        parser.error("--revocation goes with --chain")
    profile = "local" if given.local else "release"
    return Options(
        stack=given.stack,
        local=given.local,
        binaries=given.binaries or target_folder() / profile,
        parameters=dict(parameter.split("=", 1) for parameter in given.parameter),
        out=given.out,
        chain=given.chain,
        timestamp_authorities=given.timestamp_authorities,
        revocation=given.revocation,
        request_certificate=given.request_certificate,
        cli=given.cli,
        take_over_receipt_rules=given.take_over_receipt_rules,
        take_over_sms=given.take_over_sms,
        adopt_sms_log_groups=given.adopt_sms_log_groups,
    )


def target_folder() -> Path:
    """Where cargo builds into."""
    return Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")


def use_local_world(options: Options) -> None:
    """Fills in what the template cannot know about the local world."""
    from akashi_localstack import settings

    world = settings.load()
    use_local_credentials()
    options.parameters.setdefault("DnsResolver", f"{settings.LOOPBACK}:{world.dns_port}")
    options.parameters.setdefault("DeletionProtection", "false")
    options.parameters.setdefault("SmsOriginationNumber", LOCAL_NUMBER)
    options.parameters.setdefault("TwoWaySms", "true")
    # A contract that nobody answers ends while somebody looks: its shortest deadline is one hour.
    options.parameters.setdefault("DeadlineHourSeconds", "20")
    options.parameters.setdefault("MailHeadStartSeconds", "15")


def use_local_credentials() -> None:
    """Points the SDK at the local world."""
    from akashi_localstack import settings

    os.environ["AWS_ENDPOINT_URL"] = settings.load().gateway_url
    os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = LOCAL_REGION
    os.environ["AWS_ACCESS_KEY_ID"] = "test"
    os.environ["AWS_SECRET_ACCESS_KEY"] = "test"  # noqa: S105 - LocalStack takes any.
    os.environ.pop("AWS_SESSION_TOKEN", None)
    os.environ.pop("AWS_PROFILE", None)


def state_of(options: Options, found: list[packages.Package]) -> dict[str, Any]:
    """Everything that decides what the deployed stack is like."""
    template = hashlib.sha256()
    for path in sorted(INFRA.glob("**/*.yaml")):
        template.update(path.name.encode() + b"\0" + path.read_bytes())
    return {
        "stack": options.stack,
        "world": world_identity() if options.local else "aws",
        "template": template.hexdigest(),
        "parameters": options.parameters,
        "packages": {package.name: package.digest for package in found},
    }


def world_identity() -> str:
    """Changes when LocalStack starts anew, because then everything in it is gone."""
    url = os.environ["AWS_ENDPOINT_URL"]
    try:
        with urllib.request.urlopen(f"{url}/_akashi/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError) as error:
        raise DeployError(f"nothing answers at {url} ({error}): run `make up`") from error
    return f"{url} {health.get('run')} {health.get('pid')}"


def recorded_state(options: Options) -> dict[str, Any]:
    """What was deployed last; empty when that is unknown."""
    try:
        state = json.loads(options.state_file.read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_json(path: Path, value: Any) -> None:
    """Writes the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n")
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())
