"""pyHanko judges documents at given times, with nothing but the file and trusted roots.

`pyhanko_judge.py KIND TIME FILE ROOT...`; without arguments the same is read from the standard
input, one question a line, separated by tabs. Each question is answered with one line, `PASSED` or
what speaks against the document. TIME may be `now`. One process can answer many, since loading
pyHanko takes as long as judging. The kinds:

`trust`: `pyhanko sign adesverify --no-revocation-check`.

`adesverify`: `pyhanko sign adesverify`. No service is asked: what the document holds on revocation
has to hold at that time.

`archive`: EN 319 102-1, 5.6.3 (validation of signatures with archival data): the document
timestamps vouch for everything before them. That certificates which are still valid at the given
time are not revoked then is taken for granted: their issuers could be asked, and nobody can ask
about the future now. Nobody vouches for those that have ended but the file. The signature's own
timestamp does not count here, once its certificate has ended: pyHanko 0.38 looks for it under a
wrong name when it collects what document timestamps prove to have existed.

The clock of this process stands at TIME (as in pyHanko's own tests). To be told the time of
validation is not enough for pyHanko 0.38: it slides back (5.6.2.2) from the time of the run, and it
has seen at the time of the run what nothing else proves to have existed. So a renewal after the run
was from the future, and certificates that ended after the run were believed without proof.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import pem, x509
from click.testing import CliRunner
from freezegun import freeze_time
from pyhanko.cli import cli_root
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    NonRevokedStatusAssertion,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

PASSED = "PASSED"


def main() -> int:
    """Returns the exit code."""
    # It logs each try that the archival data then makes good.
    logging.disable()
    arguments = sys.argv[1:]
    started = datetime.now(UTC).isoformat()
    lines = ["\t".join(arguments)] if arguments else sys.stdin.read().splitlines()
    with freeze_time(real_asyncio=True) as clock:
        for line in lines:
            kind, time, document, *roots = line.split("\t")
            time = started if time == "now" else time
            clock.move_to(time)
            try:
                answer = KINDS[kind](document, time, roots)
            except Exception as error:
                # It is asked about attacked files, too.
                answer = f"{type(error).__name__}: {error}"
            print(" / ".join(answer.split("\n")), flush=True)
    return 0


def trust(document: str, _time: str, roots: Sequence[str]) -> str:
    """Is the signature good, and are signer and timestamp trusted?"""
    return ades_verify(document, ["--no-revocation-check"], roots)


def revocation(document: str, time: str, roots: Sequence[str]) -> str:
    """The same, and was nobody revoked?"""
    return ades_verify(document, ["--validation-time", time], roots)


def ades_verify(document: str, options: Sequence[str], roots: Sequence[str]) -> str:
    """Runs the command in this process."""
    trusted = [word for root in roots for word in ("--trust", root)]
    command = ["sign", "adesverify", "--pretty-print", "--trust-replace", *options, *trusted]
    said = CliRunner().invoke(cli_root, [*command, document]).output
    # Without --trust of the timestamp authority it says VALID as well.
    wanted = ("The signature is judged VALID.", "The TSA certificate is trusted.")
    return PASSED if all(words in said for words in wanted) else said


def archive(document: str, time: str, roots: Sequence[str]) -> str:
    """Is the signature still to be believed, after certificates have ended?"""
    at = datetime.fromisoformat(time)
    anchors = [x509.Certificate.load(pem.unarmor(Path(root).read_bytes())[2]) for root in roots]
    with Path(document).open("rb") as file:
        reader = PdfFileReader(file)
        try:
            known = list(DocumentSecurityStore.read_dss(reader).load_certs())
        except NoDSSFoundError:
            known = []
        alive = [one for one in known if one.not_valid_after > at]
        specification = SignatureValidationSpec(
            cert_validation_policy=CertValidationPolicySpec(
                trust_manager=SimpleTrustManager.build(trust_roots=anchors),
                revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
            ),
            revinfo_gathering_policy=RevocationInfoGatheringSpec(
                RevinfoOnlineFetchingRule.LOCAL_ONLY
            ),
            local_knowledge=LocalKnowledge(
                nonrevoked_assertions=[
                    NonRevokedStatusAssertion(one.sha256, at=at) for one in alive
                ]
            ),
        )
        timing = ValidationTimingInfo(
            validation_time=at, point_in_time_validation=True, best_signature_time=at
        )
        result = asyncio.run(
            ades_lta_validation(
                reader.embedded_regular_signatures[0],
                PdfSignatureValidationSpec(specification),
                timing_info=timing,
            )
        )
    if result.ades_subindic.status.name != PASSED:
        found = f"{result.ades_subindic}, {result.failure_msg}"
        return f"{found}, best signature time {result.best_signature_time}"
    # The algorithm asks nothing about what was added behind the signature.
    return PASSED if result.api_status.bottom_line else "changed after it was signed"


KINDS = {"trust": trust, "adesverify": revocation, "archive": archive}

if __name__ == "__main__":
    sys.exit(main())
