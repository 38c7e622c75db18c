"""Decisions as AWS's documents describe them; each table says which page its rows are from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akashi_localstack.iam.evaluator import (
    Anonymous,
    Principal,
    Request,
    ResourcePolicy,
    Role,
    Root,
    Service,
    decide,
)
from akashi_localstack.iam.policy import Document, PolicyError, read

ACCOUNT = "123456789012"
ROLE = Role(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/service/worker", "session")
OTHER = Role(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/other", "session")
ROOT = Root(ACCOUNT)
SES = Service("ses.amazonaws.com")
LOGS = "arn:aws:s3:::amzn-s3-demo-bucket-logs"


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> Document:
    return read("p", json.dumps({"Version": version, "Statement": list(statements)}))


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def decided(
    action: str,
    resource: str,
    identity: list[dict[str, Any]],
    of_resource: list[dict[str, Any]] | None = None,
    principal: Principal = ROLE,
    kind: ResourcePolicy = ResourcePolicy.ADDS,
    context: dict[str, str] | None = None,
) -> bool:
    keys = {key.lower(): (value,) for key, value in (context or {}).items()}
    request = Request(principal, action, resource, keys)
    policy = None if of_resource is None else document(*of_resource)
    return decide(request, [document(*identity)] if identity else [], policy, kind).allowed


READ, WRITE = "s3:GetObject", "s3:PutObject"
OBJECT = f"{LOGS}/key"
BY_ROLE = {"Principal": {"AWS": ROLE.arn}}
BY_ACCOUNT = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
BY_ALL = {"Principal": "*"}
BY_SES = {"Principal": {"Service": "ses.amazonaws.com"}}


# IAM guide: reference_policies_evaluation-logic_policy-eval-basics.html
# IAM guide: reference_policies_evaluation-logic_policy-eval-denyallow.html
# IAM guide: reference_policies_elements_principal.html
@pytest.mark.parametrize(
    ("principal", "identity", "of_resource", "expected"),
    [
        # "By default, all requests are implicitly denied."
        (ROLE, [], None, False),
        (ROLE, [], [], False),
        # "at least one Allow within the same account"
        (ROLE, [allow(WRITE)], None, True),
        (ROLE, [], [allow(WRITE, **BY_ROLE)], True),
        (ROLE, [allow(WRITE)], [], True),
        (ROLE, [allow(READ)], [allow(WRITE, **BY_ROLE)], True),
        (ROLE, [allow(READ)], [allow(READ, **BY_ROLE)], False),
        # "An explicit deny in any of the policies overrides the allow."
        (ROLE, [allow(WRITE), deny(WRITE)], [allow(WRITE, **BY_ROLE)], False),
        (ROLE, [allow(WRITE)], [allow(WRITE, **BY_ROLE), deny(WRITE, **BY_ALL)], False),
        (ROLE, [allow(WRITE)], [deny(WRITE, **BY_ACCOUNT)], False),
        # Naming the account delegates: the identity's own policy has to allow, too.
        (ROLE, [], [allow(WRITE, **BY_ACCOUNT)], False),
        (ROLE, [allow(WRITE)], [allow(WRITE, **BY_ACCOUNT)], True),
        (ROLE, [], [allow(WRITE, Principal={"AWS": ACCOUNT})], False),
        # Everybody, in both spellings; a session; somebody else.
        (ROLE, [], [allow(WRITE, **BY_ALL)], True),
        (ROLE, [], [allow(WRITE, Principal={"AWS": "*"})], True),
        (Anonymous(), [], [allow(WRITE, **BY_ALL)], True),
        (Anonymous(), [], [allow(WRITE, **BY_ROLE)], False),
        (ROLE, [], [allow(WRITE, Principal={"AWS": ROLE.session_arn})], True),
        (OTHER, [], [allow(WRITE, **BY_ROLE)], False),
        # "... with the exception of the AWS account root user, which has full access."
        (ROOT, [], None, True),
        (ROOT, [], [deny(WRITE, **BY_ALL)], False),
        # A service has no policy of its own.
        (SES, [], [allow(WRITE, **BY_SES)], True),
        (SES, [], [allow(WRITE, **BY_ROLE)], False),
        (SES, [], [allow(WRITE, **BY_SES), deny(WRITE, **BY_ALL)], False),
        (Service("sns.amazonaws.com"), [], [allow(WRITE, **BY_SES)], False),
        (ROLE, [], [allow(WRITE, **BY_SES)], False),
    ],
)
def test_identity_and_resource_policies_are_joined_and_a_deny_wins(
    principal: Principal, identity: list[Any], of_resource: list[Any] | None, expected: bool
) -> None:
    assert decided(WRITE, OBJECT, identity, of_resource, principal) is expected


SIGN, KEY = "kms:Sign", f"arn:aws:kms:ap-northeast-1:{ACCOUNT}:key/k"


# https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
# "Unless the key policy explicitly allows it, you cannot use IAM policies to allow access"
# IAM guide: reference_policies_evaluation-logic_policy-eval-denyallow.html
# "IAM role trust policies and KMS key policies are exceptions to this logic, because they must
# explicitly allow access for principals."
@pytest.mark.parametrize(
    ("identity", "of_key", "expected"),
    [
        ([allow("kms:*")], [], False),
        ([allow("kms:*")], None, False),
        ([], [allow("kms:*", **BY_ACCOUNT)], False),
        ([allow(SIGN)], [allow("kms:*", **BY_ACCOUNT)], True),
        ([allow(SIGN)], [allow("kms:Get*", **BY_ACCOUNT)], False),
        ([], [allow(SIGN, **BY_ROLE)], True),
        ([allow(SIGN)], [allow("kms:*", **BY_ACCOUNT), deny(SIGN, **BY_ALL)], False),
    ],
)
def test_a_key_s_policy_has_to_allow(
    identity: list[Any], of_key: list[Any] | None, expected: bool
) -> None:
    kind = ResourcePolicy.DECIDES
    assert decided(SIGN, KEY, identity, of_key, kind=kind) is expected


# IAM guide: reference_policies_elements_notprincipal.html
@pytest.mark.parametrize(
    ("principal", "named", "expected"),
    [
        (ROLE, [ROLE.arn, ROLE.session_arn, ROOT.arn], True),
        # "you must also specify the account ARN of the not-denied principal"
        (ROLE, [ROLE.arn, ROLE.session_arn], False),
        (ROLE, [ROLE.arn, ROOT.arn], False),
        (OTHER, [ROLE.arn, ROLE.session_arn, ROOT.arn], False),
        (ROOT, [ROLE.arn, ROOT.arn], True),
    ],
)
def test_not_principal_denies_all_whom_it_does_not_name_whole(
    principal: Principal, named: list[str], expected: bool
) -> None:
    of_resource = [deny(READ, NotPrincipal={"AWS": named}), allow(READ, **BY_ALL)]
    assert decided(READ, OBJECT, [], of_resource, principal) is expected


# IAM guide: reference_policies_elements_action.html
# IAM guide: reference_policies_elements_notaction.html
# IAM guide: reference_policies_elements_resource.html
# IAM guide: reference_policies_elements_notresource.html
# IAM guide: reference_policies_variables.html
NOT_TOPIC = {"Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:*:*:*"}
NOT_IAM = {"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "Resource": "*"}
HOME = allow(READ, f"{LOGS}/${{aws:PrincipalAccount}}/*")


@pytest.mark.parametrize(
    ("statement", "action", "resource", "expected"),
    [
        (allow("s3:GetObject"), "S3:getobject", OBJECT, True),
        (allow("s3:Get*"), READ, OBJECT, True),
        (allow("s3:G?tObject"), READ, OBJECT, True),
        (allow("s3:Get*"), WRITE, OBJECT, False),
        (allow("*"), WRITE, OBJECT, True),
        (allow([READ, WRITE]), WRITE, OBJECT, True),
        (NOT_IAM, READ, OBJECT, True),
        (NOT_IAM, "iam:GetRole", OBJECT, False),
        (NOT_IAM, "s3:DeleteObject", OBJECT, False),
        (allow(READ, OBJECT), READ, OBJECT, True),
        (allow(READ, f"{LOGS}/*"), READ, f"{LOGS}/a/b", True),
        (allow(READ, f"{LOGS}/k??"), READ, OBJECT, True),
        (allow(READ, f"{LOGS}/KEY"), READ, OBJECT, False),
        (allow(READ, LOGS), READ, OBJECT, False),
        (allow(READ, [LOGS, OBJECT]), READ, OBJECT, True),
        (NOT_TOPIC, "sns:Publish", "+819012345678", True),
        (NOT_TOPIC, "sns:Publish", f"arn:aws:sns:ap-northeast-1:{ACCOUNT}:t", False),
        (HOME, READ, f"{LOGS}/{ACCOUNT}/x", True),
        (HOME, READ, f"{LOGS}/999999999999/x", False),
        # A value that a call does not have matches nothing, unless there is a default.
        (allow(READ, f"{LOGS}/${{aws:SourceAccount}}/*"), READ, f"{LOGS}//x", False),
        (allow(READ, f"{LOGS}/${{aws:SourceAccount, 'all'}}/*"), READ, f"{LOGS}/all/x", True),
        # ${*} is an asterisk.
        (allow(READ, f"{LOGS}/${{*}}"), READ, f"{LOGS}/*", True),
        (allow(READ, f"{LOGS}/${{*}}"), READ, OBJECT, False),
    ],
)
def test_actions_and_resources_match_by_wildcards_negation_and_variables(
    statement: dict[str, Any], action: str, resource: str, expected: bool
) -> None:
    of_account = {"aws:PrincipalAccount": ACCOUNT}
    assert decided(action, resource, [statement], context=of_account) is expected


def test_variables_are_words_like_others_in_the_old_version() -> None:
    old = document(allow(READ, f"{LOGS}/${{aws:PrincipalAccount}}/*"), version="2008-10-17")
    request = Request(ROLE, READ, f"{LOGS}/{ACCOUNT}/x", {"aws:principalaccount": (ACCOUNT,)})
    assert not decide(request, [old], None).allowed


RULE = "arn:aws:ses:us-east-1:123456789012:receipt-rule-set/s:receipt-rule/r"


# IAM guide: reference_policies_elements_condition_operators.html
@pytest.mark.parametrize(
    ("condition", "context", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": ["1", "2"]}}, {"aws:SourceAccount": "2"}, True),
        ({"StringEquals": {"AWS:sourceaccount": "2"}}, {"aws:SourceAccount": "2"}, True),
        ({"StringEquals": {"s3:prefix": "A"}}, {"s3:prefix": "a"}, False),
        ({"StringEqualsIgnoreCase": {"s3:prefix": "A"}}, {"s3:prefix": "a"}, True),
        ({"StringNotEquals": {"s3:prefix": ["a", "b"]}}, {"s3:prefix": "b"}, False),
        ({"StringNotEquals": {"s3:prefix": ["a", "b"]}}, {"s3:prefix": "c"}, True),
        ({"StringNotEqualsIgnoreCase": {"s3:prefix": "A"}}, {"s3:prefix": "a"}, False),
        ({"StringLike": {"s3:prefix": "home/*"}}, {"s3:prefix": "home/x/y"}, True),
        ({"StringLike": {"s3:prefix": "home/?"}}, {"s3:prefix": "home/xy"}, False),
        ({"StringNotLike": {"s3:prefix": "home/*"}}, {"s3:prefix": "home/x"}, False),
        # "If the key that you specify in a policy condition is not present in the request context,
        # the values do not match and the condition is false", and true where it must not match.
        ({"StringEquals": {"s3:prefix": "a"}}, {}, False),
        ({"StringNotEquals": {"s3:prefix": "a"}}, {}, True),
        ({"ArnNotEquals": {"aws:PrincipalArn": ROLE.arn}}, {}, True),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {}, False),
        # ...IfExists, and Null.
        ({"StringEqualsIfExists": {"s3:prefix": "a"}}, {}, True),
        ({"StringEqualsIfExists": {"s3:prefix": "a"}}, {"s3:prefix": "b"}, False),
        ({"Null": {"s3:prefix": "true"}}, {}, True),
        ({"Null": {"s3:prefix": True}}, {"s3:prefix": "a"}, False),
        ({"Null": {"s3:prefix": "false"}}, {"s3:prefix": "a"}, True),
        ({"Null": {"s3:prefix": "false"}}, {}, False),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "9"}, True),
        ({"NumericLessThan": {"s3:max-keys": 10}}, {"s3:max-keys": "10"}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, True),
        ({"NumericGreaterThan": {"s3:max-keys": "9"}}, {"s3:max-keys": "10"}, True),
        ({"NumericGreaterThanEquals": {"s3:max-keys": "9"}}, {"s3:max-keys": "8"}, False),
        ({"NumericEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10.0"}, True),
        ({"NumericNotEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "10"}, False),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, {"s3:max-keys": "many"}, False),
        (
            {"DateGreaterThan": {"aws:CurrentTime": "2020-04-01T00:00:00Z"}},
            {"aws:CurrentTime": "2026-01-01T00:00:00+09:00"},
            True,
        ),
        ({"DateLessThan": {"aws:EpochTime": "100"}}, {"aws:EpochTime": "99"}, True),
        ({"DateEquals": {"aws:EpochTime": "1970-01-01T00:00:10Z"}}, {"aws:EpochTime": "10"}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2020-04-01"}}, {"aws:CurrentTime": "now"}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, {"aws:SecureTransport": "True"}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
        ({"BinaryEquals": {"s3:prefix": "QUI="}}, {"s3:prefix": "QUI="}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "203.0.113.9"}, True),
        ({"IpAddress": {"aws:SourceIp": "2001:DB8::/32"}}, {"aws:SourceIp": "2001:db8::1"}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "8.8.8.8"}, True),
        # "Each of the six colon-delimited components of the ARN is checked separately"
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ses:*:*:*"}}, {"aws:SourceArn": RULE}, True),
        ({"ArnEquals": {"aws:SourceArn": RULE[:-1] + "*"}}, {"aws:SourceArn": RULE}, True),
        (
            {"ArnLike": {"aws:SourceArn": "arn:*:123456789012:*:*:*"}},
            {"aws:SourceArn": RULE},
            False,
        ),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:*:*:*"}}, {"aws:SourceArn": RULE}, True),
        (
            {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}},
            {"aws:SourceAccount": ACCOUNT, "aws:PrincipalAccount": ACCOUNT},
            True,
        ),
        ({"StringEquals": {"s3:prefix": "${aws:SourceArn}"}}, {"s3:prefix": ""}, False),
        (
            {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": LOGS}},
            {"kms:encryptioncontext:aws:s3:arn": LOGS},
            True,
        ),
        # All operators and all keys have to hold.
        (
            {"StringEquals": {"s3:prefix": "a", "s3:delimiter": "/"}},
            {"s3:prefix": "a", "s3:delimiter": "-"},
            False,
        ),
        (
            {"StringEquals": {"s3:prefix": "a"}, "Null": {"s3:delimiter": "true"}},
            {"s3:prefix": "a"},
            True,
        ),
    ],
)
def test_conditions_hold_as_documented(
    condition: dict[str, Any], context: dict[str, str], expected: bool
) -> None:
    statement = allow(READ, Condition=condition)
    assert decided(READ, OBJECT, [statement], context=context) is expected


# IAM guide: reference_policies_condition-single-vs-multi-valued-context-keys.html
@pytest.mark.parametrize(
    ("operator", "actual", "expected"),
    [
        ("ForAllValues:StringLike", ("a@x.test", "b@x.test"), True),
        ("ForAllValues:StringLike", ("a@x.test", "b@y.test"), False),
        # "returns true if there are no context keys in the request"
        ("ForAllValues:StringLike", (), True),
        ("ForAnyValue:StringLike", ("a@x.test", "b@y.test"), True),
        ("ForAnyValue:StringLike", ("a@y.test",), False),
        ("ForAnyValue:StringLike", (), False),
        ("ForAllValues:StringNotLike", ("a@y.test",), True),
        ("ForAnyValue:StringNotLike", ("a@x.test", "b@y.test"), True),
    ],
)
def test_sets_of_values_are_compared_one_by_one(
    operator: str, actual: tuple[str, ...], expected: bool
) -> None:
    statement = allow("ses:SendEmail", Condition={operator: {"ses:Recipients": "*@x.test"}})
    request = Request(ROLE, "ses:SendEmail", "r", {"ses:recipients": actual} if actual else {})
    assert decide(request, [document(statement)], None).allowed is expected


@pytest.mark.parametrize(
    "statement",
    [
        allow(READ, Condition={"StringEquals": {"aws:Unheard": "x"}}),
        allow(READ, Condition={"StringResembles": {"s3:prefix": "x"}}),
        allow(READ, Condition={"ForSomeValues:StringEquals": {"s3:prefix": "x"}}),
        allow(READ, Condition={"NumericLessThan": {"s3:max-keys": "few"}}),
        allow(READ, Condition={"Bool": {"aws:SecureTransport": "no"}}),
        allow(READ, Condition={"DateLessThan": {"aws:CurrentTime": "soon"}}),
        allow(READ, Condition={"IpAddress": {"aws:SourceIp": "here"}}),
        allow(READ, Condition={"Null": {"s3:prefix": "perhaps"}}),
        allow(READ, Condition={"StringEquals": {}}),
        allow(READ, Sids="x"),
        allow(READ, NotAction="s3:*"),
        allow(READ, NotResource="*"),
        allow(READ, Principal={"Federated": "cognito-identity.amazonaws.com"}),
        allow(READ, Principal={"CanonicalUser": "x"}),
        {"Effect": "allow", "Action": READ, "Resource": "*"},
        {"Effect": "Allow", "Resource": "*"},
    ],
)
def test_what_is_not_known_here_is_refused_and_not_ignored(statement: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        document(statement)


def test_a_decision_names_the_words_that_allowed_or_denied_it() -> None:
    policy = document(
        allow("s3:List*", Sid="List"), allow(["s3:Put*", "s3:Get*"], [LOGS, f"{LOGS}/*"], Sid="Use")
    )
    decision = decide(Request(ROLE, READ, OBJECT, {}), [policy], None)
    (grant,) = decision.grants
    assert (grant.sid, grant.statement, grant.action, grant.resource) == ("Use", 1, "s3:Get*", 1)
    refused = decide(Request(ROLE, READ, OBJECT, {}), [], document(deny(READ, Sid="No", **BY_ALL)))
    assert refused.reason == "with an explicit deny in a resource-based policy (No)"
