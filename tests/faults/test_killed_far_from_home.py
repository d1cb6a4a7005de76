"""kill -9 at every write that only runs in containers come to: of the operator that hands them out, and inside them.

Jobs and ECS tasks by the stand-ins of kubelet and agent. Must never leave a container, a secret or a lock behind.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from tests.faults.budget import timed
from tests.faults.sample import converged, gone, manifest
from tests.faults.site import Site
from tests.standins.container import Container
from tests.standins.ecs_agent import EcsAgent
from tests.standins.ecs_place import ecs_place
from tests.standins.kubelet import Kubelet
from tradai_runner.process.writes import ELSEWHERE, POINTS
from tradai_sandbox.layout import OPERATOR_RBAC

NAMESPACE = "tradai-system"
GIVEN = ("PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


@dataclass(frozen=True)
class Row:
    """An environment whose operator (or, in `inside`, whose runner) dies before a write, and after the same write.

    build: from nothing to Ready; stop: deleted while its run works; lose: its run's container is killed.
    """

    stage: str
    executor: str
    story: str
    point: str

    def crashes(self, who: str) -> list[str]:
        """Before the write, and after it."""
        return [f"{who}:{self.point}:{when}:1" for when in ("before", "after")]


OPERATORS = (
    Row("eph-j00", "kubernetes", "build", "bucket.run.put"),
    Row("eph-j01", "kubernetes", "build", "job.secret"),
    Row("eph-j02", "kubernetes", "build", "job.create"),
    Row("eph-j03", "kubernetes", "build", "job.resume"),
    Row("eph-j04", "kubernetes", "build", "job.swept"),
    Row("eph-j05", "kubernetes", "build", "bucket.run.delete"),
    Row("eph-j06", "kubernetes", "stop", "job.suspend"),
    Row("eph-j07", "kubernetes", "lose", "bucket.death.put"),
    Row("eph-k00", "ecs", "build", "task.secret"),
    Row("eph-k01", "ecs", "build", "task.run"),
    Row("eph-k02", "ecs", "build", "task.secret.delete"),
    Row("eph-k03", "ecs", "stop", "task.stop"),
)
INSIDE = (
    Row("eph-i00", "ecs", "inside", "run.secrets"),
    Row("eph-i01", "ecs", "inside", "task.secret.delete"),
    Row("eph-i02", "ecs", "inside", "bucket.run.put"),
    Row("eph-i03", "ecs", "inside", "bucket.death.put"),
)


def test_every_write_of_runs_in_containers_is_a_row() -> None:
    for rows, who in ((OPERATORS, "operator"), (INSIDE, "runner")):
        assert {name for name in ELSEWHERE if who in POINTS[name][0]} <= {row.point for row in rows}


@dataclass
class Places:
    """Where runs go, by executor: how an operator is told of it, and the containers that are there."""

    kubelet: Kubelet
    agent: EcsAgent
    variables: dict[str, dict[str, str]]

    def containers(self, stage: str) -> list[Container]:
        """Those of an environment, the oldest first."""
        tasks = {each["taskArn"] for each in self.agent.seen if f"/{stage}/" in str(each["overrides"])}
        pods = [one for name, one in self.kubelet.containers.items() if stage in name]
        return pods + [one for arn, one in self.agent.containers.items() if arn in tasks]


@pytest.fixture(scope="module")
def places(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    site.deployed.kubectl("apply", "-f", str(OPERATOR_RBAC.parent / "rbac-executor-kubernetes.yaml"))
    crashes = [crash for row in INSIDE for crash in row.crashes(f"runner@{row.stage}")]
    machine = {name: site.deployed.env[name] for name in GIVEN} | {"LANG": "C.UTF-8"}
    far = ecs_place(site.deployed.clients)
    admin, folder = site.deployed.layout.kubeconfig("admin"), tmp_path_factory.mktemp("far")
    jobs = {"TRADAI_EXECUTOR": "kubernetes", "TRADAI_RUNNER_IMAGE": "registry.example/tradai-operator:1"}
    with (
        Kubelet(admin, NAMESPACE, folder / "node", machine) as kubelet,
        EcsAgent(site.deployed.clients("ecs"), far.cluster, folder / "ecs", machine | site.armed(*crashes)) as agent,
    ):
        yield Places(kubelet, agent, {"kubernetes": jobs, "ecs": far.variables})


def begin(site: Site, places: Places, row: Row) -> None:
    """The story up to where somebody dies."""
    settings = places.variables[row.executor]
    if row.story == "build":
        site.deployed.apply(manifest(row.stage))
        return
    first = site.start(**settings)
    site.deployed.apply(manifest(row.stage))
    site.slow("1500ms")  # so that the run is not through before anybody dies
    site.until("a container at work", lambda: any(site.locks_of(row.stage)))
    first.kill()
    if row.story == "stop":
        site.deployed.kubectl("delete", "tradaienv", row.stage, "-n", "tradai", "--wait=false")
    else:
        places.containers(row.stage)[-1].kill()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: f"{row.executor}-{row.story}-{row.point}")
def test_an_operator_that_dies_is_replaced_by_one_that_goes_on(site: Site, places: Places, row: Row) -> None:
    settings = places.variables[row.executor]
    site.end_operators()
    site.forget_crashes("operator")
    with timed(f"{row.executor}: {row.story}, {row.point}"):
        begin(site, places, row)
        for crash in row.crashes("operator"):
            site.dies_of(crash, **settings)
        site.slow("0ms")
        last = site.start(**settings)
        if row.story == "stop":
            gone(site, row.stage)
        else:
            converged(site, row.stage)
        nothing_is_left(site, places, row)
        last.kill()


@contextmanager
def in_the_way(site: Site, stage: str) -> Iterator[None]:
    """Somebody else has a table of that name, so that runs fail: only those say that they are over."""
    tables, name = site.deployed.clients("dynamodb"), f"sample-items-{stage}"
    tables.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    try:
        yield
    finally:
        tables.delete_table(TableName=name)


def died(site: Site, row: Row) -> bool:
    """Whether its runner has died before that write, and another one after it."""
    return all(site.crashed(crash) for crash in row.crashes(f"runner@{row.stage}"))


@pytest.mark.timeout(900)
def test_containers_that_die_are_replaced(site: Site, places: Places) -> None:
    site.end_operators()
    last = site.start(**places.variables["ecs"])
    failing = next(row.stage for row in INSIDE if row.point == "bucket.death.put")
    with timed("ecs: inside the containers"):
        with in_the_way(site, failing):
            for row in INSIDE:
                site.deployed.apply(manifest(row.stage))
            for row in INSIDE:
                site.until(f"the runs of {row.stage} to die", partial(died, site, row))
        site.deployed.tradai("retry", failing)
        for row in INSIDE:
            converged(site, row.stage)
            nothing_is_left(site, places, row)
    last.kill()


def nothing_is_left(site: Site, places: Places, row: Row) -> None:
    """No container works any more, and no secret of a run waits for one."""
    site.until("the containers to end", lambda: all(one.exit_code is not None for one in places.containers(row.stage)))

    site.until("the secrets of runs to go", lambda: not secrets_of_runs(site, row.stage))


def secrets_of_runs(site: Site, stage: str) -> list[str]:
    """Those of an environment's runs that nothing takes away: by Jobs whose Secrets stay, and for tasks by name."""
    marked = f"tradai.io/environment={stage}"
    jobs = [name for name in owners_of_secrets(site, marked) if name not in finished_jobs(site, marked)]
    listed = site.deployed.clients("secretsmanager").list_secrets()["SecretList"]
    tag = {"Key": "tradai.io/environment", "Value": stage}
    tasks = [each["Name"] for each in listed if each["Name"].startswith("tradai-run-") and tag in each.get("Tags", [])]
    return jobs + tasks


def owners_of_secrets(site: Site, marked: str) -> list[str]:
    """The Job to which each Secret of a run belongs; "" for one that belongs to nobody."""
    found = json.loads(site.deployed.kubectl("get", "secrets", "-n", NAMESPACE, "-l", marked, "-o", "json"))["items"]
    owners = [secret["metadata"].get("ownerReferences") or [{"name": ""}] for secret in found]
    return [owner["name"] for (owner,) in owners]


def finished_jobs(site: Site, marked: str) -> set[str]:
    """Those that go by themselves, and their Secrets with them."""
    found = json.loads(site.deployed.kubectl("get", "jobs", "-n", NAMESPACE, "-l", marked, "-o", "json"))["items"]
    over = [job for job in found if {"Complete", "Failed"} & {c["type"] for c in job["status"].get("conditions", [])}]
    return {job["metadata"]["name"] for job in over if job["spec"]["ttlSecondsAfterFinished"]}
