"""Queues and their functions: groups in order, what fails comes back in its time, and ends in the dead letters."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.lambda_estate import Functions, until
from tests.integration.provider_server import moto_server

#: Writes down what it is given, waits until it may go on, and fails for what is in the folder of the bad ones.
CODE: Final = """
import json, os, pathlib, time, uuid

def handle(event, context):
    folder = pathlib.Path(FOLDER)
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    entry = {"bodies": bodies, "began": time.time(), "records": event["Records"]}
    while (folder / "hold").exists():
        time.sleep(0.01)
    entry["ended"] = time.time()
    partial = folder / f"partial-{os.getpid()}"
    partial.write_text(json.dumps(entry))
    partial.rename(folder / f"{time.time_ns()}.json")
    bad = [r["messageId"] for r in event["Records"] if (folder / f"bad-{json.loads(r['body'])}").exists()]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}
"""


class Consumer:
    """A function, its queue, and what it was given."""

    def __init__(self, functions: Functions, name: str, folder: Path, visible_s: int = 30, **more: Any) -> None:
        self.functions, self.folder = functions, folder
        folder.mkdir(exist_ok=True)
        functions.from_code(name, CODE.replace("FOLDER", repr(str(folder))), Timeout=30)
        functions.invoke(name, {"Records": []})  # what is warm takes less time than a message is hidden
        self.url, arn = functions.queue(name, visible_s, **more.pop("attributes", {}))
        functions("lambda").create_event_source_mapping(
            EventSourceArn=arn, FunctionName=name, FunctionResponseTypes=["ReportBatchItemFailures"], **more
        )

    def batches(self) -> list[Any]:
        """What it was given, in the order in which it ended."""
        every = [json.loads(path.read_text()) for path in sorted(self.folder.glob("*.json"))]
        return [batch for batch in every if batch["bodies"]]

    def given(self) -> list[Any]:
        """The bodies of all batches."""
        return [body for batch in self.batches() for body in batch["bodies"]]

    def visible_for(self, seconds: int) -> None:
        """From now on what is received comes back so soon."""
        self.functions("sqs").set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": str(seconds)})

    def mark(self, name: str) -> Path:
        """A word for the function."""
        path = self.folder / name
        path.touch()
        return path


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with moto_server() as url:
        yield Functions(url)


def test_a_group_with_a_message_in_flight_gives_no_other_and_the_others_flow(
    functions: Functions, tmp_path: Path
) -> None:
    consumer = Consumer(functions, "groups", tmp_path, BatchSize=1)
    hold = consumer.mark("hold")
    for number in range(3):
        functions.send(consumer.url, f"a{number}", "a")
    until(lambda: functions.waiting(consumer.url) == {"visible": 2, "in flight": 1})
    functions.send(consumer.url, "b0", "b")
    until(lambda: functions.waiting(consumer.url) == {"visible": 2, "in flight": 2})
    hold.unlink()
    until(lambda: len(consumer.given()) == 4)
    assert [body for body in consumer.given() if body.startswith("a")] == ["a0", "a1", "a2"]
    ours = [batch for batch in consumer.batches() if batch["bodies"][0].startswith("a")]
    assert all(before["ended"] <= after["began"] for before, after in pairwise(ours))


def test_what_fails_comes_back_when_its_time_is_over_before_those_behind_it(
    functions: Functions, tmp_path: Path
) -> None:
    consumer = Consumer(functions, "returns", tmp_path, BatchSize=1)
    consumer.visible_for(5)
    bad = consumer.mark("bad-first")
    functions.send(consumer.url, "first")
    functions.send(consumer.url, "second")
    until(lambda: consumer.given() == ["first"])
    bad.unlink()
    until(lambda: len(consumer.given()) == 3)
    assert consumer.given() == ["first", "first", "second"]
    once, again, _ = consumer.batches()
    received = int(once["records"][0]["attributes"]["ApproximateFirstReceiveTimestamp"])
    assert again["began"] * 1000 - received >= 5000
    assert [batch["records"][0]["attributes"]["ApproximateReceiveCount"] for batch in (once, again)] == ["1", "2"]


def test_a_function_may_say_when_a_message_comes_back(functions: Functions, tmp_path: Path) -> None:
    consumer = Consumer(functions, "sooner", tmp_path, visible_s=600)
    bad = consumer.mark("bad-one")
    functions.send(consumer.url, "one")
    until(lambda: consumer.given() == ["one"])
    bad.unlink()
    handle = consumer.batches()[0]["records"][0]["receiptHandle"]
    functions("sqs").change_message_visibility(QueueUrl=consumer.url, ReceiptHandle=handle, VisibilityTimeout=0)
    until(lambda: consumer.given() == ["one", "one"])


def test_what_fails_too_often_is_in_the_dead_letters_and_its_group_goes_on(
    functions: Functions, tmp_path: Path
) -> None:
    dead, arn = functions.queue("dead")
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})}
    consumer = Consumer(functions, "poisoned", tmp_path, BatchSize=1, attributes=redrive)
    consumer.visible_for(3)
    consumer.mark("bad-poison")
    functions.send(consumer.url, "poison")
    functions.send(consumer.url, "sound")
    until(lambda: functions.waiting(dead)["visible"] == 1)
    until(lambda: consumer.given() == ["poison", "poison", "sound"])


def test_only_so_many_batches_are_at_work_at_once(functions: Functions, tmp_path: Path) -> None:
    consumer = Consumer(functions, "narrow", tmp_path, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    hold = consumer.mark("hold")
    for number in range(4):
        functions.send(consumer.url, number, f"group-{number}")
    until(lambda: functions.waiting(consumer.url)["in flight"] == 2)
    functions.send(consumer.url, 4, "group-4")
    assert functions.waiting(consumer.url) == {"visible": 3, "in flight": 2}
    hold.unlink()
    until(lambda: sorted(consumer.given()) == [0, 1, 2, 3, 4])


def test_a_message_brings_its_attributes(functions: Functions, tmp_path: Path) -> None:
    consumer = Consumer(functions, "told", tmp_path)
    functions("sqs").send_message(
        QueueUrl=consumer.url,
        MessageBody='"x"',
        MessageGroupId="g",
        MessageDeduplicationId="x",
        MessageAttributes={"subject": {"DataType": "String", "StringValue": "somebody"}},
    )
    until(lambda: consumer.given() == ["x"])
    (record,) = consumer.batches()[0]["records"]
    assert record["messageAttributes"]["subject"]["stringValue"] == "somebody"
    assert record["messageAttributes"]["subject"]["dataType"] == "String"
