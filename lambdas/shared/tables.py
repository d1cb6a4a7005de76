"""One deployed table: items in and out, and writes that hold only under a condition.

Keys come from the configuration (`deployed.json`). Must never write without saying what it expects to find.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError

from shared import clients, clock
from shared.deployed import DEPLOYED, TableShape

Item = Mapping[str, Any]


class Table:
    """A table by its component (`workflow-state`) and its deployed name."""

    def __init__(self, component: str, name: str) -> None:
        self.shape: TableShape = DEPLOYED.tables[component]
        self._table = clients.table(name)

    def get(self, *key: str) -> dict[str, Any] | None:
        """The item as it is now (a consistent read), None where there is none."""
        found = self._table.get_item(Key=self._key(*key), ConsistentRead=True).get("Item")
        return plain(found) if found else None

    def create(self, item: Item) -> bool:
        """Write a new item; False where one with its key is there already, which stays as it is."""
        return self.put(item, Attr(self.shape.hash_key).not_exists())

    def put(self, item: Item, expected: ConditionBase) -> bool:
        """Write an item whole where what is there is as expected; False, and nothing written, where it is not."""
        return _held(lambda: self._table.put_item(Item=stored(item), ConditionExpression=expected))

    def update(self, key: tuple[str, ...], changes: Item, expected: ConditionBase) -> bool:
        """Set these attributes of an item, and remove those whose value is None, where it is as expected."""
        sets = {name: value for name, value in changes.items() if value is not None}
        names = {f"#{at}": name for at, name in enumerate(changes)}
        places = {name: place for place, name in names.items()}
        values = {f":{at}": stored(value) for at, value in enumerate(sets.values())}
        says = ", ".join(f"{places[name]} = :{at}" for at, name in enumerate(sets))
        removed = ", ".join(places[name] for name in changes if name not in sets)
        expression = f"{'SET ' * bool(says)}{says} {'REMOVE ' * bool(removed)}{removed}".strip()
        request: dict[str, Any] = {"Key": self._key(*key), "UpdateExpression": expression}
        request |= {"ExpressionAttributeNames": names, "ConditionExpression": expected}
        request |= {"ExpressionAttributeValues": values} if values else {}
        return _held(lambda: self._table.update_item(**request))

    def delete(self, key: tuple[str, ...], expected: ConditionBase) -> bool:
        """Delete an item where it is as expected."""
        return _held(lambda: self._table.delete_item(Key=self._key(*key), ConditionExpression=expected))

    def query(self, index: str | None, value: str, *, newest_first: bool = False) -> Iterator[dict[str, Any]]:
        """All items of one hash value of an index, or of the table itself, page by page, in the order of its range."""
        shape = self.shape.indexes[index] if index else self.shape
        request: dict[str, Any] = {"KeyConditionExpression": Key(shape.hash_key).eq(value)}
        request |= {"IndexName": index} if index else {"ConsistentRead": True}
        request["ScanIndexForward"] = not newest_first
        yield from _pages(self._table.query, request)

    def scan(self) -> Iterator[dict[str, Any]]:
        """Every item, page by page, each as it is now."""
        yield from _pages(self._table.scan, {"ConsistentRead": True})

    def _key(self, *key: str) -> dict[str, str]:
        names = [name for name in (self.shape.hash_key, self.shape.range_key) if name]
        return dict(zip(names, key, strict=True))


def expires(component: str, at: datetime, keep: timedelta) -> dict[str, int]:
    """When an item of a table goes, under the attribute that the table has for it; nothing where items stay."""
    ttl = DEPLOYED.tables[component].ttl
    return {ttl: clock.expiry(at, keep)} if ttl else {}


def _pages(call: Any, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        page = call(**request)
        yield from map(plain, page["Items"])
        if not (last := page.get("LastEvaluatedKey")):
            return
        request = {**request, "ExclusiveStartKey": last}


def _held(write: Any) -> bool:
    try:
        write()
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def plain(value: Any) -> Any:
    """What DynamoDB gave, with its numbers as int or float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def stored(value: Any) -> Any:
    """What DynamoDB takes: floats as decimals of the same digits. Raises ValueError for what is no number."""
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise ValueError("an item holds no infinite number")
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: stored(inner) for key, inner in value.items()}
    return [stored(inner) for inner in value] if isinstance(value, list | tuple) else value
