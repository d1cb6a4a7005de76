"""An AWS that shows late what it has made and what it has deleted, and an engine that may be killed at any step.

One table or one network, in miniature: what the engine writes into its state, and when, is as the real one does it
(`tests/integration/test_repair_in_replacements.py`). Must never judge: the tests do.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.unit.runner.objects import Objects
from tests.unit.runner.states import PROJECT, resource, state, urn
from tradai_iac.core.tagging import urn_tag_of
from tradai_iac.failure import Failure
from tradai_runner.bucket.keys import state_key

TABLE, VPC = "aws:dynamodb/table:Table", "aws:ec2/vpc:Vpc"
STATE: Final = state_key(PROJECT, "dev")
#: It stands since before anything that these tests make.
STACK: Final = resource("pulumi:pulumi:Stack", "it", custom=False, created="2027-01-15T05:13:20Z")
NAME: Final = "it"


@dataclass
class Clock:
    """Time that passes only where somebody says so."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Thing:
    """One resource: since when it is there and until when, and how late AWS shows either."""

    id: str
    round: int
    made: float
    late: float
    gone: float | None = None

    def shown(self, now: float) -> bool:
        return self.made + self.late <= now and (self.gone is None or now < self.gone + self.late)


class TakenError(Exception):
    """AWS has one of that name already."""


@dataclass
class LateAws:
    """As boto3's clients of DynamoDB and EC2; `late` is how late the next thing is shown."""

    type: str
    clock: Clock
    late: float = 0.0
    things: list[Thing] = field(default_factory=list)

    @property
    def standing(self) -> list[Thing]:
        """What is really there."""
        return [thing for thing in self.things if thing.gone is None]

    def create(self, name: str, round_: int) -> str:
        if self.type == TABLE and any(thing.id == name for thing in self.standing):
            raise TakenError
        made = Thing(name if self.type == TABLE else f"vpc-{len(self.things)}", round_, self.clock.now, self.late)
        self.things.append(made)
        return made.id

    def delete(self, id_: str) -> None:
        for thing in self.standing:
            if thing.id == id_:
                thing.gone = self.clock.now

    def shown(self) -> list[Thing]:
        return [thing for thing in self.things if thing.shown(self.clock.now)]

    # boto3

    def __call__(self, service: str) -> "LateAws":
        return self

    def can_paginate(self, call: str) -> bool:
        return False

    def describe_table(self, TableName: str) -> Mapping[str, Any]:  # noqa: N803 - AWS's own name
        for thing in self.shown():
            if thing.id == TableName:
                made = datetime.fromtimestamp(thing.made, UTC)
                return {"Table": {"TableName": thing.id, "TableStatus": "ACTIVE", "CreationDateTime": made}}
        raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "DescribeTable")

    def list_tags_of_resource(self, ResourceArn: str) -> Mapping[str, Any]:  # noqa: N803 - as above
        return {"Tags": self._tags()}

    def describe_vpcs(self, Filters: Any) -> Mapping[str, Any]:  # noqa: N803 - as above
        return {"Vpcs": [{"VpcId": one.id, "State": "available", "Tags": self._tags()} for one in self.shown()]}

    def _tags(self) -> list[dict[str, str]]:
        return [{"Key": "tradai:urn", "Value": urn_tag_of(urn(self.type, "it"))}]


@dataclass
class Engine:
    """Brings one resource to a round; `first`: a replacement deletes the old one first. Each step may be its last."""

    aws: LateAws
    store: Objects
    clock: Clock
    first: bool
    #: What AWS refused to make in the last run, since it has one of that name.
    refused: list[dict[str, Any]] = field(default_factory=list)

    def up(self, round_: int) -> Iterator[str]:
        """Its steps; what it has written stays written."""
        self.refused = []
        live = self._live()
        if live is None or live.get("pendingReplacement"):
            yield from self._create(round_)
        elif live["inputs"]["round"] != round_:
            if self.first:
                yield from self._delete(live, room=True)
            yield from self._create(round_)
        if self.refused:
            return
        for dying in [each for each in self.resources() if each.get("delete")]:
            yield from self._delete(dying)

    def refresh(self, urns: list[str]) -> Failure | None:
        """Drops what AWS does not show, flags and all as they are; forgets interrupted work on what is known."""
        shown = {thing.id for thing in self.aws.shown()}
        self._write([each for each in self.resources() if each["urn"] not in urns or each["id"] in shown], ())
        return None

    def resources(self) -> list[dict[str, Any]]:
        """What it has but the stack itself."""
        return [each for each in self._latest()["resources"] if each["custom"]]

    def pending(self) -> list[dict[str, Any]]:
        return list(self._latest()["pending_operations"])

    def _latest(self) -> dict[str, Any]:
        body = self.store.get(STATE) or json.dumps(state([], [])).encode()
        latest: dict[str, Any] = json.loads(body)["checkpoint"]["latest"]
        return latest

    def _live(self) -> dict[str, Any] | None:
        return next((each for each in self.resources() if not each.get("delete")), None)

    def _create(self, round_: int) -> Iterator[str]:
        name = NAME if self.first else f"{NAME}-{round_}"
        raw = resource(self.aws.type, "it", inputs={"name": name, "round": round_}, outputs={})
        self._write(self.resources(), [{"resource": raw, "type": "creating"}])
        yield "noted that it is created"
        try:
            id_ = self.aws.create(name, round_)
        except TakenError:
            yield "refused"
            self.refused = [raw]
            self._write(self.resources(), ())
            return
        yield "created"
        old = [each for each in self.resources() if not each.get("pendingReplacement")]
        dying = [{**each, "delete": True} for each in old]
        self._write([raw | {"id": id_, "modified": self._time()}, *dying], ())
        yield "noted that it was created"

    def _delete(self, old: dict[str, Any], *, room: bool = False) -> Iterator[str]:
        marked = {**old, "pendingReplacement": True} if room else old
        others = [each for each in self.resources() if each != old]
        self._write([*others, marked], [{"resource": marked, "type": "deleting"}])
        yield "noted that it is deleted"
        self.aws.delete(old["id"])
        yield "deleted"
        self._write([*others, marked] if room else others, ())
        yield "noted that it was deleted"

    def _time(self) -> str:
        return datetime.fromtimestamp(self.clock.now, UTC).isoformat()

    def _write(self, resources: list[dict[str, Any]], pending: Any) -> None:
        body = state([STACK, *resources], list(pending))
        body["checkpoint"]["latest"]["manifest"]["time"] = self._time()
        self.store[STATE] = json.dumps(body).encode()
