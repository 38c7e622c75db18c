"""Starts SMS inside LocalStack's process: delivery logs, phones, answers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError
from localstack.runtime import hooks
from rolo import Request, Response
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from akashi_localstack import routes, settings
from akashi_localstack.clients import service_client
from akashi_localstack.scheduler import Scheduler
from akashi_localstack.sms import delivery_log, numbers, two_way
from akashi_localstack.sms.outcomes import Outcome
from akashi_localstack.sms.phones import Message, Phones

ARN_FIELDS = 6

Json = dict[str, Any]


@dataclass(frozen=True)
class _World:
    phones: Phones
    topics: two_way.Topics
    scheduler: Scheduler


_running: list[_World] = []


@hooks.on_infra_start()
def start_sms() -> None:
    """Serves the phones and takes answers."""
    state = settings.load().state
    topics = two_way.Topics(state / "sms-two-way.json")
    world = _World(Phones(state / "sms"), topics, Scheduler("sms"))
    _running.append(world)
    _add_phone_routes(world.phones)
    _add_answer_routes(world)


@hooks.on_infra_shutdown()
def stop_sms() -> None:
    """Drops what was not written yet."""
    while _running:
        _running.pop().scheduler.stop()


def carry(sent: delivery_log.Sent, message: Message, outcome: Outcome, attributes: Json) -> None:
    """Takes a message to its phone and, some time later, writes about it."""
    world = _running[-1]
    world.phones.deliver(sent.number, message)
    if not delivery_log.wanted(attributes, outcome):
        return
    role = attributes[delivery_log.ROLE]
    for _ in range(outcome.repeat):
        world.scheduler.later(outcome.after, lambda: delivery_log.write(sent, outcome, role))


def _add_phone_routes(phones: Phones) -> None:
    def listed(_request: Request) -> Response:
        return routes.json_response(phones.numbers())

    def messages(request: Request, number: str) -> Response:
        # Clients may write the plus sign as %2B, and the gateway leaves that as it is.
        parsed = _number(unquote(number), "the address")
        if request.method == "DELETE":
            phones.empty(parsed)
            return routes.empty_response()
        return routes.json_response([asdict(message) for message in phones.messages(parsed)])

    routes.add("/_akashi/sms", listed)
    routes.add("/_akashi/sms/<number>", messages, ("GET", "DELETE"))


def _add_answer_routes(world: _World) -> None:
    def topics(request: Request) -> Response:
        if request.method == "PUT":
            given = _json(request)
            world.topics.set(_number(given.get("number"), "number"), _topic(given))
        return routes.json_response(dict(world.topics.all()))

    def answer(request: Request) -> Response:
        return routes.json_response(_answer(world, _json(request)))

    routes.add("/_akashi/sms/two-way", topics, ("GET", "PUT"))
    routes.add("/_akashi/sms/answers", answer, ("POST",))


def _answer(world: _World, given: Json) -> Json:
    sender, recipient = _number(given.get("from"), "from"), _number(given.get("to"), "to")
    text = given.get("text")
    if not isinstance(text, str):
        raise BadRequest("text is not a string")
    topic = world.topics.all().get(recipient)
    if topic is None:
        raise NotFound(
            f"nobody answers to {recipient}: register its topic with PUT /_akashi/sms/two-way"
        )
    answer = two_way.Answer(
        sender, recipient, text, two_way.new_id(), world.phones.last_message_id(sender)
    )
    if "previous_message_id" in given:
        # On AWS, another part of the service names the messages: a test can play that.
        answer = replace(answer, previous_message_id=given["previous_message_id"])
    region, account = topic.split(":")[3:5]
    payload = two_way.payload(answer, account)
    message = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    try:
        number = f"arn:aws:sms-voice:{region}:{account}:phone-number/{recipient}"
        client = service_client(account, region, "sns", "sms-voice.amazonaws.com", number)
        client.publish(TopicArn=topic, Message=message)
    except ClientError as error:
        raise Conflict(f"{topic} took no message: {error}") from error
    return {"topic_arn": topic, "published": payload}


def _json(request: Request) -> Json:
    try:
        value = json.loads(request.get_data())
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise BadRequest("the body is not a JSON object")
    return value


def _number(value: object, name: str) -> str:
    number = numbers.parse(value)
    if number is None:
        raise BadRequest(f"{name} is not a phone number like +819012345678: {value!r}")
    return number


def _topic(given: Json) -> str | None:
    arn = given.get("topic_arn")
    if arn is None and "topic_arn" in given:
        return None
    if not isinstance(arn, str) or len(arn.split(":")) != ARN_FIELDS or ":sns:" not in arn:
        raise BadRequest(f"topic_arn is not the ARN of an SNS topic: {arn!r}")
    return arn
