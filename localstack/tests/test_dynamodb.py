"""What the ledger relies on (reserve, post, void; serials without gaps): DynamoDB's promises."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from conftest import World, wait_for

from akashi_localstack.dynamodb_items import value_bytes
from akashi_localstack.dynamodb_lag import Lag


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

    def indexed(self, group: str) -> list[tuple[str, str]]:
        """The keys of the items in a group, as the index shows them now."""
        found = self.client.query(
            TableName=self.name,
            IndexName="by-group",
            KeyConditionExpression="#group = :group",
            ExpressionAttributeNames={"#group": "group"},
            ExpressionAttributeValues={":group": {"S": group}},
        )["Items"]
        return [(item["pk"]["S"], item["sk"]["S"]) for item in found]

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

    conflicts: list[str] = []

    def accept(number: int) -> bool:
        while True:
            try:
                table.transact(table.reserve(1), table.put("ledger", f"{number:03}"))
            except ClientError as error:
                codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
                if "TransactionConflict" not in codes:
                    return False
                conflicts.extend(codes)
            else:
                return True

    with ThreadPoolExecutor(16) as pool:
        accepted = sum(pool.map(accept, range(50)))
    entries = table.client.query(
        TableName=table.name,
        ConsistentRead=True,
        KeyConditionExpression="pk = :ledger",
        ExpressionAttributeValues={":ledger": {"S": "ledger"}},
    )
    assert (accepted, entries["Count"], table.points()) == (20, 20, 0)
    # All of them are at the balance: of those that met, only the balance is named. Whether any two
    # meet depends on the machine.
    met = set(zip(conflicts[::2], conflicts[1::2], strict=True))
    assert met <= {("TransactionConflict", "None")}


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
    wait_for(lambda: len(table.indexed("account")) == 25)
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
            ConsistentRead=True,
            KeyConditionExpression="pk = :key",
            ExpressionAttributeValues={":key": {"S": key}},
        )["Items"]
        for key in ("mail-2", "mail-9")
    }
    assert [item["sk"]["S"] for item in found["mail-2"]] == ["001", "002", "003", "004"]
    assert {item["pk"]["S"] for item in found["mail-2"]} == {"mail-2"}
    assert found["mail-9"] == []
    expected = [("mail-1", "002"), ("mail-2", "002"), ("mail-3", "002")]
    wait_for(lambda: table.indexed("account-0") == expected)


def refused(call: Callable[[], object]) -> tuple[str, str]:
    """The code and the message that a call is refused with."""
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def reasons(call: Callable[[], object]) -> list[str]:
    """Why a transaction is canceled, of each operation."""
    with pytest.raises(ClientError) as raised:
        call()
    response = raised.value.response
    assert response["Error"]["Code"] == "TransactionCanceledException"
    return [reason["Code"] for reason in response["CancellationReasons"]]


def tell(world: World, method: str, path: str, wanted: dict[str, Any]) -> None:
    """Asks the local DynamoDB to behave in a certain way."""
    url = f"{world.gateway_url}/_akashi/dynamodb/{path}"
    asked = urllib.request.Request(url, data=json.dumps(wanted).encode(), method=method)
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 204


def test_an_item_may_have_400_kb_and_no_byte_more(table: Table) -> None:
    # pk + "mail" + sk + "1" + text
    free = 400 * 1024 - 2 - 4 - 2 - 1 - 4
    largest = table.put("mail", "1", text={"S": "x" * free})["Put"]["Item"]
    table.client.put_item(TableName=table.name, Item=largest)
    too_large = {**largest, "text": {"S": "x" * (free + 1)}}
    code, message = refused(lambda: table.client.put_item(TableName=table.name, Item=too_large))
    assert (code, message) == (
        "ValidationException",
        "Item size has exceeded the maximum allowed size",
    )
    update = {
        "TableName": table.name,
        "Key": {"pk": {"S": "mail"}, "sk": {"S": "1"}},
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"BOOL": True}},
    }
    code, message = refused(lambda: table.client.update_item(**update))
    assert (code, message) == (
        "ValidationException",
        "Item size to update has exceeded the maximum allowed size",
    )
    assert reasons(lambda: table.transact(table.put("mail", "2"), {"Update": update})) == [
        "None",
        "ValidationError",
    ]
    put = {"Put": {"TableName": table.name, "Item": {**too_large, "sk": {"S": "3"}}}}
    assert reasons(lambda: table.transact(put)) == ["ValidationError"]
    # Nothing of what was refused is there.
    assert table.item("mail", "1") == largest
    assert [table.item("mail", sk) for sk in ("2", "3")] == [None, None]


def test_a_transaction_may_have_4_mb_and_100_operations(table: Table) -> None:
    def puts(count: int, size: int) -> list[dict[str, Any]]:
        return [table.put("mail", str(n), text={"S": "x" * size}) for n in range(count)]

    code, message = refused(lambda: table.transact(*puts(11, 390_000)))
    assert (code, "4 MB" in message) == ("ValidationException", True)
    assert table.item("mail", "0") is None
    assert refused(lambda: table.transact(*puts(101, 1)))[0] == "ValidationException"
    table.transact(*puts(10, 390_000))
    table.transact(*(table.put("other", str(number)) for number in range(100)))


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"group": {"N": "1"}}, "Type mismatch for Index Key group Expected: S Actual: N"),
        ({"group": {"NULL": True}}, "Type mismatch for Index Key group Expected: S Actual: NULL"),
        ({"group": {"S": ""}}, "cannot contain an empty string value"),
        ({"group": {"S": "x" * 2049}}, "exceeded the maximum size limit of2048 bytes"),
        ({"sk": {"S": ""}}, "empty string value"),
        ({"sk": {"S": "x" * 1025}}, "1024 bytes"),
        ({"pk": {"S": "x" * 2049}}, "2048"),
        ({"pk": {"N": "1"}}, "ype mismatch for key pk"),
    ],
)
def test_a_wrong_key_is_refused_on_every_road(
    table: Table, attributes: dict[str, Any], words: str
) -> None:
    item = {"pk": {"S": "mail"}, "sk": {"S": "1"}, **attributes}
    code, message = refused(lambda: table.client.put_item(TableName=table.name, Item=item))
    assert code == "ValidationException"
    assert words in message
    put = {"Put": {"TableName": table.name, "Item": item}}
    with pytest.raises(ClientError) as raised:
        table.transact(table.put("mail", "2"), put)
    assert raised.value.response["Error"]["Code"] in (
        "TransactionCanceledException",
        "ValidationException",
    )
    assert table.item("mail", "2") is None
    if "group" in attributes:
        key = {"pk": {"S": "mail"}, "sk": {"S": "3"}}
        code, message = refused(
            lambda: table.client.update_item(
                TableName=table.name,
                Key=key,
                UpdateExpression="SET #group = :group",
                ExpressionAttributeNames={"#group": "group"},
                ExpressionAttributeValues={":group": attributes["group"]},
            )
        )
        assert code == "ValidationException"
        assert words in message
        assert table.item("mail", "3") is None


def test_conflicts_come_when_they_are_asked_for(world: World, table: Table) -> None:
    table.set_points(5)
    wanted = {"table": table.name, "text_in_key": "balance", "count": 2}
    tell(world, "POST", "conflicts", wanted)
    put = table.put("mail", "1")
    assert reasons(lambda: table.transact(put, table.reserve(1))) == ["None", "TransactionConflict"]
    assert refused(lambda: table.client.update_item(**table.reserve(1)["Update"])) == (
        "TransactionConflictException",
        "Transaction is ongoing for the item",
    )
    assert (table.points(), table.item("mail", "1")) == (5, None)
    table.transact(put, table.reserve(1))
    assert table.points() == 4


@pytest.fixture
def long_lag(world: World) -> Iterator[None]:
    # However slow this machine is, it reads again before that is over.
    tell(world, "PUT", "lag", {"seconds": 600})
    yield
    tell(world, "PUT", "lag", {"seconds": None})


def test_an_index_and_a_read_that_does_not_ask_for_consistency_lag_behind(
    world: World, table: Table, long_lag: None
) -> None:
    key = {"pk": {"S": "mail"}, "sk": {"S": "1"}}

    def is_seen() -> list[bool]:
        by_key = table.client.get_item(TableName=table.name, Key=key)
        under_key = table.client.query(
            TableName=table.name,
            KeyConditionExpression="pk = :key",
            ExpressionAttributeValues={":key": {"S": "mail"}},
        )
        everything = table.client.scan(TableName=table.name)
        return [
            table.item("mail", "1") is not None,
            "Item" in by_key,
            under_key["Count"] == 1,
            everything["Count"] == 1,
            table.indexed("one") == [("mail", "1")],
        ]

    table.transact(table.put("mail", "1", group={"S": "one"}))
    assert is_seen() == [True, False, False, False, False]
    tell(world, "PUT", "lag", {"seconds": 0})
    assert is_seen() == [True] * 5
    tell(world, "PUT", "lag", {"seconds": 600})
    table.client.delete_item(TableName=table.name, Key=key)
    assert is_seen() == [False, True, True, True, True]
    tell(world, "PUT", "lag", {"seconds": 0})
    assert is_seen() == [False] * 5


def test_lag_shows_each_version_in_its_turn() -> None:
    now = [0.0]
    lag = Lag(lambda: now[0])
    lag.written("table", "key", None)
    now[0] = 0.06
    lag.written("table", "key", "first")
    now[0] = 0.09
    assert lag.differing("table") == {"key": None}
    now[0] = 0.12
    assert lag.differing("table") == {"key": "first"}
    now[0] = 0.17
    assert lag.differing("table") == {}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "証"}, 3),
        ({"N": "0"}, 1),
        ({"N": "-120.50"}, 4),
        ({"B": b"1234"}, 4),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "a"}, {"BOOL": False}]}, 7),
        ({"M": {"name": {"S": "ab"}}}, 10),
    ],
)
def test_sizes_are_counted_as_the_developer_guide_says(value: dict[str, Any], size: int) -> None:
    assert value_bytes(value) == size
