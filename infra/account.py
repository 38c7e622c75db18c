"""What a stack shares with everything else in its account and region, and asks before it takes."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

import names
from aws import Place, code_of, describe_stack
from botocore.exceptions import ClientError
from packages import FUNCTIONS, DeployError

UNRESERVED_CONCURRENCY_MIN = 100
"""What Lambda keeps for functions without a reservation of their own.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""

CONCURRENCY_PARAMETERS = {
    "PagesConcurrency": "serve-web",
    "IntakeConcurrency": "parse-mail",
    "EventsConcurrency": "record-event",
    "SigningConcurrency": "sign-certificate",
}
"""Parameters of the template, and the functions that they are for."""

SUBSCRIPTION_FILTERS_MAX = 2
"""Of one log group.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"""


OWN_PARAMETERS = {"ServiceDomain", "OperatorName"}
"""Parameters that every stack of this project has had."""


class Account:
    """The account's side of one stack."""

    def __init__(self, place: Place, stack: str) -> None:
        self.place = place
        self.stack = stack
        self.ses = place.client("ses")
        self.identities = place.client("sesv2")
        self.sns = place.client("sns")
        self.logs = place.client("logs")
        self.functions = place.client("lambda")
        self.formation = place.client("cloudformation")

    # ---- mail in ----------------------------------------------------------------------------

    def require_receipt_rules(self, *, take_over: bool) -> None:
        """SES has one active rule set in a region, and it takes all mail.

        Raises:
            DeployError: another one is active, and it was not said that it may end.
        """
        active = self.active_rule_set()
        if active is None or active == self.stack:
            return
        command = f"aws ses set-active-receipt-rule-set --rule-set-name {active}"
        if not take_over:
            raise DeployError(
                f"the receipt rule set {active} is active in {self.place.region}, and SES has one"
                " at a time: mail would not reach it any more. Deploy to another region or account,"
                " or with --take-over-receipt-rules"
            )
        print(
            f"deploy: the receipt rule set {active} ends to be active; to give back: {command}",
            flush=True,
        )

    def active_rule_set(self) -> str | None:
        """The name of the active receipt rule set, if there is one."""
        metadata = self.ses.describe_active_receipt_rule_set().get("Metadata") or {}
        name = metadata.get("Name")
        return str(name) if name else None

    def activate_receipt_rules(self, rule_set: str) -> None:
        """Lets mail in: CloudFormation cannot."""
        if self.active_rule_set() != rule_set:
            self.ses.set_active_receipt_rule_set(RuleSetName=rule_set)

    def require_new_identity(self, domain: str) -> None:
        """The stack makes the identity of its domain; one that is there it cannot take over.

        Who asked SES for production access in its console has one.
        https://github.com/widdix/mastodon-on-aws/issues/27

        Raises:
            DeployError: SES knows the domain, and not from this stack.
        """
        if self._owns("SendingIdentity", domain):
            return
        try:
            self.identities.get_email_identity(EmailIdentity=domain)
        except ClientError as error:
            if code_of(error) == "NotFoundException":
                return
            raise
        raise DeployError(
            f"SES knows {domain} in {self.place.region} already, and CloudFormation would fail at"
            " it. Where nothing else sends from it:"
            f" aws sesv2 delete-email-identity --email-identity {domain}"
            " (the stack makes it anew, with other names for DKIM); else deploy with another"
            " ServiceDomain"
        )

    def look_for_mail_from_again(self, domain: str) -> None:
        """SES looks for the records of an envelope's domain for 72 hours, and then gives up.

        Setting the domain once more starts that anew.
        https://docs.aws.amazon.com/ses/latest/dg/mail-from.html
        """
        identity = self.identities.get_email_identity(EmailIdentity=domain)
        found = identity.get("MailFromAttributes") or {}
        if found.get("MailFromDomainStatus") != "FAILED":
            return
        self.identities.put_email_identity_mail_from_attributes(
            EmailIdentity=domain,
            MailFromDomain=found["MailFromDomain"],
            BehaviorOnMxFailure=found["BehaviorOnMxFailure"],
        )
        print(f"deploy: SES looks for the records of {found['MailFromDomain']} again", flush=True)

    # ---- SMS --------------------------------------------------------------------------------

    def wanted_sms_attributes(self) -> dict[str, str]:
        """Every SMS is logged, because the log is what an event is made of."""
        role = names.role_name(self.stack, self.place.region, "sms-logging")
        partition = self.place.session.get_partition_for_region(self.place.region)
        return {
            "DefaultSMSType": "Transactional",
            "DeliveryStatusIAMRole": f"arn:{partition}:iam::{self.place.account}:role/{role}",
            "DeliveryStatusSuccessSamplingRate": "100",
        }

    def require_sms_attributes(self, *, take_over: bool) -> None:
        """SNS keeps these for all SMS of the account in this region.

        Raises:
            DeployError: others are set, and it was not said that they may end.
        """
        wanted = self.wanted_sms_attributes()
        known = self.sms_attributes(wanted)
        others = {name: value for name, value in known.items() if value != wanted[name]}
        if not others:
            return
        found = ", ".join(f"{name}={value}" for name, value in sorted(others.items()))
        if not take_over:
            raise DeployError(
                f"SMS of this account in {self.place.region} have other attributes than this stack"
                f" needs: {found}. Something else sends SMS here. Deploy to another region or"
                " account, or with --take-over-sms"
            )
        print(f"deploy: attributes of SMS that were set until now: {found}", flush=True)

    def sms_attributes(self, wanted: dict[str, str]) -> dict[str, str]:
        """What SNS knows of these attributes; those that are not set are left out."""
        # All of them: LocalStack reads only the first name of a list.
        known = self.sns.get_sms_attributes()["attributes"]
        return {name: value for name, value in known.items() if value and name in wanted}

    def set_sms_attributes(self) -> None:
        """Tells SNS what CloudFormation cannot."""
        wanted = self.wanted_sms_attributes()
        if self.sms_attributes(wanted) != wanted:
            self.sns.set_sms_attributes(attributes=wanted)

    def sms_log_groups(self) -> tuple[str, str]:
        """Where SNS logs; it fixes the names."""
        base = f"sns/{self.place.region}/{self.place.account}/DirectPublishToPhoneNumber"
        return base, f"{base}/Failure"

    def adopt_sms_log_groups(self, *, adopt: bool) -> str | None:
        """`existing` where the log groups are there and not ours: the parameter SmsLogGroups.

        Raises:
            DeployError: they are there, and it was not said that they may be used; or they have no
                room for our subscription.
        """
        wanted = self.sms_log_groups()
        if self._owns("DeliveredSmsLog", wanted[0]):
            return None
        answer = self.logs.describe_log_groups(logGroupNamePrefix=wanted[0])
        found = {g["logGroupName"]: g for g in answer["logGroups"] if g["logGroupName"] in wanted}
        if not found:
            return None
        shown = "; ".join(self._shown(group) for group in found.values())
        if not adopt:
            raise DeployError(
                f"SNS logs SMS of this account in {self.place.region} already: {shown}. To read"
                " these log groups and leave them as they are, deploy with --adopt-sms-log-groups"
            )
        print(f"deploy: log groups of SMS that stay as they are: {shown}", flush=True)
        for name in wanted:
            if name not in found:
                self.logs.create_log_group(logGroupName=name)
        return "existing"

    def _owns(self, logical_id: str, name: str) -> bool:
        """Whether the stack made what has this name."""
        try:
            found = self.formation.describe_stack_resource(
                StackName=self.stack, LogicalResourceId=logical_id
            )["StackResourceDetail"]
        except ClientError as error:
            if code_of(error) == "ValidationError" or "does not exist" in str(error):
                return False
            raise
        # What could not be made, or is gone again, is somebody else's.
        is_there = found["ResourceStatus"] not in {"CREATE_FAILED", "DELETE_COMPLETE"}
        return is_there and found.get("PhysicalResourceId") == name

    def _shown(self, group: dict[str, Any]) -> str:
        name = group["logGroupName"]
        filters = self.logs.describe_subscription_filters(logGroupName=name)["subscriptionFilters"]
        others = [f["filterName"] for f in filters if f["filterName"] != "record-event"]
        if len(others) >= SUBSCRIPTION_FILTERS_MAX:
            raise DeployError(
                f"the log group {name} has the subscription filters {', '.join(others)}, and no"
                " room for one more: take one away"
            )
        days = group.get("retentionInDays", "no end of")
        return f"{name} ({days} days, subscription filters: {', '.join(others) or 'none'})"

    # ---- concurrency ------------------------------------------------------------------------

    def require_concurrency(self, parameters: dict[str, str]) -> None:
        """Lambda would refuse in the middle of the deployment.

        Raises:
            DeployError: the account's quota does not carry what is to be reserved.
        """
        wanted = sum(int(parameters.get(name) or 0) for name in CONCURRENCY_PARAMETERS)
        if wanted == 0:
            return
        limit = self.functions.get_account_settings()["AccountLimit"]
        free = limit["UnreservedConcurrentExecutions"] + sum(map(self._reserved, FUNCTIONS))
        most = max(0, free - UNRESERVED_CONCURRENCY_MIN)
        if wanted > most:
            raise DeployError(
                f"{wanted} concurrent executions are to be reserved, and at most {most} can be: the"
                f" account has {limit['ConcurrentExecutions']} in {self.place.region}, of which"
                f" {free} are not reserved by others, and Lambda keeps"
                f" {UNRESERVED_CONCURRENCY_MIN} of them for functions without a reservation. Ask"
                " Service Quotas for more `Concurrent executions` of AWS Lambda (L-B99A9384), or"
                f" lower {', '.join(CONCURRENCY_PARAMETERS)}"
            )

    def _reserved(self, function: str) -> int:
        try:
            answer = self.functions.get_function_concurrency(
                FunctionName=f"{self.stack}-{function}"
            )
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return 0
            raise
        return int(answer.get("ReservedConcurrentExecutions") or 0)

    # ---- what a stack had -------------------------------------------------------------------

    def require_own_stack(self) -> None:
        """An update would delete everything in a stack that something else made.

        Raises:
            DeployError: there is such a stack under the name.
        """
        found = describe_stack(self.formation, self.stack)
        if found is None or self.parameters().keys() >= OWN_PARAMETERS:
            return
        said = found.get("Description") or "without a description"
        raise DeployError(
            f"there is a stack {self.stack} in {self.place.region} that is not of this project"
            f" ({said}; {found['StackStatus']}): its resources would be deleted. Choose another"
            " --stack"
        )

    def parameters(self) -> dict[str, str]:
        """The parameters of the stack as it is; empty where there is none."""
        stack = describe_stack(self.formation, self.stack)
        return {
            parameter["ParameterKey"]: str(parameter["ParameterValue"])
            for parameter in (stack or {}).get("Parameters", [])
        }


def register_local_number(number: str, topic: str) -> None:
    """On AWS a person does this in AWS End User Messaging, once."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_akashi/sms/two-way"
    body = json.dumps({"number": number, "topic_arn": topic}).encode()
    request = urllib.request.Request(url, data=body, method="PUT")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
