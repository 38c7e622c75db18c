"""A template with every kind of resource in it deploys and works."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

from conftest import World
from test_lambda import archive, request

TEMPLATE = Path(__file__).with_name("template.yaml")
QUICKLY = {"Delay": 0.2, "MaxAttempts": 300}


def test_a_stack_of_bucket_table_and_function_deploys_works_and_goes(world: World) -> None:
    s3, cloudformation = world.client("s3"), world.client("cloudformation")
    bucket, name = f"code-{uuid4()}", f"stack-{uuid4()}"
    place = {"LocationConstraint": "ap-northeast-1"}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    s3.put_object(Bucket=bucket, Key="function.zip", Body=archive())
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": "CodeBucket", "ParameterValue": bucket},
            {"ParameterKey": "CodeKey", "ParameterValue": "function.zip"},
        ],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=QUICKLY)
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    made = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    answer = world.client("lambda").invoke(FunctionName=made["Function"], Payload=b"{}")
    environment = json.loads(answer["Payload"].read())["environment"]
    assert environment["TABLE"] == made["Dispatches"]
    status, _headers, event = request(world, made["FunctionUrl"])
    assert (status, event["rawPath"]) == (201, "/")
    lock = s3.get_object_lock_configuration(Bucket=made["Originals"])
    assert lock["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
    table = world.client("dynamodb").describe_table(TableName=made["Dispatches"])["Table"]
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-group"]

    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=QUICKLY)
