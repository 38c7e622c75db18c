"""Signs a draft to B-LTA with pyHanko and prints the CPU time in milliseconds, the least of five.

Revocation lists and timestamps are given: they are made before, or not counted. Both chains have
three certificates, as in the measure of ours; one authority makes both timestamps.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import crl, keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

ROUNDS = 5
NOW = datetime.now(UTC).replace(microsecond=0)


class Stamper(DummyTimeStamper):
    """Keeps the time that it takes itself."""

    seconds = 0.0

    async def async_request_tsa_response(self, req: Any) -> Any:
        """Answers, off the clock."""
        before = time.process_time()
        answer = await super().async_request_tsa_response(req)
        self.seconds += time.process_time() - before
        return answer


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(
    subject: str,
    key: Key,
    issuer: tuple[str, ec.EllipticCurvePrivateKey],
    *,
    authority: bool = False,
    stamps: bool = False,
) -> asn1.Certificate:
    """A certificate of ten years."""
    name = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (subject, issuer[0])
    ]
    usage = {
        "digital_signature": not authority,
        "content_commitment": not (authority or stamps),
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "key_cert_sign": authority,
        "crl_sign": authority,
        "encipher_only": False,
        "decipher_only": False,
    }
    builder = (
        x509.CertificateBuilder()
        .subject_name(name[0])
        .issuer_name(name[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if stamps:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, critical=True)
    made = builder.sign(issuer[1], hashes.SHA256())
    return asn1.Certificate.load(made.public_bytes(serialization.Encoding.DER))


def revocation_list(name: str, key: ec.EllipticCurvePrivateKey) -> crl.CertificateList:
    """A list without entries, for a week."""
    made = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .last_update(NOW - timedelta(minutes=1))
        .next_update(NOW + timedelta(days=7))
        .sign(key, hashes.SHA256())
    )
    return crl.CertificateList.load(made.public_bytes(serialization.Encoding.DER))


def private(key: Key) -> keys.PrivateKeyInfo:
    """The key as pyHanko wants it."""
    encoding = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8)
    return keys.PrivateKeyInfo.load(key.private_bytes(*encoding, serialization.NoEncryption()))


def main() -> int:
    """Prints the figure."""
    draft = Path(sys.argv[1]).read_bytes()
    root, issuing, leaf, stamp_root, stamp_issuing = (
        ec.generate_private_key(ec.SECP256R1()) for _ in range(5)
    )
    # pyHanko's own authority for tests knows no other kind.
    stamp = rsa.generate_private_key(public_exponent=65_537, key_size=3072)
    root_certificate = certificate("root", root, ("root", root), authority=True)
    issuing_certificate = certificate("issuing", issuing, ("root", root), authority=True)
    leaf_certificate = certificate("leaf", leaf, ("issuing", issuing))
    stamp_root_certificate = certificate("tsa", stamp_root, ("tsa", stamp_root), authority=True)
    between = certificate("between", stamp_issuing, ("tsa", stamp_root), authority=True)
    stamp_certificate = certificate("stamp", stamp, ("between", stamp_issuing), stamps=True)
    lists = [
        revocation_list(*issuer)
        for issuer in (
            ("root", root),
            ("issuing", issuing),
            ("tsa", stamp_root),
            ("between", stamp_issuing),
        )
    ]
    store = SimpleCertificateStore()
    store.register_multiple([issuing_certificate, root_certificate])
    stamp_store = SimpleCertificateStore()
    stamp_store.register_multiple([between, stamp_root_certificate])
    least = float("inf")
    for _ in range(ROUNDS):
        context = ValidationContext(
            trust_roots=[root_certificate, stamp_root_certificate],
            crls=lists,
            other_certs=[issuing_certificate, between],
            allow_fetching=False,
            revocation_mode="require",
        )
        stamper = Stamper(stamp_certificate, private(stamp), certs_to_embed=stamp_store)
        signer = signers.SimpleSigner(leaf_certificate, private(leaf), store)
        metadata = signers.PdfSignatureMetadata(
            field_name="Signature1",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            validation_context=context,
            embed_validation_info=True,
            use_pades_lta=True,
        )
        before = time.process_time()
        writer = IncrementalPdfFileWriter(BytesIO(draft))
        signers.sign_pdf(writer, metadata, signer, timestamper=stamper)
        spent = time.process_time() - before - stamper.seconds
        least = min(least, spent)
    print(f"{1e3 * least:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
