"""pyHanko judges a document at a later time: `archive.py FILE TIME ROOT...`. No network is used.

It follows EN 319 102-1, 5.6.3 (validation of signatures with archival data): the document timestamp
vouches for everything before it. That certificates which are still valid at the given time are not
revoked then is taken for granted: their issuers could be asked, and nobody can ask about the future
now. Nobody vouches for those that have ended but the file. Prints PASSED as its last word, or why
not.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
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


def main() -> int:
    """Returns the exit code."""
    # It logs each try that the archival data then makes good.
    logging.disable()
    document, time, *roots = sys.argv[1:]
    at = datetime.fromisoformat(time)
    anchors = [x509.Certificate.load(pem.unarmor(Path(root).read_bytes())[2]) for root in roots]
    with Path(document).open("rb") as file:
        reader = PdfFileReader(file)
        known = list(DocumentSecurityStore.read_dss(reader).load_certs())
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
    print(f"{result.failure_msg or ''} best signature time {result.best_signature_time}")
    print(result.ades_subindic.status.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
