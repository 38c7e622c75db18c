"""DynamoDB on moto, in LocalStack's own process: the default provider downloads a Java program.

moto keeps its tables in dictionaries without any locking, so one lock makes every call atomic. That
is what gives `TransactWriteItems` and conditional writes the isolation they have on AWS.
"""

from __future__ import annotations

import threading

from localstack.aws.api import RequestContext, ServiceResponse
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service, aws_provider

_ONE_AT_A_TIME = threading.Lock()


@aws_provider(api="dynamodb", name="moto")
def dynamodb() -> Service:
    """The service as LocalStack registers it under `PROVIDER_OVERRIDE_DYNAMODB=moto`."""
    model = load_service("dynamodb")
    table = dict.fromkeys(model.operation_names, _call)
    return Service("dynamodb", skeleton=Skeleton(model, table))


def _call(context: RequestContext, _request: object = None) -> ServiceResponse:
    from localstack.services.moto import call_moto

    with _ONE_AT_A_TIME:
        return call_moto(context)
