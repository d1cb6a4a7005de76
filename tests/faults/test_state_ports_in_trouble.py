"""State ports where ends may wait: killed, lost with all that they remember, and overtaken by somebody else."""

import json
import re
from collections.abc import Callable

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Call, Trigger
from tests.faults.sample import by_hand, converged, failure, gone, manifest
from tests.faults.site import BUCKET, Site

#: What the bucket is written on the way of a layer: the layer's lock, its states, its lock's end.
POINTS: dict[str, Callable[[Call], bool]] = {
    "lock": lambda call: call.method == "PUT" and "/locks/" in call.key,
    "state": lambda call: call.method == "PUT" and "/stacks/" in call.key and call.key.endswith(".json"),
    "history": lambda call: call.method == "PUT" and "/history/" in call.key,
    "unlock": lambda call: call.method == "DELETE" and "/locks/" in call.key,
}


@pytest.fixture(scope="module")
def working(site: Site) -> Site:
    site.start()
    return site


def at(point: str, nth: int, layer: str, stage: str, action: Callable[[Call], object]) -> Trigger:
    """Acts before the nth write of that kind for the stack."""

    def matches(call: Call) -> bool:
        return call.service == "s3" and f"sample-{layer}/{stage}" in call.key and POINTS[point](call)

    return Trigger(matches, nth, "before", action)


#: Stage, who dies, and before which write.
Row = tuple[str, str, str, int]
ROWS: tuple[Row, ...] = (
    ("eph-p00", "port", "lock", 1),
    ("eph-p01", "port", "state", 2),
    ("eph-p02", "port", "state", 4),
    ("eph-p03", "port", "unlock", 1),
    ("eph-p04", "memory", "state", 2),
    ("eph-p05", "memory", "state", 4),
    ("eph-p06", "memory", "history", 1),
    ("eph-p07", "host", "state", 3),
    ("eph-p08", "host", "unlock", 1),
)


def deaths_of(site: Site, stage: str) -> dict[str, Callable[[Call], object]]:
    """Who dies: the port alone; engine and port; all of a run."""

    def host(call: Call) -> None:
        site.kill_port(stage)
        site.kill_run(stage)

    return {"port": lambda _: site.kill_port(stage), "memory": lambda _: site.lose_memory(stage), "host": host}


def addresses(site: Site, stage: str) -> list[str]:
    """Where a run's port was, in all that was said of an environment: its runs' logs and results, and its status.

    Below `tmp` an engine finds its way while it lives; nothing is said there.
    """
    s3, prefixes = site.deployed.clients("s3"), [f".tradai/runs/sample-{layer}/{stage}/" for layer in ("store", "work")]
    kept = [found for prefix in prefixes for found in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]]
    texts = [s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read().decode() for each in kept]
    texts += [path.read_text() for path in site.root.glob("journal/*/*/*/*") if path.is_file()]
    texts.append(json.dumps(site.deployed.status(stage)))
    assert any("Updating" in text for text in texts), "logs were looked at"
    return [found for text in texts for found in re.findall(r"127\.0\.0\.1:\d+/[\w-]{32}", text)]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rows", [ROWS[:4], ROWS[4:]], ids=["ports", "more than ports"])
def test_what_waited_in_a_port_that_died_is_put_right(
    working: Site, rows: tuple[tuple[str, str, str, int], ...]
) -> None:
    def triggers(layer: str) -> list[Trigger]:
        return [at(point, nth, layer, stage, deaths_of(working, stage)[who]) for stage, who, point, nth in rows]

    with timed(f"state ports: {rows[0][1]} up"), working.proxy.under(*(ups := triggers("store"))):
        for stage, *_ in rows:
            working.deployed.apply(manifest(stage))
        for stage, *_ in rows:
            converged(working, stage)
            assert addresses(working, stage) == []
    assert all(trigger.fired.is_set() for trigger in ups)
    with timed(f"state ports: {rows[0][1]} destroy"), working.proxy.under(*(downs := triggers("work"))):
        for stage, *_ in rows:
            working.deployed.kubectl("delete", "tradaienv", stage, "-n", "tradai", "--wait=false")
        for stage, *_ in rows:
            gone(working, stage)
    assert all(trigger.fired.is_set() for trigger in downs)


@pytest.mark.timeout(300)
def test_ends_wait_for_what_begins_on_the_real_engine(working: Site) -> None:
    counts: dict[str, int] = {}
    for stage, durability in (("eph-p30", "Sync"), ("eph-p31", "Group")):
        saves = at("state", 10**6, "store", stage, lambda _: None)
        with timed(f"state ports: {durability}"), working.proxy.under(saves):
            working.deployed.apply(manifest(stage, durability=durability))
            converged(working, stage)
        counts[durability] = len(saves.seen)
    assert counts["Group"] <= 0.7 * counts["Sync"], counts


@pytest.mark.timeout(600)
def test_what_somebody_writes_by_hand_beside_a_run_stops_it_and_nothing_is_forgotten(working: Site) -> None:
    stage, s3 = "eph-p21", working.deployed.clients("s3")
    other = at("state", 6, "store", stage, lambda _: by_hand(working, "sample-store", stage))
    with timed("state ports: overtaken by hand"), working.proxy.under(other):
        working.deployed.apply(manifest(stage))
        working.until("the run to fail", lambda: failure(working, stage) is not None)
        assert failure(working, stage) == "Conflict"
        assert s3.list_objects_v2(Bucket=BUCKET, Prefix=f".tradai/unsaved/sample-store/{stage}/")["KeyCount"] == 1
        working.deployed.tradai("retry", stage)
        converged(working, stage)
        assert s3.list_objects_v2(Bucket=BUCKET, Prefix=f".tradai/repairs/sample-store/{stage}.")["KeyCount"] == 0
