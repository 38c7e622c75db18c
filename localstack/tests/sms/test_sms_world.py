"""SMS end to end in a running world: CloudFormation, messages out, delivery logs, answers in."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from conftest import REGION, World, wait_for
from test_lambda import archive

HERE = Path(__file__).parent
QUICKLY = {"Delay": 0.2, "MaxAttempts": 300}
GROUP = f"sns/{REGION}/000000000000/DirectPublishToPhoneNumber"
OUR_NUMBER = "+815012345678"


@dataclass(frozen=True)
class Stack:
    """The deployed template, with delivery logs switched on."""

    world: World
    role: str
    function: str
    answers: str

    def send(self, number: str, text: str = "hello", **attributes: str) -> str:
        """Sends a message and returns SNS's id of it."""
        answer = self.world.client("sns").publish(
            PhoneNumber=number,
            Message=text,
            MessageAttributes={
                name.replace("_", "."): {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        )
        return str(answer["MessageId"])

    def seen(self, mark: str, what: str) -> list[dict[str, Any]]:
        """What the function got of a kind, as far as `what` stands in it."""
        logs = self.world.client("logs")
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.function}")["events"]
        except ClientError:
            return []
        lines = [e["message"] for e in events if e["message"].startswith(f"{mark} ")]
        return [json.loads(line.removeprefix(f"{mark} ")) for line in lines if what in line]

    def log_of(self, message_id: str) -> dict[str, Any]:
        """The function's record of the line that SNS wrote about a message."""
        wait_for(lambda: bool(self.seen("LINE", message_id)), 30)
        return self.seen("LINE", message_id)[0]


def call(world: World, path: str, method: str = "GET", body: Any = None) -> tuple[int, Any]:
    request = urllib.request.Request(
        f"{world.gateway_url}/_akashi/sms{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
    )
    try:
        with urllib.request.urlopen(request) as answer:
            content = answer.read()
            return answer.status, json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def stack(world: World) -> Iterator[Stack]:
    s3, cloudformation = world.client("s3"), world.client("cloudformation")
    bucket, name = f"code-{uuid4()}", f"sms-{uuid4()}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="function.zip", Body=archive(HERE / "keep_lines.py"))
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(HERE / "template.yaml").read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": "CodeBucket", "ParameterValue": bucket}],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=QUICKLY)
    (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
    stack = Stack(world, outputs["LogsRole"], outputs["Function"], outputs["Answers"])
    log_deliveries(world, stack.role)
    yield stack
    cloudformation.delete_stack(StackName=name)


def log_deliveries(world: World, role: str, rate: str = "100") -> None:
    world.client("sns").set_sms_attributes(
        attributes={"DeliveryStatusIAMRole": role, "DeliveryStatusSuccessSamplingRate": rate}
    )


def lines(world: World, message_id: str) -> int:
    """How many lines there are about a message in both log groups."""
    logs, count = world.client("logs"), 0
    for group in (GROUP, f"{GROUP}/Failure"):
        events = logs.filter_log_events(logGroupName=group)["events"]
        count += len([event for event in events if message_id in event["message"]])
    return count


def test_a_delivered_message_is_logged_and_the_log_reaches_its_subscriber(stack: Stack) -> None:
    # The function fails at its first call: CloudWatch Logs calls asynchronously, Lambda retries.
    message_id = stack.send("+819012345678", AWS_SNS_SMS_SMSType="Transactional")
    got = stack.log_of(message_id)
    line = got.pop("line")
    assert (got["logGroup"], got["messageType"]) == (GROUP, "DATA_MESSAGE")
    assert line.pop("notification")["messageId"] == message_id
    assert line == {
        "delivery": {
            "phoneCarrier": "My Phone Carrier",
            "mnc": 10,
            "numberOfMessageParts": 1,
            "destination": "+819012345678",
            "priceInUSD": 0.07451,
            "smsType": "Transactional",
            "mcc": 440,
            "providerResponse": "Message has been accepted by phone carrier",
            "dwellTimeMs": 105,
            "dwellTimeMsUntilDeviceAck": 300,
        },
        "status": "SUCCESS",
    }


def test_a_number_that_fails_on_purpose_is_logged_as_a_failure(stack: Stack) -> None:
    got = stack.log_of(stack.send("+819000011234"))
    assert got["logGroup"] == f"{GROUP}/Failure"
    assert got["line"]["status"] == "FAILURE"
    response = got["line"]["delivery"]["providerResponse"]
    assert response == "Phone is currently unreachable/unavailable"


def test_a_price_above_the_maximum_is_not_paid(stack: Stack) -> None:
    message_id = stack.send("+819012345678", "あ" * 71, AWS_SNS_SMS_MaxPrice="0.1")
    delivery = stack.log_of(message_id)["line"]["delivery"]
    assert delivery["providerResponse"] == "This delivery would exceed max price"


def test_a_repeated_line_comes_ten_times(stack: Stack) -> None:
    message_id = stack.send("+819000231234")
    wait_for(lambda: lines(stack.world, message_id) == 10)


def test_nothing_is_logged_unless_it_was_switched_on(stack: Stack) -> None:
    try:
        log_deliveries(stack.world, stack.role, rate="0")
        not_sampled, failed = stack.send("+819012345678"), stack.send("+819000021234")
        log_deliveries(stack.world, f"{stack.role}-gone")
        no_role = stack.send("+819000021234")
        log_deliveries(stack.world, "")
        off = stack.send("+819000021234")
    finally:
        log_deliveries(stack.world, stack.role)
    after = stack.send("+819012345678")
    wait_for(lambda: lines(stack.world, after) == 1)
    assert [lines(stack.world, id) for id in (not_sampled, failed, no_role, off)] == [0, 1, 0, 0]


def test_a_phone_shows_what_was_sent_until_it_is_emptied(stack: Stack) -> None:
    number, world = "+818099990001", stack.world
    first = stack.send(number, "hello €", AWS_SNS_SMS_SenderID="AKASHI")
    second = stack.send(number[1:], "契約" * 40, AWS_MM_SMS_OriginationNumber=OUR_NUMBER)
    status, shown = call(world, f"/{quote(number, safe='')}")
    assert status == 200
    assert [message["message_id"] for message in shown] == [first, second]
    assert {n: v for n, v in shown[0].items() if n not in ("id", "message_id", "sent_at")} == {
        "text": "hello €",
        "sender_id": "AKASHI",
        "origination_number": None,
        "sms_type": "Promotional",
        "encoding": "GSM-7",
        "parts": 1,
        "received": True,
    }
    kept = ("text", "sender_id", "origination_number", "encoding", "parts")
    assert [shown[1][name] for name in kept] == ["契約" * 40, None, OUR_NUMBER, "UCS-2", 2]
    assert number in call(world, "")[1]
    assert call(world, f"/{number}", "DELETE") == (204, None)
    assert call(world, f"/{number}") == (200, [])
    assert number not in call(world, "")[1]


def test_a_phone_that_cannot_be_reached_shows_nothing(stack: Stack) -> None:
    stack.send("+819000011111")
    assert [m["received"] for m in call(stack.world, "/+819000011111")[1]] == [False]


@pytest.mark.parametrize(
    ("number", "text", "attributes"),
    [
        ("+819012345678", "x" * 1601, {}),
        ("+819012345678", "あ" * 801, {}),
        ("+819012345678", "x", {"AWS_SNS_SMS_SenderID": "longer than eleven"}),
        ("+819012345678", "x", {"AWS_SNS_SMS_SMSType": "Urgent"}),
        ("090-1234-5678", "x", {}),
    ],
)
def test_what_sns_refuses_is_refused(
    stack: Stack, number: str, text: str, attributes: dict[str, str]
) -> None:
    with pytest.raises(ClientError, match="InvalidParameter"):
        stack.send(number, text, **attributes)


def test_a_publish_can_fail_before_and_after_the_message_was_sent(stack: Stack) -> None:
    for number, sent in (("+819000301234", False), ("+819000311234", True)):
        with pytest.raises(ClientError, match="InternalError"):
            stack.send(number)
        assert bool(call(stack.world, f"/{number}")[1]) == sent


def test_opted_out_are_the_numbers_that_say_so(stack: Stack) -> None:
    sns = stack.world.client("sns")
    asked = {
        number: sns.check_if_phone_number_is_opted_out(phoneNumber=number)["isOptedOut"]
        for number in ("+819000041234", "+819012345699")
    }
    assert asked == {"+819000041234": True, "+819012345699": False}


def test_an_answer_is_published_as_two_way_sms_is(stack: Stack) -> None:
    phone, world = "+817011112222", stack.world
    registration = {"number": OUR_NUMBER, "topic_arn": stack.answers}
    assert call(world, "/two-way", "PUT", registration) == (200, {OUR_NUMBER: stack.answers})
    message_id = stack.send(phone)
    call(world, f"/{phone}", "DELETE")
    body = {"from": phone, "to": OUR_NUMBER, "text": "同意します"}
    status, answer = call(world, "/answers", "POST", body)
    assert status == 200
    wait_for(lambda: bool(stack.seen("ANSWER", phone)), 30)
    (got,) = stack.seen("ANSWER", phone)
    assert got == answer["published"]
    assert got.pop("inboundMessageId")
    assert got == {
        "originationNumber": phone,
        "destinationNumber": OUR_NUMBER,
        "messageKeyword": "keyword_000000000000",
        "messageBody": "同意します",
        "previousPublishedMessageId": message_id,
    }


def test_who_was_not_written_to_answers_nothing(stack: Stack) -> None:
    registration = {"number": OUR_NUMBER, "topic_arn": stack.answers}
    call(stack.world, "/two-way", "PUT", registration)
    body = {"from": "+817033334444", "to": OUR_NUMBER, "text": "who is this?"}
    published = call(stack.world, "/answers", "POST", body)[1]["published"]
    assert "previousPublishedMessageId" not in published
    body["previous_message_id"] = "of the other service"
    published = call(stack.world, "/answers", "POST", body)[1]["published"]
    assert published["previousPublishedMessageId"] == "of the other service"


@pytest.mark.parametrize(
    ("path", "method", "body", "status", "words"),
    [
        ("/answers", "POST", {"from": "+8190", "to": "+819", "text": "x"}, 404, "two-way"),
        ("/answers", "POST", {"from": "me", "to": "+819", "text": "x"}, 400, "from is not"),
        ("/answers", "POST", {"from": "+8190", "to": "+819"}, 400, "text is not"),
        ("/answers", "POST", [], 400, "not a JSON object"),
        ("/two-way", "PUT", {"number": "+819", "topic_arn": "x"}, 400, "topic_arn is not"),
        ("/two-way", "PUT", {"number": "+819"}, 400, "topic_arn is not"),
        ("/nobody", "GET", None, 400, "the address is not"),
    ],
)
def test_what_cannot_be_done_is_refused_in_plain_words(
    stack: Stack, path: str, method: str, body: Any, status: int, words: str
) -> None:
    refused, answer = call(stack.world, path, method, body)
    assert (refused, words in answer["error"]) == (status, True), answer


def test_a_topic_that_is_gone_is_named(stack: Stack) -> None:
    gone = f"arn:aws:sns:{REGION}:000000000000:gone"
    call(stack.world, "/two-way", "PUT", {"number": "+815099999999", "topic_arn": gone})
    body = {"from": "+817011112222", "to": "+815099999999", "text": "x"}
    status, answer = call(stack.world, "/answers", "POST", body)
    assert (status, gone in answer["error"]) == (409, True)
    removal = {"number": "+815099999999", "topic_arn": None}
    assert "+815099999999" not in call(stack.world, "/two-way", "PUT", removal)[1]


def test_the_command_answers_the_only_number_that_can_be_answered(stack: Stack) -> None:
    call(stack.world, "/two-way", "PUT", {"number": OUR_NUMBER, "topic_arn": stack.answers})
    command = [sys.executable, "-m", "akashi_localstack.sms.answer", "--from", "+817055556666"]
    environment = stack.world.environment
    done = subprocess.run(
        [*command, "承諾"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["messageBody"] == "承諾"
    refused = subprocess.run(
        [*command, "--to", "+8150", "x"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "nobody answers to +8150" in refused.stderr
