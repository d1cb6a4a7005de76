"""What an engine asks of a state port, and a port over a bucket in memory. Must never judge: the tests do."""

from collections.abc import Callable

from tests.fakes.state_bucket import FakeBucket
from tradai_runner.stateport import wire
from tradai_runner.stateport.asked import Asked, Place
from tradai_runner.stateport.port import Port
from tradai_runner.stateport.wire import Answer

PLACE = Place("b", "", "sample-work", "dev")
LOCK = f"{PLACE.locks}1.json"
OLD, FOREIGN = b'{"old": 1}', b'{"foreign": 1}'


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += seconds


def port_of(bucket: FakeBucket, run_id: str = "r-1") -> Port:
    clock = Clock()
    return Port(PLACE, run_id, bucket, wait_seconds=60.0, now=clock, pause=clock.pause)


def holding(body: bytes) -> FakeBucket:
    """A bucket that has this state."""
    bucket = FakeBucket(PLACE.state)
    bucket.put(PLACE.state, body)
    return bucket


def state(bucket: FakeBucket) -> bytes | None:
    return bucket.body()


def lock(port: Port) -> Answer:
    return port.answer(Asked("PUT", LOCK, "x-id=PutObject", {}, b"{}"))


def unlock(port: Port) -> Answer:
    return port.answer(Asked("DELETE", LOCK))


def save(port: Port, body: bytes) -> Answer:
    """As the engine saves: it looks for the state, copies it to what it was, goes on where that fails, and writes."""
    port.answer(listing())
    if port.answer(Asked("HEAD", PLACE.state)).done:
        source = {"x-amz-copy-source": f"b/{PLACE.state}"}
        port.answer(Asked("PUT", f"{PLACE.state}.bak", "x-id=CopyObject", source))
    return port.answer(Asked("PUT", PLACE.state, "x-id=PutObject", {"content-type": "application/json"}, body))


def read(port: Port) -> Answer:
    return port.answer(Asked("GET", PLACE.state, "x-id=GetObject"))


def listing() -> Asked:
    return Asked("GET", "", f"delimiter=%2F&list-type=2&max-keys=1000&prefix={PLACE.state}")


def refusing(bucket: FakeBucket, key: str) -> Callable[[Asked], Answer]:
    ask = bucket.ask
    return lambda asked: wire.refusal(503, "SlowDown", "slow down") if asked.key == key else ask(asked)
