"""Talks to AWS for `deploy.py`; runs in the project's venv."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import yaml
from awscli.customizations.cloudformation.yamlhelper import yaml_parse
from botocore.config import Config
from botocore.exceptions import ClientError
from packages import DeployError, Package, require_small

if TYPE_CHECKING:
    from deploy import Options

INFRA = Path(__file__).resolve().parent
LOCAL = INFRA.parent / ".local"
SIGNING_SUBJECT = "CN={operator} Certificates,O={operator},C=JP"
STACK_SECONDS_MAX = 1800
POLL_SECONDS = 5.0
LOCAL_POLL_SECONDS = 0.2


def deploy(
    options: Options, found: list[Package], wanted: dict[str, Any], recorded: dict[str, Any]
) -> dict[str, str]:
    """Makes the stack as wanted; returns its outputs.

    Raises:
        DeployError: it could not be done; the message says why.
    """
    return Deployment(options).run(found, wanted, recorded)


class Deployment:
    """One run of the deployment, with its clients."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.poll_seconds = LOCAL_POLL_SECONDS if options.local else POLL_SECONDS
        session = boto3.Session()
        config = Config(max_pool_connections=16)
        self.formation = session.client("cloudformation", config=config)
        self.s3 = session.client("s3", config=config)
        self.functions = session.client("lambda", config=config)
        self.ses = session.client("ses", config=config)
        self.sns = session.client("sns", config=config)
        identity = session.client("sts", config=config).get_caller_identity()
        self.caller = _role_of(identity["Arn"])
        self.region = session.region_name
        self.bucket = f"{options.stack}-deployment-{identity['Account']}-{self.region}"

    def run(
        self, found: list[Package], wanted: dict[str, Any], recorded: dict[str, Any]
    ) -> dict[str, str]:
        """Deploys as little as is enough."""
        changed = _changed_code(found, wanted, recorded) if self.options.local else None
        if changed is None:
            self._upload(found)
            outputs = self._deploy_stack(found)
            self.ses.set_active_receipt_rule_set(RuleSetName=outputs["ReceiptRuleSet"])
        else:
            self._update_functions(changed)
            outputs = self._outputs()
        self._configure_sms(outputs)
        self._configure_signing(outputs)
        return outputs

    def _upload(self, found: list[Package]) -> None:
        try:
            self.s3.head_bucket(Bucket=self.bucket)
        except ClientError:
            where = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
            self.s3.create_bucket(
                Bucket=self.bucket, **({"CreateBucketConfiguration": where} if where else {})
            )
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(self._upload_one, found))

    def _upload_one(self, package: Package) -> None:
        archive = package.archive(LOCAL / "lambda")
        if not self.options.local:
            require_small(archive)
        try:
            self.s3.head_object(Bucket=self.bucket, Key=package.object_key)
        except ClientError:
            self.s3.put_object(
                Bucket=self.bucket, Key=package.object_key, Body=archive.read_bytes()
            )

    def _update_functions(self, changed: list[Package]) -> None:
        self._upload(changed)
        for package in changed:
            self.functions.update_function_code(
                FunctionName=f"{self.options.stack}-{package.name}",
                S3Bucket=self.bucket,
                S3Key=package.object_key,
            )
        for package in changed:
            waiter = self.functions.get_waiter("function_updated_v2")
            waiter.wait(
                FunctionName=f"{self.options.stack}-{package.name}",
                WaiterConfig={"Delay": self.poll_seconds, "MaxAttempts": 600},
            )
            print(f"deploy: updated {package.name}")

    def _deploy_stack(self, found: list[Package]) -> dict[str, str]:
        template = self._packaged_template(found)
        key = "template.json"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=json.dumps(template).encode())
        status = self._status()
        if status is not None and "ROLLBACK_COMPLETE" in status and "UPDATE" not in status:
            # A stack whose creation failed can only be deleted.
            self.formation.delete_stack(StackName=self.options.stack)
            self._wait()
            status = None
        request = {
            "StackName": self.options.stack,
            "TemplateURL": self._url(key),
            "Parameters": self._parameters(template, exists=status is not None),
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        print(
            f"deploy: {'updating' if status else 'creating'} stack {self.options.stack}", flush=True
        )
        try:
            if status is None:
                self.formation.create_stack(**request)
            else:
                self.formation.update_stack(**request)
        except ClientError as error:
            if "No updates are to be performed" not in str(error):
                raise
        final = self._wait()
        if final not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise DeployError(f"stack {self.options.stack} is {final}: {self._reasons()}")
        return self._outputs()

    def _url(self, key: str) -> str:
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        if endpoint:
            return f"{endpoint}/{self.bucket}/{key}"
        return f"https://{self.bucket}.s3.{self.region}.amazonaws.com/{key}"

    def _packaged_template(self, found: list[Package]) -> Any:
        """The template with the uploaded code and definitions in place of local paths."""
        template = yaml_parse((INFRA / "template.yaml").read_text())
        resources = template["Resources"]
        for package in found:
            resources[package.logical_id]["Properties"]["CodeUri"] = {
                "Bucket": self.bucket,
                "Key": package.object_key,
            }
        for resource in resources.values():
            if resource["Type"] == "AWS::Serverless::StateMachine":
                path = resource["Properties"].pop("DefinitionUri")
                definition = yaml.safe_load((INFRA / path).read_text())
                resource["Properties"]["Definition"] = definition
        return template

    def _parameters(self, template: Any, *, exists: bool) -> list[dict[str, Any]]:
        """What was asked for. On AWS anything else stays as it is, locally it is the default."""
        unknown = set(self.options.parameters) - set(template["Parameters"])
        if unknown:
            raise DeployError(f"the template has no parameter {', '.join(sorted(unknown))}")
        given = dict(self.options.parameters)
        # Only while the certificate request is made may anyone but the function sign; locally it is
        # made by the deployment itself.
        makes_request = self.options.request_certificate or self.options.local
        given.setdefault("CertificateRequester", self.caller if makes_request else "")
        parameters: list[dict[str, Any]] = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
        ]
        if exists and not self.options.local:
            known = {
                parameter["ParameterKey"] for parameter in self._describe().get("Parameters", [])
            }
            parameters.extend(
                {"ParameterKey": name, "UsePreviousValue": True}
                for name in template["Parameters"]
                if name in known and name not in given
            )
        return parameters

    def _describe(self) -> dict[str, Any]:
        stacks = self.formation.describe_stacks(StackName=self.options.stack)["Stacks"]
        found: dict[str, Any] = stacks[0]
        return found

    def _status(self) -> str | None:
        try:
            return str(self._describe()["StackStatus"])
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def _wait(self) -> str:
        deadline = time.monotonic() + STACK_SECONDS_MAX
        while time.monotonic() < deadline:
            status = self._status() or "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(self.poll_seconds)
        return "still in progress"

    def _reasons(self) -> str:
        events = self.formation.describe_stack_events(StackName=self.options.stack)["StackEvents"]
        return "; ".join(
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED")
        )

    def _outputs(self) -> dict[str, str]:
        outputs = {
            output["OutputKey"]: str(output["OutputValue"])
            for output in self._describe()["Outputs"]
        }
        endpoint = os.environ.get("AWS_ENDPOINT_URL")
        return {**outputs, "EndpointUrl": endpoint} if endpoint else outputs

    def _configure_sms(self, outputs: dict[str, str]) -> None:
        """Tells SNS what CloudFormation cannot: attributes of the whole account in this region.

        Every SMS is logged, because the log is what an event is made of.
        """
        wanted = {
            "DefaultSMSType": "Transactional",
            "DeliveryStatusIAMRole": outputs["SmsLoggingRole"],
            "DeliveryStatusSuccessSamplingRate": "100",
        }
        known = self.sns.get_sms_attributes(attributes=list(wanted))["attributes"]
        role = known.get("DeliveryStatusIAMRole")
        if role and role != wanted["DeliveryStatusIAMRole"] and not self.options.local:
            print(f"deploy: SNS wrote its logs of SMS as {role} until now", flush=True)
        if known != wanted:
            self.sns.set_sms_attributes(attributes=wanted)
        number = self.options.parameters.get("SmsOriginationNumber")
        if self.options.local and number:
            # On AWS a person does this in AWS End User Messaging, once.
            registration = {"number": number, "topic_arn": outputs["SmsAnswersTopic"]}
            endpoint = os.environ["AWS_ENDPOINT_URL"]
            body = json.dumps(registration).encode()
            _get_json(f"{endpoint}/_akashi/sms/two-way", body, method="PUT")

    def _configure_signing(self, outputs: dict[str, str]) -> None:
        """Stores the chain of the signing key and the timestamp authorities, unless they are."""
        options = self.options
        if options.request_certificate:
            (LOCAL / "signing.csr").write_text(self._certificate_request(outputs))
            print("deploy: .local/signing.csr is made; have it issued, then deploy with --chain")
            return
        if options.chain is not None and options.timestamp_authorities is not None:
            chain = _split_pem(options.chain.read_text())
            authorities = json.loads(options.timestamp_authorities.read_text())
        elif self._signing_is_configured(outputs):
            return
        elif options.local:
            endpoint = os.environ["AWS_ENDPOINT_URL"]
            request = self._certificate_request(outputs).encode()
            chain = _get_json(f"{endpoint}/_akashi/pki/issue", request)["chain"]
            authorities = _get_json(f"{endpoint}/_akashi/pki/timestamp-authorities")
        else:
            print("deploy: no certificate yet: run again with --request-certificate")
            return
        self._store_signing(outputs, chain, authorities)

    def _signing_is_configured(self, outputs: dict[str, str]) -> bool:
        try:
            stored = self.s3.head_object(
                Bucket=outputs["OriginalsBucket"], Key=outputs["SigningConfigurationKey"]
            )
        except ClientError:
            return False
        return bool(stored["Metadata"].get("signing-key") == outputs["SigningKeyId"])

    def _certificate_request(self, outputs: dict[str, str]) -> str:
        operator = outputs["OperatorName"]
        command = [
            str(self.options.binaries / "akashi"),
            "csr",
            "--key-id",
            outputs["SigningKeyId"],
            "--subject",
            SIGNING_SUBJECT.format(operator=operator.replace("\\", "\\\\").replace(",", "\\,")),
        ]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def _store_signing(
        self, outputs: dict[str, str], chain: list[str], authorities: list[dict[str, Any]]
    ) -> None:
        revocation = self.options.revocation
        configuration = {
            "chain": chain,
            "revocation": [] if revocation is None else json.loads(revocation.read_text()),
            "timestamp_authorities": [
                {
                    "name": authority["name"],
                    "url": authority["url"],
                    "trusted_roots": authority["trusted_roots"],
                    "policy": authority.get("policy"),
                }
                for authority in authorities
            ],
        }
        self.s3.put_object(
            Bucket=outputs["OriginalsBucket"],
            Key=outputs["SigningConfigurationKey"],
            Body=json.dumps(configuration, indent=2).encode(),
            ContentType="application/json",
            # A chain belongs to one key: after a change of keys it has to be issued again.
            Metadata={"signing-key": outputs["SigningKeyId"]},
        )


def _changed_code(
    found: list[Package], wanted: dict[str, Any], recorded: dict[str, Any]
) -> list[Package] | None:
    """The packages to update when nothing but code changed, else nothing."""
    before = recorded.get("packages", {})
    if {**wanted, "packages": before} != recorded:
        return None
    return [package for package in found if before.get(package.name) != package.digest]


def _role_of(caller: str) -> str:
    """The ARN that `aws:PrincipalArn` holds: of a session's role, not of the session."""
    parts = caller.split(":", 5)
    resource = parts[5].split("/")
    if parts[2] != "sts" or resource[0] != "assumed-role":
        return caller
    return f"arn:{parts[1]}:iam::{parts[4]}:role/{resource[1]}"


def _split_pem(text: str) -> list[str]:
    end = "-----END CERTIFICATE-----"
    return [block.strip() + f"\n{end}\n" for block in text.split(end) if "BEGIN" in block]


def _get_json(url: str, body: bytes | None = None, method: str | None = None) -> Any:
    request = urllib.request.Request(url, data=body, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
