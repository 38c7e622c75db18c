"""What the project's own template allows and denies, by the evaluator that the gateway uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from akashi_localstack.iam import callers, template
from akashi_localstack.iam.evaluator import (
    Principal,
    Request,
    ResourcePolicy,
    Role,
    Root,
    Service,
    decide,
)
from akashi_localstack.iam.policy import read

INFRA = Path(__file__).resolve().parents[3] / "infra"
TEMPLATE = template.load(INFRA / "template.yaml")
ACCOUNT, REGION = template.PSEUDO["AWS::AccountId"], template.PSEUDO["AWS::Region"]
INBOUND, ORIGINALS = TEMPLATE.arn("InboundBucket"), TEMPLATE.arn("OriginalsBucket")

# Which prefixes the functions read and write: `workflow::keys`, and the configuration.
S3_USES = {
    "ParseMail": {("s3:GetObject", f"{INBOUND}/raw/")},
    "Deliver": {
        ("s3:GetObject", f"{INBOUND}/raw/"),
        ("s3:PutObject", f"{INBOUND}/delivered/"),
    },
    "RecordEvent": set(),
    "ComposeCertificate": {
        ("s3:GetObject", f"{INBOUND}/raw/"),
        ("s3:GetObject", f"{INBOUND}/delivered/"),
        ("s3:PutObject", f"{INBOUND}/drafts/"),
        ("s3:GetObject", f"{ORIGINALS}/configuration/"),
    },
    "SignCertificate": {
        ("s3:GetObject", f"{INBOUND}/drafts/"),
        ("s3:GetObject", f"{ORIGINALS}/configuration/"),
        ("s3:GetObject", f"{ORIGINALS}/certificates/"),
        ("s3:PutObject", f"{ORIGINALS}/certificates/"),
        ("s3:PutObjectRetention", f"{ORIGINALS}/certificates/"),
    },
    "SendCopies": {("s3:GetObject", f"{ORIGINALS}/certificates/")},
    "ServeWeb": {
        ("s3:GetObject", f"{INBOUND}/raw/"),
        ("s3:GetObject", f"{ORIGINALS}/certificates/"),
    },
    "ExpireAccounts": set(),
    "RenewTimestamps": {
        ("s3:GetObject", f"{ORIGINALS}/configuration/"),
        ("s3:GetObject", f"{ORIGINALS}/certificates/"),
        ("s3:PutObject", f"{ORIGINALS}/certificates/"),
        ("s3:PutObjectRetention", f"{ORIGINALS}/certificates/"),
    },
}
PREFIXES = [
    *(f"{INBOUND}/{prefix}/" for prefix in ("raw", "delivered", "drafts")),
    *(f"{ORIGINALS}/{prefix}/" for prefix in ("certificates", "configuration")),
]
VERBS = ("s3:GetObject", "s3:PutObject", "s3:PutObjectRetention")


def role(function: str) -> Role:
    return Role(ACCOUNT, TEMPLATE.arn(f"{function}Role"), function)


def may(
    principal: Principal,
    action: str,
    resource: str,
    place: str | None = None,
    context: dict[str, str] | None = None,
) -> bool:
    """Decides by the principal's own policy, if it is a function's, and by that in one place."""
    keys = {
        **callers.of_time(REGION),
        **callers.of_principal(principal),
        **{key.lower(): (value,) for key, value in (context or {}).items()},
    }
    own = TEMPLATE.policy(f"{principal.session}Role") if isinstance(principal, Role) else None
    identity = [read(own.name, own.text)] if own else []
    found = TEMPLATE.policy(place) if place else None
    of_resource = read(found.name, found.text) if found else None
    kind = ResourcePolicy.DECIDES if action.startswith("kms:") else ResourcePolicy.ADDS
    request = Request(principal, action, resource, keys)
    return decide(request, identity, of_resource, kind).allowed


@pytest.mark.parametrize("function", S3_USES)
def test_each_function_reads_and_writes_the_prefixes_that_its_code_uses_and_no_others(
    function: str,
) -> None:
    allowed = {
        (verb, prefix)
        for verb in VERBS
        for prefix in PREFIXES
        if may(role(function), verb, f"{prefix}x")
    }
    assert allowed == S3_USES[function]


# What is missing there is waited for or done without; to the others it is an error as any other.
LISTS = {
    "ParseMail": {INBOUND},
    "ComposeCertificate": {INBOUND, ORIGINALS},
    "SignCertificate": {INBOUND, ORIGINALS},
    "ServeWeb": {INBOUND},
}


@pytest.mark.parametrize("function", S3_USES)
def test_a_function_lists_a_bucket_only_if_it_has_to_know_what_is_missing(function: str) -> None:
    buckets = (INBOUND, ORIGINALS)
    listed = {bucket for bucket in buckets if may(role(function), "s3:ListBucket", bucket)}
    assert listed == LISTS.get(function, set())


LOCKED = {
    "s3:object-lock-mode": "COMPLIANCE",
    "s3:object-lock-remaining-retention-days": "3652",
    "s3:ObjectCreationOperation": "true",
}
NEW, NEXT = {"s3:if-none-match": "*"}, {"s3:if-match": '"tag"'}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({**LOCKED, **NEW}, True),
        # How renewals add a version: the policy denied it once.
        ({**LOCKED, **NEXT}, True),
        (LOCKED, False),
        ({**NEW, "s3:ObjectCreationOperation": "true"}, False),
        ({**LOCKED, **NEW, "s3:object-lock-mode": "GOVERNANCE"}, False),
        ({**LOCKED, **NEW, "s3:object-lock-remaining-retention-days": "3649"}, False),
        ({**LOCKED, **NEXT, "aws:SecureTransport": "false"}, False),
        # Parts of an upload carry no conditions; what completes it does.
        ({**LOCKED, "s3:ObjectCreationOperation": "false"}, True),
    ],
)
@pytest.mark.parametrize("function", ["SignCertificate", "RenewTimestamps"])
def test_a_certificate_is_written_once_or_on_top_of_what_was_read(
    function: str, context: dict[str, str], expected: bool
) -> None:
    key = f"{ORIGINALS}/certificates/x.pdf"
    found = may(role(function), "s3:PutObject", key, "OriginalsBucketPolicy", context)
    assert found is expected


@pytest.mark.parametrize(
    "action", ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
)
def test_not_even_the_account_deletes_an_original(action: str) -> None:
    key = f"{ORIGINALS}/certificates/x.pdf"
    assert not may(Root(ACCOUNT), action, key, "OriginalsBucketPolicy")


RULE = f"arn:aws:ses:{REGION}:{ACCOUNT}:receipt-rule-set/akashi:receipt-rule/registered-mail"
OTHER_SET = RULE.replace("set/akashi", "set/other")
SES = Service("ses.amazonaws.com")


@pytest.mark.parametrize(
    ("principal", "context", "expected"),
    [
        (SES, {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": RULE}, True),
        (SES, {"aws:SourceAccount": "1" * 12, "aws:SourceArn": RULE}, False),
        (SES, {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": OTHER_SET}, False),
        (Root(ACCOUNT), {}, False),
    ],
)
def test_ses_alone_stores_received_mail(
    principal: Principal, context: dict[str, str], expected: bool
) -> None:
    key = f"{INBOUND}/raw/x"
    found = may(principal, "s3:PutObject", key, "InboundBucketPolicy", context)
    assert found is expected


DIGEST = {"kms:MessageType": "DIGEST", "kms:SigningAlgorithm": "ECDSA_SHA_256"}


@pytest.mark.parametrize(
    ("principal", "context", "expected"),
    [
        (role("SignCertificate"), DIGEST, True),
        (role("SignCertificate"), {**DIGEST, "kms:MessageType": "RAW"}, False),
        (role("SignCertificate"), {**DIGEST, "kms:SigningAlgorithm": "ECDSA_SHA_512"}, False),
        (role("RenewTimestamps"), DIGEST, False),
        (Root(ACCOUNT), DIGEST, False),
        (SES, DIGEST, False),
    ],
)
def test_sign_certificate_alone_signs(
    principal: Principal, context: dict[str, str], expected: bool
) -> None:
    key = TEMPLATE.arn("SigningKey")
    assert may(principal, "kms:Sign", key, "SigningKey", context) is expected


VIA = {"kms:CallerAccount": ACCOUNT, "kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}
LOGS = Service(f"logs.{REGION}.amazonaws.com")
LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
BY_LOG = "kms:EncryptionContext:aws:logs:arn"


@pytest.mark.parametrize(
    ("principal", "context", "expected"),
    [
        (role("ParseMail"), VIA, True),
        (role("ParseMail"), {"kms:CallerAccount": ACCOUNT}, False),
        (role("ParseMail"), {**VIA, "kms:ViaService": f"sqs.{REGION}.amazonaws.com"}, False),
        (SES, {"aws:SourceAccount": ACCOUNT}, True),
        (SES, {"aws:SourceAccount": "1" * 12}, False),
        (LOGS, {BY_LOG: f"{LOG_GROUP}sns/{REGION}/x"}, True),
        (LOGS, {BY_LOG: f"{LOG_GROUP}/aws/lambda/x"}, False),
    ],
)
def test_the_data_key_opens_through_tables_and_buckets_and_for_the_services_that_write(
    principal: Principal, context: dict[str, str], expected: bool
) -> None:
    key = TEMPLATE.arn("DataKey")
    assert may(principal, "kms:Decrypt", key, "DataKey", context) is expected


# By the statement that denies: what it stops, and what it lets through although that is nearly the
# same. Mostly of the account itself, which nothing but a deny stops.
ASKED = tuple[Principal, str, str, dict[str, str]]
ACCOUNT_ITSELF = Root(ACCOUNT)
CERTIFICATE = f"{ORIGINALS}/certificates/x.pdf"
MODE, DAYS = "s3:object-lock-mode", "s3:object-lock-remaining-retention-days"
PLAIN, TLS = {"aws:SecureTransport": "false"}, {"aws:SecureTransport": "true"}
DENIED: dict[tuple[str, str], tuple[list[ASKED], list[ASKED]]] = {
    ("SigningKey", "NobodyElseSigns"): (
        [
            (ACCOUNT_ITSELF, "kms:Sign", "SigningKey", DIGEST),
            (role("RenewTimestamps"), "kms:Sign", "SigningKey", DIGEST),
        ],
        [
            (role("SignCertificate"), "kms:Sign", "SigningKey", DIGEST),
            (ACCOUNT_ITSELF, "kms:DescribeKey", "SigningKey", {}),
        ],
    ),
    ("InboundBucketPolicy", "TlsOnly"): (
        [
            (ACCOUNT_ITSELF, "s3:GetObject", f"{INBOUND}/raw/x", PLAIN),
            (ACCOUNT_ITSELF, "s3:ListBucket", INBOUND, PLAIN),
        ],
        [(ACCOUNT_ITSELF, "s3:GetObject", f"{INBOUND}/raw/x", TLS)],
    ),
    ("InboundBucketPolicy", "NobodyElseWritesReceivedMail"): (
        [
            (ACCOUNT_ITSELF, "s3:PutObject", f"{INBOUND}/raw/x", {}),
            (role("ParseMail"), "s3:PutObject", f"{INBOUND}/raw/x", {}),
        ],
        [(SES, "s3:PutObject", f"{INBOUND}/raw/x", {})],
    ),
    ("InboundBucketPolicy", "OnlyDeliverWritesWhatWasSent"): (
        [
            (ACCOUNT_ITSELF, "s3:PutObject", f"{INBOUND}/delivered/x", {}),
            (role("ComposeCertificate"), "s3:PutObject", f"{INBOUND}/delivered/x", {}),
        ],
        [(role("Deliver"), "s3:PutObject", f"{INBOUND}/delivered/x", {})],
    ),
    ("InboundBucketPolicy", "OnlyComposeCertificateWritesDrafts"): (
        [
            (ACCOUNT_ITSELF, "s3:PutObject", f"{INBOUND}/drafts/x", {}),
            (role("SignCertificate"), "s3:PutObject", f"{INBOUND}/drafts/x", {}),
        ],
        [(role("ComposeCertificate"), "s3:PutObject", f"{INBOUND}/drafts/x", {})],
    ),
    ("OriginalsBucketPolicy", "TlsOnly"): (
        [
            (ACCOUNT_ITSELF, "s3:GetObject", CERTIFICATE, PLAIN),
            (ACCOUNT_ITSELF, "s3:ListBucket", ORIGINALS, PLAIN),
        ],
        [(ACCOUNT_ITSELF, "s3:GetObject", CERTIFICATE, TLS)],
    ),
    ("OriginalsBucketPolicy", "NothingIsDeleted"): (
        [
            (ACCOUNT_ITSELF, "s3:DeleteObject", CERTIFICATE, {}),
            (ACCOUNT_ITSELF, "s3:DeleteObjectVersion", CERTIFICATE, {}),
            (ACCOUNT_ITSELF, "s3:BypassGovernanceRetention", CERTIFICATE, {}),
            (ACCOUNT_ITSELF, "s3:DeleteObject", f"{ORIGINALS}/configuration/x", {}),
        ],
        [(ACCOUNT_ITSELF, "s3:GetObject", CERTIFICATE, {})],
    ),
    ("OriginalsBucketPolicy", "CertificatesAreLocked"): (
        [
            (ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, NEW),
            (ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, {**LOCKED, **NEW, MODE: "GOVERNANCE"}),
        ],
        [
            (ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, {**LOCKED, **NEW}),
            (ACCOUNT_ITSELF, "s3:PutObject", f"{ORIGINALS}/configuration/signing.json", {}),
        ],
    ),
    ("OriginalsBucketPolicy", "CertificatesAreLockedLongEnough"): (
        [(ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, {**LOCKED, **NEW, DAYS: "3649"})],
        [(ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, {**LOCKED, **NEW, DAYS: "3650"})],
    ),
    ("OriginalsBucketPolicy", "CertificatesAreWrittenOnce"): (
        [(ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, LOCKED)],
        [
            (ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, {**LOCKED, **NEW}),
            (ACCOUNT_ITSELF, "s3:PutObject", CERTIFICATE, {**LOCKED, **NEXT}),
        ],
    ),
}


@pytest.mark.parametrize(("place", "sid"), DENIED)
def test_each_deny_stops_what_it_is_for_and_nothing_beside_it(place: str, sid: str) -> None:
    denied, let_through = DENIED[place, sid]
    for asked in denied:
        assert denying_statement(place, *asked) == sid, asked
    for asked in let_through:
        assert denying_statement(place, *asked) is None, asked


def denying_statement(
    place: str, principal: Principal, action: str, resource: str, context: dict[str, str]
) -> str | None:
    """The statement of one policy by which a call is denied, whoever else would let it through."""
    found = TEMPLATE.policy(place)
    arn = TEMPLATE.arn(resource) if resource in TEMPLATE.resources else resource
    keys = {
        **callers.of_time(REGION),
        **callers.of_principal(principal),
        **{key.lower(): (value,) for key, value in context.items()},
    }
    # Somebody whose own policy allows everything.
    anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    identity = [read("anything", json.dumps({"Statement": [anything]}))]
    decision = decide(Request(principal, action, arn, keys), identity, read(found.name, found.text))
    return None if decision.allowed else "".join(grant.sid for grant in decision.grants)


def test_every_deny_of_the_template_has_its_cases() -> None:
    denies = {
        (policy.place, statement.sid)
        for policy in TEMPLATE.policies()
        for statement in read(policy.name, policy.text).statements
        if statement.effect == "Deny"
    }
    assert denies == set(DENIED)


def test_every_policy_is_read_in_every_combination_of_parameters() -> None:
    """Whatever AWS would refuse, or is not known here, is an error."""
    choices: list[dict[str, Any]] = [
        {},
        {"AlarmAddress": "a@b.test", "WebAddress": "https://web.test"},
        {"CertificateRequester": f"arn:aws:iam::{ACCOUNT}:role/sso/operator"},
        {"SigningKeySpec": "ECC_NIST_P256"},
    ]
    for parameters in choices:
        filled = template.load(INFRA / "template.yaml", **parameters)
        for policy in filled.policies():
            assert read(policy.name, policy.text).statements, policy.place
