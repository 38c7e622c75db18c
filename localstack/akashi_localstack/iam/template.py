"""The policies of a CloudFormation template, with example values in place of what a stack fills in.

Pure but for reading the file. Functions that the project's template does not use are errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "ap-northeast-1",
    "AWS::StackId": "arn:aws:cloudformation:ap-northeast-1:123456789012:stack/akashi/0",
    "AWS::StackName": "akashi",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()

# How a resource of a type is named, and what its ARN is.
NAMES = {
    "AWS::DynamoDB::Table": ("TableName", "dynamodb", "table/{}"),
    "AWS::Events::Rule": ("Name", "events", "rule/{}"),
    "AWS::IAM::Role": ("RoleName", "", ""),
    "AWS::KMS::Key": ("", "kms", "key/{}"),
    "AWS::Lambda::Function": ("FunctionName", "lambda", "function:{}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs", "log-group:{}:*"),
    "AWS::S3::Bucket": ("BucketName", "", ""),
    "AWS::SES::ConfigurationSet": ("Name", "ses", "configuration-set/{}"),
    "AWS::SES::ReceiptRuleSet": ("RuleSetName", "ses", "receipt-rule-set/{}"),
    "AWS::SNS::Topic": ("TopicName", "sns", "{}"),
    "AWS::SQS::Queue": ("QueueName", "sqs", "{}"),
    "AWS::Serverless::Function": ("FunctionName", "lambda", "function:{}"),
    "AWS::Serverless::StateMachine": ("Name", "states", "stateMachine:{}"),
}
ARN_IS_REFERENCE = frozenset({"AWS::SNS::Topic", "AWS::Serverless::StateMachine"})
"""Types whose `Ref` is their ARN."""

TRUST = "trust"


@dataclass(frozen=True)
class TemplatePolicy:
    """One policy document of a template."""

    place: str
    """The logical id of the resource that it stands in, and what of it: `ParseMailRole trust`."""
    name: str
    """What records call it: a policy's own name, or kind and name of the resource."""
    document: dict[str, Any]

    @property
    def text(self) -> str:
        """As AWS gets it."""
        return json.dumps(self.document)


class Template:
    """A template whose references are filled in."""

    def __init__(
        self, source: Mapping[str, Any], pseudo: Mapping[str, str] = PSEUDO, **parameters: str
    ) -> None:
        self.resources: Mapping[str, Any] = source["Resources"]
        self._pseudo = pseudo
        self._conditions = source.get("Conditions", {})
        given = source.get("Parameters", {})
        defaults = {name: str(value.get("Default", name)) for name, value in given.items()}
        self._parameters = {**defaults, **parameters}

    def policies(self) -> Iterator[TemplatePolicy]:
        """All policy documents, in the order of the template."""
        for logical_id, resource in self.resources.items():
            if not self._exists(resource):
                continue
            yield from self._policies_of(logical_id, resource)

    def policy(self, place: str) -> TemplatePolicy:
        """The policy in one place.

        Raises:
            KeyError: there is none.
        """
        found = next((each for each in self.policies() if each.place == place), None)
        if found is None:
            raise KeyError(place)
        return found

    def name(self, logical_id: str) -> str:
        """What a resource is called."""
        resource = self.resources[logical_id]
        key = NAMES.get(resource["Type"], ("", "", ""))[0]
        given = resource.get("Properties", {}).get(key) if key else None
        return logical_id if given is None else str(self.fill(given))

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource."""
        kind, name = self.resources[logical_id]["Type"], self.name(logical_id)
        region, account = self._pseudo["AWS::Region"], self._pseudo["AWS::AccountId"]
        if kind == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{name}"
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::{account}:role/{name}"
        _, service, form = NAMES[kind]
        return f"arn:aws:{service}:{region}:{account}:{form.format(name)}"

    def fill(self, value: Any) -> Any:
        """A value with every function carried out."""
        if isinstance(value, list):
            filled = [self.fill(each) for each in value]
            return [each for each in filled if each is not NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name in ("Ref", "Condition") or name.startswith("Fn::"):
                return self._call(name, argument)
        filled_object = {key: self.fill(each) for key, each in value.items()}
        return {key: each for key, each in filled_object.items() if each is not NO_VALUE}

    def _call(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self._reference(argument)
            case "Fn::GetAtt":
                logical_id, attribute = (
                    argument.split(".") if isinstance(argument, str) else argument
                )
                arn = self.arn(logical_id)
                return arn if attribute == "Arn" else f"{arn}.{attribute}"
            case "Fn::Sub":
                text, more = argument if isinstance(argument, list) else (argument, {})
                return re.sub(
                    r"\$\{([^}!]+)\}",
                    lambda found: str(
                        self.fill(more[found[1]]) if found[1] in more else self._named(found[1])
                    ),
                    text,
                )
            case "Fn::If":
                condition, yes, no = argument
                return self.fill(yes if self._holds(condition) else no)
            case _:
                raise ValueError(f"the function {name} is not known here")

    def _named(self, name: str) -> Any:
        if "." in name and not name.startswith("AWS::"):
            return self._call("Fn::GetAtt", name)
        return self._reference(name)

    def _reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        known = {**self._pseudo, **self._parameters}
        if name in known:
            return known[name]
        is_arn = self.resources[name]["Type"] in ARN_IS_REFERENCE
        return self.arn(name) if is_arn else self.name(name)

    def _exists(self, resource: Mapping[str, Any]) -> bool:
        return "Condition" not in resource or self._holds(resource["Condition"])

    def _holds(self, condition: Any) -> bool:
        if isinstance(condition, str):
            return self._holds(self._conditions[condition])
        ((name, argument),) = condition.items()
        match name:
            case "Fn::Not":
                return not self._holds(argument[0])
            case "Fn::And":
                return all(self._holds(each) for each in argument)
            case "Fn::Or":
                return any(self._holds(each) for each in argument)
            case "Fn::Equals":
                one, other = (str(self.fill(each)) for each in argument)
                return one == other
            case "Condition":
                return self._holds(argument)
            case _:
                raise ValueError(f"the function {name} is not known here")

    def _policies_of(self, place: str, resource: Mapping[str, Any]) -> Iterator[TemplatePolicy]:
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::IAM::Role":
                yield self._made(
                    f"{place} {TRUST}",
                    f"role/{self.name(place)}",
                    properties["AssumeRolePolicyDocument"],
                )
                for policy in properties.get("Policies", []):
                    name = str(self.fill(policy["PolicyName"]))
                    yield self._made(place, name, policy["PolicyDocument"])
            case "AWS::S3::BucketPolicy":
                name = f"bucket/{self.fill(properties['Bucket'])}"
                yield self._made(place, name, properties["PolicyDocument"])
            case "AWS::SNS::TopicPolicy" | "AWS::SQS::QueuePolicy" as kind:
                ours = properties["Topics" if kind == "AWS::SNS::TopicPolicy" else "Queues"]
                word = "topic" if kind == "AWS::SNS::TopicPolicy" else "queue"
                for each in ours:
                    name = str(self.fill(each)).rpartition(":")[2]
                    yield self._made(place, f"{word}/{name}", properties["PolicyDocument"])
            case "AWS::KMS::Key":
                name = f"key/{self.fill(properties['Description'])}"
                yield self._made(place, name, properties["KeyPolicy"])
            case "AWS::Lambda::Permission":
                yield self._permission(place, properties)
            case _:
                return

    def _made(self, place: str, name: str, document: Any) -> TemplatePolicy:
        return TemplatePolicy(place, name, self.fill(document))

    def _permission(self, place: str, properties: Mapping[str, Any]) -> TemplatePolicy:
        """What Lambda makes of a permission."""
        given = self.fill(properties)
        conditions: dict[str, dict[str, str]] = {}
        for name, operator, key in (
            ("SourceArn", "ArnLike", "AWS:SourceArn"),
            ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
            ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
            ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
        ):
            if name in given:
                value = str(given[name])
                text = value.lower() if operator == "Bool" else value
                conditions.setdefault(operator, {})[key] = text
        who = given["Principal"]
        function = str(given["FunctionName"]).rpartition(":")[2]
        region, account = self._pseudo["AWS::Region"], self._pseudo["AWS::AccountId"]
        statement = {
            "Sid": place,
            "Effect": "Allow",
            "Principal": "*" if who == "*" else {"Service": who},
            "Action": given["Action"],
            "Resource": f"arn:aws:lambda:{region}:{account}:function:{function}",
            **({"Condition": conditions} if conditions else {}),
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return TemplatePolicy(place, f"function/{function}", document)


def load(path: Path, pseudo: Mapping[str, str] = PSEUDO, **parameters: str) -> Template:
    """Reads a template."""
    from awscli.customizations.cloudformation.yamlhelper import yaml_parse

    return Template(yaml_parse(path.read_text(encoding="utf-8")), pseudo, **parameters)
