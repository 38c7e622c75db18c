"""The certification authority and the two timestamp authorities (X-2, X-11; issue part 9)."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from typing import Any

import pytest
from asn1crypto import core, tsp
from conftest import World
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

IMPRINT = hashlib.sha256(b"a signature").digest()
NONCE = 0x1234_5678_9ABC_DEF0


class Rejection(core.Sequence):
    """A `TimeStampResp` without a token, which asn1crypto's own class does not allow."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012 - the base class reads it so.


def call(url: str, body: bytes | None = None, kind: str = "application/json") -> tuple[int, bytes]:
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def new_request(key: Any, common_name: str = "Akashi 明石") -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def issue(world: World, request: bytes) -> list[x509.Certificate]:
    status, body = call(f"{world.gateway_url}/_akashi/pki/issue", request)
    assert status == 200, body
    return [x509.load_pem_x509_certificate(pem.encode()) for pem in json.loads(body)["chain"]]


def stamp(world: World, name: str, policy: str | None = None) -> tuple[int, bytes]:
    query: dict[str, Any] = {
        "version": "v1",
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256"},
            "hashed_message": IMPRINT,
        },
        "nonce": NONCE,
        "cert_req": True,
    }
    if policy is not None:
        query["req_policy"] = policy
    body = tsp.TimeStampReq(query).dump()
    url = f"http://127.0.0.1:{world.pki_port}/tsa/{name}"
    return call(url, body, "application/timestamp-query")


def token(body: bytes) -> tuple[dict[str, Any], Any]:
    response = tsp.TimeStampResp.load(body)
    assert response["status"]["status"].native == "granted"
    signed = response["time_stamp_token"]["content"]
    return signed["encap_content_info"]["content"].parsed.native, signed


def set_fault(world: World, name: str, fault: str, count: int | None) -> int:
    body = json.dumps({"fault": fault, "count": count}).encode()
    return call(f"{world.gateway_url}/_akashi/pki/faults/{name}", body)[0]


def authorities(world: World) -> dict[str, Any]:
    _, body = call(f"{world.gateway_url}/_akashi/pki/timestamp-authorities")
    return {each["name"]: each for each in json.loads(body)}


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_issues_a_document_signing_certificate_with_its_chain(world: World, kind: str) -> None:
    keys = {"rsa": lambda: rsa.generate_private_key(65_537, 3072)}
    key: Any = keys[kind]() if kind in keys else ec.generate_private_key(ec.SECP256R1())
    leaf, intermediate, root = issue(world, new_request(key))
    leaf.verify_directly_issued_by(intermediate)
    intermediate.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    assert leaf.public_key() == key.public_key()
    assert leaf.subject.rfc4514_string() == "CN=Akashi 明石"
    usage = leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.digital_signature and usage.value.content_commitment
    assert not usage.value.key_cert_sign


@pytest.mark.parametrize(
    ("request_pem", "reason"),
    [
        (b"nonsense", "not a PEM certificate request"),
        (new_request(rsa.generate_private_key(65_537, 2048)), "must be RSA with 3072 bits"),
        (new_request(ec.generate_private_key(ec.SECP384R1())), "or ECDSA on P-256"),
    ],
    ids=["nonsense", "rsa2048", "p384"],
)
def test_refuses_requests_that_it_does_not_serve(
    world: World, request_pem: bytes, reason: str
) -> None:
    status, body = call(f"{world.gateway_url}/_akashi/pki/issue", request_pem)
    assert status == 400
    assert reason in json.loads(body)["error"]


def test_refuses_a_request_with_a_wrong_signature(world: World) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = new_request(key)
    der = bytearray(x509.load_pem_x509_csr(pem).public_bytes(serialization.Encoding.DER))
    der[der.index(b"Akashi")] = ord("B")
    forged = x509.load_der_x509_csr(bytes(der)).public_bytes(serialization.Encoding.PEM)
    status, body = call(f"{world.gateway_url}/_akashi/pki/issue", forged)
    assert (status, json.loads(body)["error"]) == (
        400,
        "the signature of the certificate request is wrong",
    )


def test_revocation_of_the_whole_chain_can_be_checked(world: World) -> None:
    leaf, intermediate, root = issue(world, new_request(ec.generate_private_key(ec.SECP256R1())))
    for certificate, issuer in [(leaf, intermediate), (intermediate, root)]:
        check_ocsp(certificate, issuer)
        check_crl(certificate, issuer)


def check_ocsp(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    (url,) = [
        each.access_location.value
        for each in access.value
        if each.access_method == AuthorityInformationAccessOID.OCSP
    ]
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, issuer, hashes.SHA256())
        .add_extension(x509.OCSPNonce(b"0123456789abcdef"), critical=False)
        .build()
        .public_bytes(serialization.Encoding.DER)
    )
    response = ocsp.load_der_ocsp_response(call(url, request, "application/ocsp-request")[1])
    assert response.certificate_status == ocsp.OCSPCertStatus.GOOD
    assert response.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == (
        b"0123456789abcdef"
    )
    (responder,) = response.certificates
    responder.verify_directly_issued_by(issuer)
    responder.extensions.get_extension_for_class(x509.OCSPNoCheck)
    key = responder.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))


def check_crl(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    (name,) = points[0].full_name or []
    crl = x509.load_der_x509_crl(call(name.value)[1])
    assert crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    assert crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is None
    assert crl.next_update_utc is not None
    assert crl.next_update_utc > datetime.now(UTC)


def test_ocsp_does_not_know_what_was_never_issued(world: World) -> None:
    leaf, intermediate, _ = issue(world, new_request(ec.generate_private_key(ec.SECP256R1())))
    known = ocsp.OCSPRequestBuilder().add_certificate(leaf, intermediate, hashes.SHA1()).build()
    body = (
        ocsp.OCSPRequestBuilder()
        .add_certificate_by_hash(
            known.issuer_name_hash, known.issuer_key_hash, 4711, known.hash_algorithm
        )
        .build()
        .public_bytes(serialization.Encoding.DER)
    )
    url = f"http://127.0.0.1:{world.pki_port}/ocsp/intermediate"
    response = ocsp.load_der_ocsp_response(call(url, body)[1])
    assert response.certificate_status == ocsp.OCSPCertStatus.UNKNOWN
    malformed = ocsp.load_der_ocsp_response(call(url, b"nonsense")[1])
    assert malformed.response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize("name", ["one", "two"])
def test_a_token_binds_imprint_nonce_policy_and_time_under_its_own_root(
    world: World, name: str
) -> None:
    described = authorities(world)[f"tsa-{name}"]
    status, body = stamp(world, name, described["policy"])
    assert status == 200
    info, signed = token(body)
    assert info["message_imprint"]["hashed_message"] == IMPRINT
    assert (info["nonce"], info["policy"]) == (NONCE, described["policy"])
    assert abs(info["gen_time"] - datetime.now(UTC)) < timedelta(minutes=1)
    # One of the two shows fractions of a second, which RFC 3161 allows (2.4.2).
    assert bool(info["gen_time"].microsecond) == (name == "two")
    check_signature(signed, described)


def check_signature(signed: Any, described: dict[str, Any]) -> None:
    (pem,) = described["trusted_roots"]
    root = x509.load_pem_x509_certificate(pem.encode())
    (embedded,) = signed["certificates"]
    certificate = x509.load_der_x509_certificate(embedded.chosen.dump())
    certificate.verify_directly_issued_by(root)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]
    (signer,) = signed["signer_infos"]
    attributes = signer["signed_attrs"].untag().dump()
    signature = signer["signature"].native
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, attributes, padding.PKCS1v15(), hashes.SHA256())
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signature, attributes, ec.ECDSA(hashes.SHA256()))


def test_the_two_authorities_have_nothing_in_common(world: World) -> None:
    described = authorities(world)
    roots = {each["trusted_roots"][0] for each in described.values()}
    policies = {each["policy"] for each in described.values()}
    assert (len(described), len(roots), len(policies)) == (2, 2, 2)


def test_a_fault_lasts_for_the_number_of_requests_asked_for(world: World) -> None:
    assert set_fault(world, "one", "http500", 2) == 200
    assert [stamp(world, "one")[0] for _ in range(3)] == [500, 500, 200]
    assert stamp(world, "two")[0] == 200


def test_a_fault_without_count_lasts_until_it_is_changed(world: World) -> None:
    set_fault(world, "two", "http500", None)
    assert [stamp(world, "two")[0] for _ in range(4)] == [500] * 4
    set_fault(world, "two", "none", None)
    assert stamp(world, "two")[0] == 200


def test_each_fault_breaks_what_it_says_and_nothing_else(world: World) -> None:
    set_fault(world, "one", "wrong_nonce", 1)
    info, _ = token(stamp(world, "one")[1])
    assert (info["nonce"] != NONCE, info["message_imprint"]["hashed_message"]) == (True, IMPRINT)
    set_fault(world, "one", "wrong_imprint", 1)
    info, _ = token(stamp(world, "one")[1])
    assert (info["nonce"], info["message_imprint"]["hashed_message"] != IMPRINT) == (NONCE, True)
    set_fault(world, "one", "wrong_policy", 1)
    info, _ = token(stamp(world, "one")[1])
    assert info["policy"] not in [each["policy"] for each in authorities(world).values()]
    set_fault(world, "one", "clock_off", 1)
    info, _ = token(stamp(world, "one")[1])
    assert info["gen_time"] - datetime.now(UTC) > timedelta(hours=23)
    set_fault(world, "one", "garbage", 1)
    with pytest.raises(ValueError, match=r".*"):
        tsp.TimeStampResp.load(stamp(world, "one")[1], strict=True).native  # noqa: B018
    set_fault(world, "one", "down", 1)
    with pytest.raises((RemoteDisconnected, urllib.error.URLError, ConnectionResetError)):
        stamp(world, "one")


@pytest.mark.parametrize(
    "wish",
    [
        b"",
        b"[]",
        b"{}",
        b'{"fault": "rain"}',
        b'{"fault": "down", "count": 0}',
        b'{"fault": "down", "count": "3"}',
        b'{"fault": "down", "count": true}',
    ],
)
def test_an_unknown_fault_is_refused(world: World, wish: bytes) -> None:
    assert call(f"{world.gateway_url}/_akashi/pki/faults/one", wish)[0] == 400


def test_a_bad_timestamp_request_is_rejected_inside_the_protocol(world: World) -> None:
    url = f"http://127.0.0.1:{world.pki_port}/tsa/one"
    _, body = call(url, b"nonsense", "application/timestamp-query")
    assert Rejection.load(body)["status"].native["fail_info"] == {"bad_data_format"}
    _, body = stamp(world, "one", policy="2.999.1")
    assert Rejection.load(body)["status"].native["fail_info"] == {"unaccepted_policy"}
    assert call(url, b"nonsense", "text/plain")[0] == 415
