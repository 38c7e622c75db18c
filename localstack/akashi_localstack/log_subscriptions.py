"""Makes CloudWatch Logs tell the subscribers of a log group as on AWS.

LocalStack cannot make a stream in a group that has a subscription (`CreateLogStream` ends with
status 500 and makes it all the same). And it calls functions synchronously, inside the call that
writes the lines: a function that fails loses its lines, which Lambda would retry on AWS.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
from typing import Any

from localstack.services.plugins import Service, aws_provider

from akashi_localstack.clients import service_client

LOG = logging.getLogger(__name__)


@aws_provider(api="logs", name="akashi")
def logs() -> Service:
    """The plugin that LocalStack loads under `PROVIDER_OVERRIDE_LOGS=akashi`."""
    # Importing LocalStack's provider puts its own patches into moto, which have to come first.
    from localstack.services.logs.provider import LogsProvider
    from localstack.services.moto import MotoFallbackDispatcher

    _replace_patches()
    return Service.for_provider(LogsProvider(), dispatch_table_factory=MotoFallbackDispatcher)


def _replace_patches() -> None:
    from moto.core.utils import unix_time_millis
    from moto.logs.exceptions import ResourceAlreadyExistsException
    from moto.logs.models import LogEvent, LogGroup, LogStream

    def create_log_stream(self: Any, log_stream_name: str) -> None:
        if log_stream_name in self.streams:
            raise ResourceAlreadyExistsException
        self.streams[log_stream_name] = LogStream(log_group=self, name=log_stream_name)

    def put_log_events(self: Any, log_events: list[dict[str, Any]]) -> str:
        self.last_ingestion_time = int(unix_time_millis())
        self.stored_bytes += sum(len(event["message"]) for event in log_events)
        events = [LogEvent(self.last_ingestion_time, event) for event in log_events]
        self.events += events
        self.upload_sequence_token += 1
        for subscription in list(self.log_group.subscription_filters.values()):
            _tell(self, subscription, events)
        return f"{self.upload_sequence_token:056d}"

    LogGroup.create_log_stream = create_log_stream
    LogStream.put_log_events = put_log_events


def _tell(stream: Any, subscription: Any, events: list[Any]) -> None:
    arn = subscription.destination_arn
    if not events or not arn or ":lambda:" not in arn:
        return
    region, account = arn.split(":")[3:5]
    source = f"arn:aws:logs:{region}:{account}:log-group:{stream.log_group.name}:*"
    payload = json.dumps(event(stream, subscription.name, events))
    try:
        service_client(account, region, "lambda_", "logs.amazonaws.com", source).invoke(
            FunctionName=arn, InvocationType="Event", Payload=payload
        )
    except Exception:
        # On AWS, too, lines are written whether or not somebody can be told.
        LOG.exception("%s was not told about %s", arn, stream.log_group.name)


def event(stream: Any, filter_name: str, events: list[Any]) -> dict[str, Any]:
    """The event that the function gets: gzipped JSON in base64."""
    data = {
        "messageType": "DATA_MESSAGE",
        "owner": stream.account_id,
        "logGroup": stream.log_group.name,
        "logStream": stream.log_stream_name,
        "subscriptionFilters": [filter_name],
        "logEvents": [
            {"id": str(event.event_id), "timestamp": event.timestamp, "message": event.message}
            for event in events
        ],
    }
    packed = gzip.compress(json.dumps(data, separators=(",", ":")).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode("ascii")}}
