"""Functions inside LocalStack: logs, retries, dead-letter queue, parallel environments."""

from __future__ import annotations

import base64
import io
import json
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from conftest import World, wait_for

from akashi_localstack.settings import LOOPBACK

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
ROLE = "arn:aws:iam::000000000000:role/function"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}
WORK = {
    "Effect": "Allow",
    "Action": [
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "lambda:InvokeFunction",
        "sqs:SendMessage",
    ],
    "Resource": "*",
}

Deploy = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def role(world: World) -> Iterator[None]:
    iam = world.client("iam")
    iam.create_role(RoleName="function", AssumeRolePolicyDocument=policy(TRUST))
    iam.put_role_policy(RoleName="function", PolicyName="work", PolicyDocument=policy(WORK))
    yield
    iam.delete_role_policy(RoleName="function", PolicyName="work")
    iam.delete_role(RoleName="function")


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def deploy(world: World) -> Iterator[Deploy]:
    client = world.client("lambda")
    made = []

    def new(**settings: Any) -> str:
        name = f"function-{uuid4()}"
        client.create_function(
            **{
                "FunctionName": name,
                "Runtime": "provided.al2023",
                "Handler": "bootstrap",
                "Role": ROLE,
                "Code": {"ZipFile": archive()},
                "Timeout": 5,
                "MemorySize": 256,
                **settings,
            }
        )
        made.append(name)
        client.get_waiter("function_active_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
        )
        return name

    yield new
    for name in made:
        client.delete_function(FunctionName=name)


def archive(bootstrap: Path = BOOTSTRAP) -> bytes:
    """A deployment package whose bootstrap is executable, as a build tool writes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o100755 << 16
        file.writestr(entry, bootstrap.read_bytes())
    return packed.getvalue()


def invoke(world: World, name: str, **event: Any) -> tuple[dict[str, Any], str | None]:
    client = world.client("lambda")
    response = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return json.loads(response["Payload"].read()), response.get("FunctionError")


def test_a_function_gets_what_lambda_gives(world: World, deploy: Deploy) -> None:
    name = deploy(Environment={"Variables": {"TABLE": "dispatches"}})
    answer, error = invoke(world, name)
    assert error is None
    environment = answer["environment"]
    assert environment["TABLE"] == "dispatches"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environment["AWS_REGION"] == "ap-northeast-1"
    assert environment["AWS_ENDPOINT_URL"] == world.gateway_url
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} <= set(environment)
    # What only LocalStack has must not reach a function, which could come to need it.
    assert not [variable for variable in environment if variable.startswith("LOCALSTACK")]


def test_a_crash_is_a_failed_invocation_and_the_next_one_works(
    world: World, deploy: Deploy
) -> None:
    name = deploy()
    answer, error = invoke(world, name, do="exit", status=9)
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")
    answer, error = invoke(world, name)
    assert (error, answer["served"]) == (None, 1)


def test_a_timeout_is_a_failed_invocation(world: World, deploy: Deploy) -> None:
    name = deploy(Timeout=1)
    answer, error = invoke(world, name, do="sleep", seconds=30)
    assert error == "Unhandled"
    assert answer["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_what_a_function_writes_is_in_cloudwatch_logs(world: World, deploy: Deploy) -> None:
    name = deploy()
    invoke(world, name, do="print", text="a line to find")
    logs = world.client("logs")

    def lines() -> list[str]:
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"].strip() for event in events]

    wait_for(lambda: any(line.startswith("REPORT RequestId: ") for line in lines()))
    assert {"a line to find", "A LINE TO FIND"} <= set(lines())


def test_invocations_at_the_same_time_get_environments_of_their_own(
    world: World, deploy: Deploy
) -> None:
    name = deploy()
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(invoke, world, name, do="sleep", seconds=2) for _ in range(4)]
        pids = {call.result()[0]["pid"] for call in calls}
    assert len(pids) == 4


def request(
    world: World, url: str, path: str = "/", **more: Any
) -> tuple[int, HTTPMessage, dict[str, Any]]:
    """Asks a function URL; its name resolves nowhere, so that it goes into the Host header."""
    asked = urllib.request.Request(f"{world.gateway_url}{path}", **more)
    asked.add_header("Host", urllib.parse.urlsplit(url).netloc)
    with urllib.request.urlopen(asked) as answer:
        return answer.status, answer.headers, json.load(answer)


def open_to_all(world: World, name: str) -> None:
    """A function URL asks for both permissions."""
    for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
        world.client("lambda").add_permission(
            FunctionName=name,
            StatementId=action.rpartition(":")[2],
            Action=action,
            Principal="*",
        )


def public_url(world: World, name: str) -> str:
    """A function URL that anybody may ask."""
    made = world.client("lambda").create_function_url_config(FunctionName=name, AuthType="NONE")
    open_to_all(world, name)
    return str(made["FunctionUrl"])


def test_a_function_url_hands_over_the_request_and_answers(world: World, deploy: Deploy) -> None:
    name = deploy()
    client = world.client("lambda")
    url = client.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    with pytest.raises(urllib.error.HTTPError, match="403"):
        request(world, url)
    open_to_all(world, name)
    status, headers, event = request(
        world,
        url,
        "/a/%E5%90%8C%E6%84%8F?token=x%2By&token=z",
        headers={"X-Asked": "Yes", "Remote-Addr": "192.0.2.9"},
    )
    assert (status, headers["x-answer"]) == (201, "yes")
    assert headers.get_all("set-cookie") == ["a=1; Secure", "b=2"]
    assert event["version"] == "2.0"
    assert event["rawQueryString"] == "token=x%2By&token=z"
    assert event["queryStringParameters"] == {"token": "x+y,z"}
    assert event["headers"]["x-asked"] == "Yes"
    http = event["requestContext"]["http"]
    assert (http["method"], http["sourceIp"]) == ("GET", LOOPBACK)

    sent = urllib.parse.urlencode({"answer": "はい", "comment": "a b&c"}).encode()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "session=1; other=2"}
    _, _, event = request(world, url, "/form", data=sent, headers=form)
    assert event["requestContext"]["http"]["method"] == "POST"
    body = event["body"].encode()
    if event["isBase64Encoded"]:
        body = base64.b64decode(body)
    assert body == sent
    assert event["cookies"] == ["session=1", "other=2"]


@pytest.mark.parametrize("origin", ["null", "http://page.example", "https://x.cloudfront.net"])
def test_a_browsers_form_reaches_a_function_url_whatever_its_origin(
    world: World, deploy: Deploy, origin: str
) -> None:
    name = deploy()
    url = public_url(world, name)
    fields = {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
    status, headers, event = request(world, url, "/o/1", data=b"answer=agree", headers=fields)
    assert (status, event["headers"]["origin"]) == (201, origin)
    # The function's configuration says nothing about origins, so nothing is said to the browser.
    assert [field for field in headers if field.lower().startswith("access-control-")] == []


def test_a_page_of_a_stranger_cannot_use_aws_here(world: World) -> None:
    asked = urllib.request.Request(
        f"{world.gateway_url}/2015-03-31/functions/", headers={"Origin": "http://page.example"}
    )
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(asked)
    assert raised.value.code == 403


def test_a_request_of_more_than_six_megabytes_never_reaches_a_function(
    world: World, deploy: Deploy
) -> None:
    name = deploy()
    url = public_url(world, name)
    largest = b"x" * 4_700_000
    fields = {"Content-Type": "application/octet-stream"}
    # In base64 it is a third larger: that counts.
    status, _, event = request(world, url, data=largest[:4_600_000], headers=fields)
    assert (status, len(event["body"])) == (201, 6_133_336)
    with pytest.raises(urllib.error.HTTPError) as raised:
        request(world, url, data=largest + b"x" * 100_000, headers=fields)
    assert raised.value.code == 413
    assert "smaller than 6291456 bytes" in json.load(raised.value)["message"]

    answer, error = invoke(world, name, padding=0, ballast="x" * 6_291_000)
    assert (error, answer["served"]) == (None, 2)
    for kind, size, words in (
        ("RequestResponse", 6_291_457, "Request must be smaller than 6291456 bytes"),
        ("Event", 1_048_577, "1048577 byte payload is too large for the Event invocation type"),
    ):
        payload = json.dumps({"ballast": "x" * (size - 15)})
        assert len(payload) == size
        with pytest.raises(ClientError) as refused:
            world.client("lambda").invoke(FunctionName=name, InvocationType=kind, Payload=payload)
        assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
        assert words in refused.value.response["Error"]["Message"]


def test_a_page_of_more_than_six_megabytes_is_no_page(world: World, deploy: Deploy) -> None:
    name = deploy()
    url = public_url(world, name)
    # What came in goes back as text within JSON within JSON: of each quote, four bytes.
    with pytest.raises(urllib.error.HTTPError) as raised:
        request(world, url, data=b'"' * 1_600_000, headers={"Content-Type": "text/plain"})
    assert raised.value.code == 502


def test_errors_that_nobody_waits_for_are_counted_and_shown(world: World, deploy: Deploy) -> None:
    name = deploy()
    client = world.client("lambda")
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    invoke(world, name)
    event = json.dumps({"do": "fail", "number": 7})
    client.invoke(FunctionName=name, InvocationType="Event", Payload=event)

    def document(path: str) -> Any:
        with urllib.request.urlopen(f"{world.gateway_url}/_akashi/functions{path}") as answer:
            return json.load(answer)

    wait_for(lambda: document("").get(name, {}).get("errors") == 2)
    assert document("")[name] == {"invocations": 3, "errors": 2}
    errors = document(f"/{name}/errors")
    assert {(each["error_type"], each["error_message"]) for each in errors} == {
        ("TransientTrouble", "as told")
    }
    # The same event both times, under the same id, as Lambda retries.
    assert len({each["request_id"] for each in errors}) == 1
    assert [json.loads(each["event"])["number"] for each in errors] == [7, 7]
    calls = document(f"/{name}/calls")
    assert [each["error_type"] for each in calls] == [None, *["TransientTrouble"] * 2]
    assert document("/nobody/errors") == document("/nobody/calls") == []


def test_an_event_that_may_not_be_retried_runs_once(world: World, deploy: Deploy) -> None:
    name = deploy()
    sqs = world.client("sqs")
    queue_url = sqs.create_queue(QueueName=f"failed-{uuid4()}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    client = world.client("lambda")
    client.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        MaximumEventAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": attributes["Attributes"]["QueueArn"]}},
    )
    event = json.dumps({"do": "fail"})
    client.invoke(FunctionName=name, InvocationType="Event", Payload=event)
    failed: list[dict[str, Any]] = []

    def has_failed() -> bool:
        received = sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1)
        failed.extend(received.get("Messages", []))
        return bool(failed)

    wait_for(has_failed)
    record = json.loads(failed[0]["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestPayload"] == {"do": "fail"}


def test_an_asynchronous_event_is_retried_twice_and_then_parked(
    world: World, deploy: Deploy
) -> None:
    sqs = world.client("sqs")
    queue_url = sqs.create_queue(QueueName=f"parked-{uuid4()}")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    name = deploy(DeadLetterConfig={"TargetArn": attributes["Attributes"]["QueueArn"]})
    event = json.dumps({"do": "fail"})
    world.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=event)
    parked: list[dict[str, Any]] = []

    def is_parked() -> bool:
        received = sqs.receive_message(
            QueueUrl=queue_url, WaitTimeSeconds=1, MessageAttributeNames=["All"]
        )
        parked.extend(received.get("Messages", []))
        return bool(parked)

    wait_for(is_parked, seconds=30)
    assert json.loads(parked[0]["Body"]) == {"do": "fail"}
    logs = world.client("logs")
    group = f"/aws/lambda/{name}"
    events = logs.filter_log_events(logGroupName=group)["events"]
    starts = [event for event in events if event["message"].startswith("START RequestId")]
    assert len(starts) == 3


def test_a_new_version_of_the_code_replaces_the_old_process(world: World, deploy: Deploy) -> None:
    name = deploy()
    client = world.client("lambda")
    before, _ = invoke(world, name)
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"SETTING": "new"}}
    )
    client.get_waiter("function_updated_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 0.1, "MaxAttempts": 100}
    )
    after, _ = invoke(world, name)
    assert after["environment"]["SETTING"] == "new"
    wait_for(lambda: not Path(f"/proc/{before['pid']}").exists())


def test_other_runtimes_are_refused_in_plain_words(world: World) -> None:
    client = world.client("lambda")
    name = f"function-{uuid4()}"
    client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="x.y",
        Role=ROLE,
        Code={"ZipFile": archive()},
    )
    wait_for(lambda: client.get_function(FunctionName=name)["Configuration"]["State"] == "Failed")
    reason = client.get_function(FunctionName=name)["Configuration"]["StateReason"]
    assert "only custom runtimes" in reason


def test_executions_of_one_state_machine_have_their_own_input_and_their_own_retries(
    world: World, deploy: Deploy
) -> None:
    name = deploy()
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": name, "Payload": {"do.$": "$.do", "text": "as told"}},
        "ResultSelector": {"served.$": "$.Payload.served"},
        "ResultPath": "$.answer",
        "Retry": [{"ErrorEquals": ["TransientTrouble"], "IntervalSeconds": 1, "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.failed", "Next": "end"}],
        "Next": "end",
    }
    definition = {"StartAt": "task", "States": {"task": task, "end": {"Type": "Succeed"}}}
    states = world.client("stepfunctions")
    machine = states.create_state_machine(
        name=f"machine-{uuid4()}", definition=json.dumps(definition), roleArn=ROLE
    )["stateMachineArn"]
    # They run side by side, so that what they shared would be mixed up.
    told = {number: "fail" if number % 2 else "print" for number in range(6)}
    arns = {
        number: states.start_execution(
            stateMachineArn=machine, input=json.dumps({"number": number, "do": do})
        )["executionArn"]
        for number, do in told.items()
    }

    def is_running(arn: str) -> bool:
        return bool(states.describe_execution(executionArn=arn)["status"] == "RUNNING")

    wait_for(lambda: not any(map(is_running, arns.values())))
    for number, arn in arns.items():
        output = json.loads(states.describe_execution(executionArn=arn)["output"])
        history = states.get_execution_history(executionArn=arn)["events"]
        tries = [event for event in history if event["type"] == "TaskScheduled"]
        assert (output["number"], output["do"]) == (number, told[number])
        if told[number] == "fail":
            assert output["failed"]["Error"] == "TransientTrouble"
            assert len(tries) == 2, "one retry of its own"
        else:
            assert output["answer"]["served"] >= 1
            assert len(tries) == 1
    states.delete_state_machine(stateMachineArn=machine)
