"""SNS: LocalStack's provider and what it lacks for messages to phone numbers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.services.moto import MotoFallbackDispatcher
from localstack.services.plugins import Service, aws_provider
from localstack.services.sns.provider import SnsProvider

from akashi_localstack.sms import delivery_log, numbers, outcomes, world
from akashi_localstack.sms.phones import Message
from akashi_localstack.sms.segments import segments

TEXT_BYTES_MAX = 1600
"""AWS's API reference says 1,600 characters, its guide 1,600 bytes: what is taken here fits both.
Bytes of the encoding that is sent: two for a character that GSM-7 does not have."""

SENDER_ID = "AWS.SNS.SMS.SenderID"
SMS_TYPE = "AWS.SNS.SMS.SMSType"
MAX_PRICE = "AWS.SNS.SMS.MaxPrice"
ORIGINATION_NUMBER = "AWS.MM.SMS.OriginationNumber"
SMS_TYPES = ("Promotional", "Transactional")
SENDER_ID_FORM = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}")

Json = dict[str, Any]


@aws_provider(api="sns", name="akashi")
def sns() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_SNS=akashi`."""
    return Service.for_provider(_Sns(), dispatch_table_factory=MotoFallbackDispatcher)


class _Sns(SnsProvider):
    def publish(
        self,
        context: RequestContext,
        message: str,
        phone_number: str | None = None,
        message_structure: str | None = None,
        message_attributes: Json | None = None,
        **more: Any,
    ) -> Any:
        number = numbers.parse(phone_number)
        outcome = outcomes.outcome(number) if number else outcomes.DELIVERED
        if outcome.publish_fails and not outcome.received:
            raise _internal_error()
        defaults = dict(self.get_moto_backend(context.account_id, context.region).sms_attributes)
        text = _text(message, message_structure)
        options = _Options(message_attributes or {}, defaults) if number else None
        if number and segments(text).size_bytes > TEXT_BYTES_MAX:
            raise _invalid("Message too long")
        answer = super().publish(
            context,
            message,
            phone_number=phone_number,
            message_structure=message_structure,
            message_attributes=message_attributes,
            **more,
        )
        if number and options:
            _send(context, number, text, options, answer["MessageId"], outcome, defaults)
        if outcome.publish_fails:
            raise _internal_error()
        return answer

    def check_if_phone_number_is_opted_out(
        self, context: RequestContext, phone_number: str, **_: Any
    ) -> Json:
        # moto takes every number that ends in 99 for opted out.
        number = numbers.parse(phone_number)
        if number is None:
            raise _invalid("PhoneNumber Reason: input incorrectly formatted")
        return {"isOptedOut": outcomes.outcome(number).response == outcomes.OPTED_OUT}


class _Options:
    """The attributes of one message, where they are missing those of the account.

    Raises:
        CommonServiceException: SNS would not take them.
    """

    def __init__(self, given: Json, defaults: Json) -> None:
        values = {name: attribute.get("StringValue") for name, attribute in given.items()}
        self.sms_type = values.get(SMS_TYPE) or defaults.get("DefaultSMSType") or SMS_TYPES[0]
        self.sender_id = values.get(SENDER_ID) or defaults.get("DefaultSenderID") or None
        self.origination_number = values.get(ORIGINATION_NUMBER)
        price = values.get(MAX_PRICE)
        try:
            self.max_price = None if price is None else float(price)
        except ValueError:
            raise _invalid(f"{MAX_PRICE}: {price}") from None
        if self.sms_type not in SMS_TYPES:
            raise _invalid(f"{SMS_TYPE}: {self.sms_type}")
        if self.sender_id is not None and not SENDER_ID_FORM.fullmatch(self.sender_id):
            raise _invalid(f"{SENDER_ID}: {self.sender_id}")


def _send(
    context: RequestContext,
    number: str,
    text: str,
    options: _Options,
    message_id: str,
    outcome: outcomes.Outcome,
    defaults: Json,
) -> None:
    now, shape = datetime.now(UTC), segments(text)
    price = delivery_log.price_usd(shape.parts)
    if options.max_price is not None and price > options.max_price:
        outcome = outcomes.TOO_EXPENSIVE
    sent = delivery_log.Sent(
        account=context.account_id,
        region=context.region,
        message_id=message_id,
        number=number,
        published_at=now,
        sms_type=options.sms_type,
        parts=shape.parts,
    )
    shown = Message(
        message_id=message_id,
        text=text,
        sent_at=now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        sender_id=options.sender_id,
        origination_number=options.origination_number,
        sms_type=options.sms_type,
        encoding=shape.encoding,
        parts=shape.parts,
        received=outcome.received,
    )
    world.carry(sent, shown, outcome, defaults)


def _text(message: str, structure: str | None) -> str:
    if structure != "json":
        return message
    try:
        texts = json.loads(message)
        return str(texts.get("sms") or texts["default"])
    except (ValueError, AttributeError, KeyError):
        # LocalStack refuses it in SNS's words.
        return ""


def _invalid(reason: str) -> CommonServiceException:
    text = f"Invalid parameter: {reason}"
    return CommonServiceException("InvalidParameter", text, status_code=400, sender_fault=True)


def _internal_error() -> CommonServiceException:
    return CommonServiceException("InternalError", "Internal error", status_code=500)
