"""Certificate authorities with keys on disk: issuance, OCSP answers and revocation lists.

Everything follows RFC 5280 and RFC 6960 as far as validators look: unique serial numbers, key
identifiers, path lengths, a delegated OCSP responder that is itself exempt from revocation checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

RSA_BITS = 3072
ROOT_DAYS = 30 * 365
INTERMEDIATE_DAYS = 15 * 365
TSA_DAYS = 15 * 365
LEAF_DAYS = 3 * 365
OCSP_HOURS = 24
CRL_DAYS = 7
BACKDATING = timedelta(hours=1)
"""Certificates begin a little in the past, so that clocks that differ a little do not matter."""
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning of RFC 9336."""


class RefusedRequest(ValueError):
    """A certificate request that this authority does not serve; the message says why."""


@dataclass(frozen=True)
class Credential:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: PrivateKey


def new_key(kind: str) -> PrivateKey:
    """Makes a key: `rsa` (3072 bits), `p256` or `p384`."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS)
    curves: dict[str, ec.EllipticCurve] = {"p256": ec.SECP256R1(), "p384": ec.SECP384R1()}
    return ec.generate_private_key(curves[kind])


class Authority:
    """One certificate authority and its OCSP responder."""

    def __init__(
        self, name: str, ca: Credential, responder: Credential, issued: Path, base_url: str
    ) -> None:
        self.name = name
        self.ca = ca
        self.certificate = ca.certificate
        self._responder = responder
        self._issued = issued
        self._base_url = base_url

    @classmethod
    def open(
        cls,
        folder: Path,
        name: str,
        title: str,
        kind: str,
        base_url: str,
        parent: Authority | None = None,
    ) -> Authority:
        """Reads the authority from `folder`, or makes it there when it is new."""
        issued = folder / "issued"
        issued.mkdir(parents=True, exist_ok=True)
        ca = _load(folder / "ca.pem")
        responder = _load(folder / "ocsp.pem")
        if ca is None or responder is None:
            ca = _make_ca(title, kind, parent)
            authority = cls(name, ca, ca, issued, base_url)
            responder = authority._make_responder(title)
            # The certificate authority comes last: it is what tells that all is there.
            _save(folder / "ocsp.pem", responder)
            _save(folder / "ca.pem", ca)
        return cls(name, ca, responder, issued, base_url)

    def issue(
        self,
        subject: x509.Name,
        public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        days: int,
        extensions: Sequence[tuple[x509.ExtensionType, bool]],
    ) -> x509.Certificate:
        """Issues an end-entity certificate whose revocation can be checked here."""
        builder = _builder(subject, self.certificate, public_key, days).add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        for extension, is_critical in [*extensions, *self.revocation_pointers()]:
            builder = builder.add_extension(extension, is_critical)
        certificate = builder.sign(self.ca.key, _hash_for(self.ca.key))
        place = self._issued / f"{certificate.serial_number:x}.pem"
        place.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return certificate

    def revocation_pointers(self) -> list[tuple[x509.ExtensionType, bool]]:
        """Where the status of what this authority issued is served."""
        access = [
            (AuthorityInformationAccessOID.OCSP, f"{self._base_url}/ocsp/{self.name}"),
            (AuthorityInformationAccessOID.CA_ISSUERS, f"{self._base_url}/cert/{self.name}.crt"),
        ]
        descriptions = [
            x509.AccessDescription(method, x509.UniformResourceIdentifier(url))
            for method, url in access
        ]
        crl_url = x509.UniformResourceIdentifier(f"{self._base_url}/crl/{self.name}.crl")
        point = x509.DistributionPoint([crl_url], None, None, None)
        return [
            (x509.AuthorityInformationAccess(descriptions), False),
            (x509.CRLDistributionPoints([point]), False),
        ]

    def answer_ocsp(self, body: bytes, now: datetime) -> bytes:
        """Answers an OCSP request (DER in, DER out), with its nonce."""
        try:
            request = ocsp.load_der_ocsp_request(body)
        except ValueError:
            malformed = ocsp.OCSPResponseStatus.MALFORMED_REQUEST
            return _der(ocsp.OCSPResponseBuilder.build_unsuccessful(malformed))
        if not self._is_about_us(request):
            unauthorized = ocsp.OCSPResponseStatus.UNAUTHORIZED
            return _der(ocsp.OCSPResponseBuilder.build_unsuccessful(unauthorized))
        is_known = (self._issued / f"{request.serial_number:x}.pem").exists()
        responder = self._responder.certificate
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                request.issuer_name_hash,
                request.issuer_key_hash,
                request.serial_number,
                request.hash_algorithm,
                ocsp.OCSPCertStatus.GOOD if is_known else ocsp.OCSPCertStatus.UNKNOWN,
                now,
                now + timedelta(hours=OCSP_HOURS),
                None,
                None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, responder)
            .certificates([responder])
        )
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return _der(builder.sign(self._responder.key, _hash_for(self._responder.key)))

    def revocation_list(self, now: datetime) -> bytes:
        """The authority's revocation list as DER; nothing is ever revoked here."""
        ca = self.certificate
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(ca.subject)
            .last_update(now)
            .next_update(now + timedelta(days=CRL_DAYS))
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(_authority_key_identifier(ca), critical=False)
        )
        crl = builder.sign(self.ca.key, _hash_for(self.ca.key))
        return crl.public_bytes(serialization.Encoding.DER)

    def register(self, certificate: x509.Certificate) -> None:
        """Lets OCSP know a certificate that was signed elsewhere (a subordinate authority)."""
        place = self._issued / f"{certificate.serial_number:x}.pem"
        place.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _is_about_us(self, request: ocsp.OCSPRequest) -> bool:
        digest = hashes.Hash(request.hash_algorithm)
        digest.update(self.certificate.subject.public_bytes())
        return digest.finalize() == request.issuer_name_hash

    def _make_responder(self, title: str) -> Credential:
        key = new_key("p256")
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (_key_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ]
        subject = local_name(f"{title} OCSP")
        days = (self.certificate.not_valid_after_utc - datetime.now(UTC)).days
        return Credential(self.issue(subject, key.public_key(), days, extensions), key)


def issue_for_request(authority: Authority, pem: bytes) -> x509.Certificate:
    """Issues a document-signing certificate for a PKCS#10 request.

    Raises:
        RefusedRequest: not a request, a wrong signature, or a key that is not RSA 3072 or P-256.
    """
    try:
        request = x509.load_pem_x509_csr(pem)
        is_signed = request.is_signature_valid
        key = request.public_key()
    except Exception as error:
        raise RefusedRequest(f"not a PEM certificate request: {error}") from error
    if not is_signed:
        raise RefusedRequest("the signature of the certificate request is wrong")
    is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size == RSA_BITS
    is_p256 = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    if not (is_rsa or is_p256):
        raise RefusedRequest("the key must be RSA with 3072 bits or ECDSA on P-256")
    if not request.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        raise RefusedRequest("the subject has no common name")
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)  # noqa: S101
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (_key_usage(digital_signature=True, content_commitment=True), True),
        (x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), False),
    ]
    return authority.issue(request.subject, key, LEAF_DAYS, extensions)


def issue_for_timestamps(authority: Authority, title: str, kind: str) -> Credential:
    """Makes the key and certificate of a timestamp authority (RFC 3161, 2.3)."""
    key = new_key(kind)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (_key_usage(digital_signature=True), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
    ]
    certificate = authority.issue(local_name(title), key.public_key(), TSA_DAYS, extensions)
    return Credential(certificate, key)


def load_or_make(place: Path, make: Credential | None) -> Credential | None:
    """Reads a credential, or stores the given one; None when there is neither."""
    found = _load(place)
    if found is None and make is not None:
        _save(place, make)
        return make
    return found


def pem(certificate: x509.Certificate) -> str:
    """The certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def local_name(common_name: str) -> x509.Name:
    """A subject that nobody mistakes for a real authority."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Akashi local world, not trusted"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _make_ca(title: str, kind: str, parent: Authority | None) -> Credential:
    key = new_key(kind)
    subject = local_name(title)
    days = ROOT_DAYS if parent is None else INTERMEDIATE_DAYS
    issuer = None if parent is None else parent.certificate
    path_length = None if parent is None else 0
    builder = (
        _builder(subject, issuer, key.public_key(), days)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    if parent is None:
        return Credential(builder.sign(key, _hash_for(key)), key)
    for extension, is_critical in parent.revocation_pointers():
        builder = builder.add_extension(extension, is_critical)
    certificate = builder.sign(parent.ca.key, _hash_for(parent.ca.key))
    parent.register(certificate)
    return Credential(certificate, key)


def _builder(
    subject: x509.Name,
    issuer: x509.Certificate | None,
    public_key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    days: int,
) -> x509.CertificateBuilder:
    begin = datetime.now(UTC).replace(microsecond=0) - BACKDATING
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )
    if issuer is not None:
        builder = builder.add_extension(_authority_key_identifier(issuer), critical=False)
    return builder


def _authority_key_identifier(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _hash_for(key: PrivateKey) -> hashes.SHA256 | hashes.SHA384:
    is_p384 = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1)
    return hashes.SHA384() if is_p384 else hashes.SHA256()


def _der(response: ocsp.OCSPResponse) -> bytes:
    return response.public_bytes(serialization.Encoding.DER)


def _load(place: Path) -> Credential | None:
    if not place.exists():
        return None
    data = place.read_bytes()
    key = serialization.load_pem_private_key(data, password=None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{place} holds a key of a kind that is not made here")
    return Credential(x509.load_pem_x509_certificate(data), key)


def _save(place: Path, credential: Credential) -> None:
    key = credential.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    unfinished = place.with_suffix(".new")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(key + credential.certificate.public_bytes(serialization.Encoding.PEM))
    unfinished.rename(place)
