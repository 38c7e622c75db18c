"""SES end to end in a running world: CloudFormation, mail in, mail out, events, mailboxes."""

from __future__ import annotations

import io
import json
import smtplib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import World, wait_for

from akashi_localstack.ses import mime, publisher, signing, submit
from akashi_localstack.ses.authentication import Resolver, authenticate

HERE = Path(__file__).parent
TEMPLATE = (HERE / "template.yaml").read_text()
DOMAIN = "ses.test"
HOST = "127.0.0.1"
RECIPIENT = f"mail@{DOMAIN}"
MAIL = (
    b"From: Taro <taro@customer.test>\r\nTo: a@x.test\r\nCc: mail@ses.test\r\n"
    b"Subject: =?utf-8?B?44OG44K544OI?=\r\nDate: Sun, 1 Jan 2006 00:00:00 +0000\r\n"
    b"Message-ID: <1@customer.test>\r\n\r\nbody\r\n.dot\r\n"
)


@dataclass(frozen=True)
class Stack:
    """The deployed template."""

    world: World
    outputs: dict[str, str]
    parameters: dict[str, str]

    def update(self, **changes: str) -> None:
        wanted = {**self.parameters, **changes}
        client = self.world.client("cloudformation")
        client.update_stack(StackName="ses-test", TemplateBody=TEMPLATE, **_given(wanted))
        finish(client, "UPDATE_COMPLETE")

    def objects(self) -> dict[str, bytes]:
        """The stored mails by message id, without SES's setup notification."""
        s3, bucket = self.world.client("s3"), self.outputs["Inbound"]
        keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        return {
            key.removeprefix("raw/"): s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            for key in keys
            if not key.endswith("AMAZON_SES_SETUP_NOTIFICATION")
        }

    def lambda_event(self, message_id: str) -> dict[str, Any]:
        """The record that the function got about a mail."""
        found: list[dict[str, Any]] = []
        logs, group = self.world.client("logs"), f"/aws/lambda/{self.outputs['Function']}"

        def arrived() -> bool:
            try:
                events = logs.filter_log_events(logGroupName=group)["events"]
            except ClientError:
                return False
            lines = [e["message"] for e in events if e["message"].startswith("EVENT ")]
            records = [json.loads(line.removeprefix("EVENT ")) for line in lines]
            found.extend(r["Records"][0] for r in records if message_id in json.dumps(r))
            return bool(found)

        wait_for(arrived)
        return found[0]

    def send(self, *to: str, **more: Any) -> str:
        """Sends a mail and returns SES's id of it."""
        raw = b"From: Akashi <mail@ses.test>\r\nSubject: hi\r\n\r\nbody\r\n"
        answer = self.world.client("sesv2").send_email(
            Destination={"ToAddresses": list(to)},
            Content={"Raw": {"Data": raw}},
            ConfigurationSetName=self.outputs["Set"],
            EmailTags=[{"Name": "dispatch", "Value": "d-1"}],
            **more,
        )
        return str(answer["MessageId"])

    def events(self, message_id: str, count: int) -> list[dict[str, Any]]:
        """The events about a message, once this many are there."""
        sqs, queue = self.world.client("sqs"), self.outputs["Queue"]
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
            for message in got.get("Messages", []):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                if message["Body"].startswith("{"):
                    found.append(json.loads(message["Body"]))
            return len([e for e in found if e["mail"]["messageId"] == message_id]) >= count

        wait_for(arrived)
        return [event for event in found if event["mail"]["messageId"] == message_id]


def finish(client: Any, status: str) -> dict[str, str]:
    """Waits for the stack to get there and returns its outputs."""
    stack: dict[str, Any] = {}

    def done() -> bool:
        stack.update(client.describe_stacks(StackName="ses-test")["Stacks"][0])
        return not stack["StackStatus"].endswith("IN_PROGRESS")

    wait_for(done, 60)
    assert stack["StackStatus"] == status, client.describe_stack_events(StackName="ses-test")
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def _given(parameters: dict[str, str]) -> dict[str, Any]:
    shown = [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]
    return {"Parameters": shown, "Capabilities": ["CAPABILITY_NAMED_IAM"]}


@pytest.fixture(scope="module")
def stack(world: World) -> Iterator[Stack]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, (HERE / "keep_event.py").read_text())
    s3 = world.client("s3")
    region = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket="ses-test-code", CreateBucketConfiguration=region)
    s3.put_object(Bucket="ses-test-code", Key="function.zip", Body=buffer.getvalue())
    parameters = {"Domain": DOMAIN, "CodeBucket": "ses-test-code", "Recipient": RECIPIENT}
    client = world.client("cloudformation")
    client.create_stack(
        StackName="ses-test",
        TemplateBody=TEMPLATE,
        **_given(parameters),
    )
    outputs = finish(client, "CREATE_COMPLETE")
    world.client("ses").set_active_receipt_rule_set(RuleSetName=outputs["Rules"])
    yield Stack(world, outputs, parameters)


def get(world: World, path: str, method: str = "GET") -> bytes:
    request = urllib.request.Request(f"{world.gateway_url}{path}", method=method)
    with urllib.request.urlopen(request) as answer:
        return bytes(answer.read())


def test_the_template_made_every_resource(world: World, stack: Stack) -> None:
    found = world.client("sesv2").get_configuration_set(ConfigurationSetName=stack.outputs["Set"])
    assert found["SuppressionOptions"] == {"SuppressedReasons": []}
    assert found["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert found["SendingOptions"] == {"SendingEnabled": True}
    assert stack.outputs["Destination"].startswith(f"{stack.outputs['Set']}|")
    active = world.client("ses").describe_active_receipt_rule_set()
    assert active["Metadata"]["Name"] == stack.outputs["Rules"]
    assert [rule["Name"] for rule in active["Rules"]] == [stack.outputs["Rule"]]
    identity = world.client("sesv2").get_email_identity(EmailIdentity=DOMAIN)
    assert stack.outputs["Token"].startswith(identity["DkimAttributes"]["Tokens"][0])


def test_a_mail_comes_in_is_stored_and_announced(world: World, stack: Stack) -> None:
    key = signing.load_or_make(world.state, "customer.test", "s1")
    signing.publish(key, world.gateway_url)
    raw = key.sign(MAIL)
    result = submit.submit(raw, "taro@customer.test", [], HOST, world.smtp_port)
    assert result.recipients == (RECIPIENT,)
    message_id = result.reply.rpartition(" ")[2]
    assert stack.objects()[message_id].endswith(raw)
    record = stack.lambda_event(message_id)["ses"]
    assert record["receipt"]["recipients"] == [RECIPIENT]
    assert record["receipt"]["dkimVerdict"] == {"status": "PASS"}
    assert record["receipt"]["action"]["functionArn"] == stack.outputs["FunctionArn"]
    assert record["mail"]["commonHeaders"]["subject"] == "テスト"


@pytest.mark.parametrize(
    ("recipient", "types"),
    [
        ("a@x.test", ["Delivery", "Send"]),
        ("bounce@simulator.amazonses.com", ["Bounce", "Send"]),
        ("complaint+1@simulator.amazonses.com", ["Complaint", "Delivery", "Send"]),
        ("repeat+1@x.test", ["Delivery"] * 10 + ["Send"] * 10),
    ],
)
def test_events_reach_the_topic(stack: Stack, recipient: str, types: list[str]) -> None:
    found = stack.events(stack.send(recipient), len(types))
    assert sorted(event["eventType"] for event in found) == types
    for event in found:
        assert event["mail"]["tags"]["dispatch"] == ["d-1"]
        assert event["mail"]["tags"]["ses:configuration-set"] == [stack.outputs["Set"]]
        assert event["mail"]["destination"] == [recipient]


def texts(stack: Stack, wanted: str, count: int) -> None:
    """Waits until the topic's subscriber got a text this often."""
    sqs, queue = stack.world.client("sqs"), stack.outputs["Queue"]
    found: list[str] = []

    def arrived() -> bool:
        got = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in got.get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            found.append(message["Body"])
        return found.count(wanted) >= count

    wait_for(arrived)


def test_a_topic_is_told_in_plain_text_that_it_became_or_stays_a_destination(
    world: World, stack: Stack
) -> None:
    client, name = world.client("sesv2"), stack.outputs["Set"]
    (made,) = client.get_configuration_set_event_destinations(ConfigurationSetName=name)[
        "EventDestinations"
    ]
    sqs = world.client("sqs")
    sqs.purge_queue(QueueUrl=stack.outputs["Queue"])
    destination = {
        "Enabled": True,
        "MatchingEventTypes": ["SEND"],
        "SnsDestination": made["SnsDestination"],
    }
    named = {"ConfigurationSetName": name, "EventDestinationName": "another"}
    client.create_configuration_set_event_destination(**named, EventDestination=destination)
    texts(stack, publisher.VALIDATION, 1)
    destination["MatchingEventTypes"] = ["SEND", "BOUNCE"]
    client.update_configuration_set_event_destination(**named, EventDestination=destination)
    texts(stack, publisher.VALIDATION, 1)
    client.delete_configuration_set_event_destination(**named)


def test_an_identitys_topic_gets_the_older_form(world: World, stack: Stack) -> None:
    ses, sns, sqs = world.client("ses"), world.client("sns"), world.client("sqs")
    topic = sns.create_topic(Name="ses-identity")["TopicArn"]
    queue = sqs.create_queue(QueueName="ses-identity")["QueueUrl"]
    wanted = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    arn = sqs.get_queue_attributes(**wanted)["Attributes"]["QueueArn"]
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    for resource, action, principal in (
        (topic, "sns:Publish", "ses.amazonaws.com"),
        (arn, "sqs:SendMessage", "sns.amazonaws.com"),
    ):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": action,
            "Resource": resource,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        if resource == topic:
            named = {"TopicArn": topic, "AttributeName": "Policy"}
            sns.set_topic_attributes(**named, AttributeValue=policy)
        else:
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    setting = {"Identity": DOMAIN, "NotificationType": "Bounce"}
    ses.set_identity_notification_topic(**setting, SnsTopic=topic)
    message_id = stack.send("bounce@simulator.amazonses.com")
    found: list[dict[str, Any]] = []

    def arrived() -> bool:
        got = sqs.receive_message(QueueUrl=queue)
        found.extend(json.loads(message["Body"]) for message in got.get("Messages", []))
        return bool(found)

    wait_for(arrived)
    assert (found[0]["notificationType"], "eventType" in found[0]) == ("Bounce", False)
    assert found[0]["mail"]["messageId"] == message_id
    assert not {"tags", "headers"} & set(found[0]["mail"])
    assert found[0]["bounce"]["bounceType"] == "Permanent"
    ses.set_identity_notification_topic(**setting)


def test_how_long_ses_tries_is_what_the_set_says(world: World, stack: Stack) -> None:
    client, name = world.client("sesv2"), stack.outputs["Set"]
    found = client.get_configuration_set(ConfigurationSetName=name)["DeliveryOptions"]
    assert found == {"TlsPolicy": "OPTIONAL", "MaxDeliverySeconds": 3600}
    with pytest.raises(ClientError, match="from 300 to 50400"):
        client.put_configuration_set_delivery_options(
            ConfigurationSetName=name, MaxDeliverySeconds=50_401
        )
    client.put_configuration_set_delivery_options(
        ConfigurationSetName=name, MaxDeliverySeconds=1800
    )
    events = stack.events(stack.send("expire+1@x.test"), 3)
    (bounce,) = [event["bounce"] for event in events if event["eventType"] == "Bounce"]
    assert "in 30 minutes" in bounce["bouncedRecipients"][0]["diagnosticCode"]


def test_an_account_that_may_not_send_is_refused_on_order(world: World, stack: Stack) -> None:
    path = f"{world.gateway_url}/_akashi/ses/refusals"
    # The SDK would try a quota's refusal again by itself.
    order = {"kind": "paused", "to": "refused@x.test", "count": 1}
    asked = urllib.request.Request(path, data=json.dumps(order).encode(), method="POST")
    urllib.request.urlopen(asked).close()
    with pytest.raises(ClientError, match="Email sending is paused"):
        stack.send("refused@x.test")
    stack.send("refused@x.test")
    asked = urllib.request.Request(path, data=b'{"kind": "none"}', method="POST")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(asked)
    assert raised.value.code == 400


def test_delivered_mail_is_in_the_mailbox_and_signed(world: World, stack: Stack) -> None:
    message_id = stack.send("Reader@Box.test")
    stack.events(message_id, 2)
    (message,) = json.loads(get(world, "/_akashi/mailbox/reader@box.test"))
    assert json.loads(get(world, "/_akashi/mailbox/reader%40box.test")) == [message]
    assert message["ses_message_id"] == message_id
    assert (message["subject"], message["text"]) == ("hi", "body\r\n")
    assert "reader@box.test" in json.loads(get(world, "/_akashi/mailbox"))
    raw = get(world, message["raw_url"].removeprefix(world.gateway_url))
    assert len(raw) == message["size_bytes"]
    lookup = Resolver(HOST, world.dns_port)
    checked = authenticate(raw, sender="", helo="h", client_ip=HOST, lookup=lookup)
    assert (checked.dkim, checked.dkim_domain) == ("PASS", DOMAIN)
    get(world, "/_akashi/mailbox/reader@box.test", "DELETE")
    assert json.loads(get(world, "/_akashi/mailbox/reader@box.test")) == []


def test_an_automatic_reply_comes_in_by_smtp(stack: Stack) -> None:
    before = set(stack.objects())
    stack.send("ooto@simulator.amazonses.com")
    wait_for(lambda: len(stack.objects()) > len(before))
    ((_, raw),) = [item for item in stack.objects().items() if item[0] not in before]
    assert raw.startswith(b"Return-Path: <>\r\n")
    assert mime.first_header(raw, "Auto-Submitted") == "auto-replied"


def test_mail_to_our_own_domain_comes_in_by_smtp(stack: Stack) -> None:
    before = set(stack.objects())
    found = stack.events(stack.send(RECIPIENT), 2)
    delivery = next(e["delivery"] for e in found if e["eventType"] == "Delivery")
    (arrived,) = set(stack.objects()) - before
    assert delivery["smtpResponse"] == f"250 OK {arrived}"


def test_ses_refuses_with_its_own_errors(world: World, stack: Stack) -> None:
    client = world.client("sesv2")
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: stack.send("a@x.test", FromEmailAddress="a@other.test"), "MessageRejected"),
        (lambda: stack.send(*(f"{n}@x.test" for n in range(51))), "BadRequestException"),
        (
            lambda: client.get_configuration_set(ConfigurationSetName="none"),
            "NotFoundException",
        ),
        (lambda: client.create_email_identity(EmailIdentity=DOMAIN), "AlreadyExistsException"),
        (
            lambda: client.create_configuration_set_event_destination(
                ConfigurationSetName=stack.outputs["Set"],
                EventDestinationName="other",
                EventDestination={
                    "MatchingEventTypes": ["SEND"],
                    "SnsDestination": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none"},
                },
            ),
            "BadRequestException",
        ),
    ]
    for call, code in cases:
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == code


def test_the_account_s_suppression_list_is_kept(world: World, stack: Stack) -> None:
    client = world.client("sesv2")
    client.put_suppressed_destination(EmailAddress="Gone@x.test", Reason="BOUNCE")
    found = client.get_suppressed_destination(EmailAddress="gone@x.test")
    assert found["SuppressedDestination"]["Reason"] == "BOUNCE"
    # The stack's configuration set does not care for the list.
    sent = stack.events(stack.send("gone@x.test"), 2)
    assert sorted(event["eventType"] for event in sent) == ["Delivery", "Send"]
    client.delete_suppressed_destination(EmailAddress="gone@x.test")
    with pytest.raises(ClientError, match="not exist"):
        client.get_suppressed_destination(EmailAddress="gone@x.test")


EVENT_BRIDGE_SENDS = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sqs:SendMessage",
}


def test_events_reach_event_bridge(world: World, stack: Stack) -> None:
    events, sqs = world.client("events"), world.client("sqs")
    queue = sqs.create_queue(QueueName="ses-bus")["QueueUrl"]
    wanted = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    arn = sqs.get_queue_attributes(**wanted)["Attributes"]["QueueArn"]
    policy = {"Version": "2012-10-17", "Statement": [{**EVENT_BRIDGE_SENDS, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    events.put_rule(Name="ses", EventPattern=json.dumps({"source": ["aws.ses"]}))
    events.put_targets(Rule="ses", Targets=[{"Id": "queue", "Arn": arn}])
    client, name = world.client("sesv2"), stack.outputs["Set"]
    bus = events.describe_event_bus(Name="default")["Arn"]
    client.create_configuration_set_event_destination(
        ConfigurationSetName=name,
        EventDestinationName="bus",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": ["DELIVERY"],
            "EventBridgeDestination": {"EventBusArn": bus},
        },
    )
    message_id = stack.send("a@x.test")
    found: list[dict[str, Any]] = []

    def arrived() -> bool:
        got = sqs.receive_message(QueueUrl=queue)
        found.extend(json.loads(message["Body"]) for message in got.get("Messages", []))
        return bool(found)

    wait_for(arrived)
    assert found[0]["detail-type"] == "Email Delivered"
    assert found[0]["detail"]["mail"]["messageId"] == message_id
    destination = {"ConfigurationSetName": name, "EventDestinationName": "bus"}
    client.delete_configuration_set_event_destination(**destination)


def test_a_rule_needs_the_permission_to_write_and_to_invoke(world: World, stack: Stack) -> None:
    s3, ses = world.client("s3"), world.client("ses")
    region = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket="ses-test-closed", CreateBucketConfiguration=region)
    world.client("lambda").remove_permission(
        FunctionName=stack.outputs["Function"], StatementId=_statement(world, stack)
    )
    function = {"FunctionArn": stack.outputs["FunctionArn"]}
    cases = [
        ({"S3Action": {"BucketName": "ses-test-closed"}}, "InvalidS3Configuration"),
        ({"S3Action": {"BucketName": "ses-test-none"}}, "InvalidS3Configuration"),
        ({"LambdaAction": function}, "InvalidLambdaFunction"),
        ({"StopAction": {"Scope": "RuleSet", "TopicArn": "arn:aws:sns:x:0:n"}}, "InvalidSnsTopic"),
    ]
    for action, code in cases:
        with pytest.raises(ClientError) as refused:
            ses.create_receipt_rule(
                RuleSetName=stack.outputs["Rules"], Rule={"Name": "new", "Actions": [action]}
            )
        assert refused.value.response["Error"]["Code"] == code
    world.client("lambda").add_permission(
        FunctionName=stack.outputs["Function"],
        StatementId="again",
        Action="lambda:InvokeFunction",
        Principal="ses.amazonaws.com",
    )


def _statement(world: World, stack: Stack) -> str:
    policy = world.client("lambda").get_policy(FunctionName=stack.outputs["Function"])["Policy"]
    return str(json.loads(policy)["Statement"][0]["Sid"])


def test_a_function_that_waits_can_stop_the_rule_set(world: World, stack: Stack) -> None:
    ses, functions = world.client("ses"), world.client("lambda")
    name, arn = stack.outputs["Function"], stack.outputs["FunctionArn"]
    bucket = stack.outputs["Inbound"]
    ses.create_receipt_rule_set(RuleSetName="waiting")
    waiting = {"LambdaAction": {"FunctionArn": arn, "InvocationType": "RequestResponse"}}
    storing = {"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": "raw/"}}
    for rule, actions in (("second", [storing]), ("first", [waiting])):
        # A rule without a place goes to the front.
        ses.create_receipt_rule(
            RuleSetName="waiting",
            Rule={"Name": rule, "Enabled": True, "Recipients": [DOMAIN], "Actions": actions},
        )
    ses.set_active_receipt_rule_set(RuleSetName="waiting")
    stored = {}
    for disposition in ("CONTINUE", "STOP_RULE", "STOP_RULE_SET"):
        answer = json.dumps({"disposition": disposition})
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": {"ANSWER": answer}}
        )
        functions.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 1}
        )
        result = submit.submit(MAIL, "t@customer.test", [RECIPIENT], HOST, world.smtp_port)
        stored[disposition] = result.reply.rpartition(" ")[2] in stack.objects()
    ses.set_active_receipt_rule_set(RuleSetName=stack.outputs["Rules"])
    assert stored == {"CONTINUE": True, "STOP_RULE": True, "STOP_RULE_SET": False}


def test_a_mail_that_cannot_be_stored_is_not_taken(world: World, stack: Stack) -> None:
    s3, ses = world.client("s3"), world.client("ses")
    region = {"LocationConstraint": s3.meta.region_name}
    s3.create_bucket(Bucket="ses-test-gone", CreateBucketConfiguration=region)
    policy = {**json.loads(_bucket_policy(world, stack)), "Version": "2012-10-17"}
    text = json.dumps(policy).replace(stack.outputs["Inbound"], "ses-test-gone")
    s3.put_bucket_policy(Bucket="ses-test-gone", Policy=text)
    ses.create_receipt_rule_set(RuleSetName="broken")
    storing = {"S3Action": {"BucketName": "ses-test-gone"}}
    rule = {"Name": "r", "Enabled": True, "Recipients": [DOMAIN], "Actions": [storing]}
    ses.create_receipt_rule(RuleSetName="broken", Rule=rule)
    s3.delete_object(Bucket="ses-test-gone", Key="AMAZON_SES_SETUP_NOTIFICATION")
    s3.delete_bucket(Bucket="ses-test-gone")
    ses.set_active_receipt_rule_set(RuleSetName="broken")
    with smtplib.SMTP(HOST, world.smtp_port) as client:
        client.ehlo()
        client.mail("taro@customer.test")
        client.rcpt(RECIPIENT)
        code, _ = client.data(MAIL)
    ses.set_active_receipt_rule_set(RuleSetName=stack.outputs["Rules"])
    assert code == 451


def _bucket_policy(world: World, stack: Stack) -> str:
    return str(world.client("s3").get_bucket_policy(Bucket=stack.outputs["Inbound"])["Policy"])


def test_an_updated_stack_changes_the_rule_and_the_set(world: World, stack: Stack) -> None:
    other = f"other@{DOMAIN}"
    stack.update(Recipient=other, Enabled="false", Delivery="43200")
    found = world.client("sesv2").get_configuration_set(ConfigurationSetName=stack.outputs["Set"])
    assert found["DeliveryOptions"]["MaxDeliverySeconds"] == 43_200
    with pytest.raises(submit.NotTaken, match="550"):
        submit.submit(MAIL, "t@customer.test", [RECIPIENT], HOST, world.smtp_port)
    submit.submit(MAIL, "t@customer.test", [other], HOST, world.smtp_port)
    with pytest.raises(ClientError, match="paused"):
        stack.send("a@x.test")


def test_a_deleted_stack_leaves_nothing(world: World, stack: Stack) -> None:
    world.client("ses").set_active_receipt_rule_set()
    s3, bucket = world.client("s3"), stack.outputs["Inbound"]
    for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    client = world.client("cloudformation")
    client.delete_stack(StackName="ses-test")

    def gone() -> bool:
        try:
            found = client.describe_stacks(StackName="ses-test")["Stacks"][0]
        except ClientError:
            return True
        return bool(found["StackStatus"] == "DELETE_COMPLETE")

    wait_for(gone, 60)
    names = [s["Name"] for s in world.client("ses").list_receipt_rule_sets()["RuleSets"]]
    assert stack.outputs["Rules"] not in names
    sets = world.client("sesv2").list_configuration_sets()["ConfigurationSets"]
    assert stack.outputs["Set"] not in sets
    with pytest.raises(ClientError):
        world.client("sesv2").get_email_identity(EmailIdentity=DOMAIN)
