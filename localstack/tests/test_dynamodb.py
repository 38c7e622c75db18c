"""What the ledger relies on (reserve, post, void; serials without gaps): DynamoDB's promises."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from conftest import World


class Table:
    def __init__(self, client: Any, name: str) -> None:
        self.client = client
        self.name = name

    def put(self, pk: str, sk: str, **others: Any) -> dict[str, Any]:
        item = {"pk": {"S": pk}, "sk": {"S": sk}, **others}
        condition = "attribute_not_exists(pk)"
        return {"Put": {"TableName": self.name, "Item": item, "ConditionExpression": condition}}

    def reserve(self, points: int) -> dict[str, Any]:
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"pk": {"S": "account"}, "sk": {"S": "balance"}},
                "UpdateExpression": "SET points = points - :points",
                "ConditionExpression": "points >= :points",
                "ExpressionAttributeValues": {":points": {"N": str(points)}},
            }
        }

    def set_points(self, points: int) -> None:
        item = {"pk": {"S": "account"}, "sk": {"S": "balance"}, "points": {"N": str(points)}}
        self.client.put_item(TableName=self.name, Item=item)

    def points(self) -> int:
        item = self.item("account", "balance")
        assert item is not None
        return int(item["points"]["N"])

    def item(self, pk: str, sk: str) -> dict[str, Any] | None:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found: dict[str, Any] | None = self.client.get_item(
            TableName=self.name, Key=key, ConsistentRead=True
        ).get("Item")
        return found

    def transact(self, *operations: dict[str, Any], **settings: Any) -> None:
        self.client.transact_write_items(TransactItems=list(operations), **settings)


@pytest.fixture
def table(world: World) -> Iterator[Table]:
    client = world.client("dynamodb")
    name = f"table-{uuid4()}"
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", "group")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-group",
                "KeySchema": [
                    {"AttributeName": "group", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    yield Table(client, name)
    client.delete_table(TableName=name)


def test_a_cancelled_transaction_says_which_condition_failed_and_writes_nothing(
    table: Table,
) -> None:
    table.transact(table.put("mail-1", "dispatch"))
    with pytest.raises(ClientError) as raised:
        table.transact(table.put("mail-2", "dispatch"), table.put("mail-1", "dispatch"))
    response = raised.value.response
    assert response["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in response["CancellationReasons"]] == [
        "None",
        "ConditionalCheckFailed",
    ]
    assert table.item("mail-2", "dispatch") is None


def test_a_cancelled_transaction_puts_updated_and_deleted_items_back(table: Table) -> None:
    table.set_points(5)
    table.transact(table.put("mail-1", "dispatch"), table.put("mail-2", "dispatch"))
    key = {"pk": {"S": "mail-2"}, "sk": {"S": "dispatch"}}
    with pytest.raises(ClientError):
        table.transact(
            table.reserve(2),
            {"Delete": {"TableName": table.name, "Key": key}},
            table.put("mail-1", "dispatch"),
        )
    assert table.points() == 5
    assert table.item("mail-2", "dispatch") is not None


def test_a_balance_never_goes_below_zero_under_fifty_mails_at_once(table: Table) -> None:
    table.set_points(20)

    def accept(number: int) -> bool:
        try:
            table.transact(table.reserve(1), table.put("ledger", f"{number:03}"))
        except ClientError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        accepted = sum(pool.map(accept, range(50)))
    entries = table.client.query(
        TableName=table.name,
        KeyConditionExpression="pk = :ledger",
        ExpressionAttributeValues={":ledger": {"S": "ledger"}},
    )
    assert (accepted, entries["Count"], table.points()) == (20, 20, 0)


def test_a_transaction_repeated_under_its_token_is_executed_once(table: Table) -> None:
    table.set_points(5)
    token = str(uuid4())
    for _ in range(3):
        table.transact(table.reserve(1), ClientRequestToken=token)
    assert table.points() == 4
    with pytest.raises(ClientError) as raised:
        table.transact(table.reserve(2), ClientRequestToken=token)
    assert raised.value.response["Error"]["Code"] == "IdempotentParameterMismatchException"


def test_a_token_of_a_cancelled_transaction_can_be_used_again(table: Table) -> None:
    table.set_points(0)
    token = str(uuid4())
    with pytest.raises(ClientError):
        table.transact(table.reserve(1), ClientRequestToken=token)
    table.set_points(1)
    table.transact(table.reserve(1), ClientRequestToken=token)
    assert table.points() == 0


def test_an_index_is_queried_in_order_and_by_pages(table: Table) -> None:
    for number in range(25):
        table.transact(table.put(f"mail-{number}", f"{number:03}", group={"S": "account"}))
    seen: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = table.client.query(
            TableName=table.name,
            IndexName="by-group",
            KeyConditionExpression="#group = :account AND sk > :after",
            ExpressionAttributeNames={"#group": "group"},
            ExpressionAttributeValues={":account": {"S": "account"}, ":after": {"S": "004"}},
            ScanIndexForward=False,
            Limit=7,
            **more,
        )
        seen += [item["sk"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert seen == [f"{number:03}" for number in range(24, 4, -1)]


def test_a_failed_condition_shows_the_item_on_request(table: Table) -> None:
    table.set_points(3)
    with pytest.raises(ClientError) as raised:
        table.client.update_item(
            **table.reserve(9)["Update"], ReturnValuesOnConditionCheckFailure="ALL_OLD"
        )
    assert raised.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert raised.value.response["Item"]["points"] == {"N": "3"}


def test_the_same_item_twice_in_a_transaction_is_invalid(table: Table) -> None:
    table.set_points(3)
    with pytest.raises(ClientError) as raised:
        table.transact(table.reserve(1), table.reserve(1))
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert table.points() == 3


def test_a_query_finds_all_under_its_key_and_nothing_else(table: Table) -> None:
    for key in ("mail-1", "mail-2", "mail-3"):
        table.transact(
            *(
                table.put(key, f"{number:03}", group={"S": f"account-{number % 2}"})
                for number in (3, 1, 2)
            )
        )
    table.transact(table.put("mail-2", "004"))
    found = {
        key: table.client.query(
            TableName=table.name,
            KeyConditionExpression="pk = :key",
            ExpressionAttributeValues={":key": {"S": key}},
        )["Items"]
        for key in ("mail-2", "mail-9")
    }
    assert [item["sk"]["S"] for item in found["mail-2"]] == ["001", "002", "003", "004"]
    assert {item["pk"]["S"] for item in found["mail-2"]} == {"mail-2"}
    assert found["mail-9"] == []
    indexed = table.client.query(
        TableName=table.name,
        IndexName="by-group",
        KeyConditionExpression="#group = :account",
        ExpressionAttributeNames={"#group": "group"},
        ExpressionAttributeValues={":account": {"S": "account-0"}},
    )["Items"]
    assert [(item["pk"]["S"], item["sk"]["S"]) for item in indexed] == [
        ("mail-1", "002"),
        ("mail-2", "002"),
        ("mail-3", "002"),
    ]
