"""Which executor starts, which one observes, and what the operator is told where a setting is missing."""

import asyncio
from functools import partial
from typing import Any

import pytest
from lightkube.models.batch_v1 import JobCondition, JobSpec, JobStatus
from lightkube.models.core_v1 import PodTemplateSpec
from lightkube.resources.batch_v1 import Job

from tests.fakes.executor import FakeExecutor
from tradai_operator.adapters.runs import ecs_host
from tradai_operator.adapters.runs import executors as executors_module
from tradai_operator.adapters.runs.executors import Executors, SettingsError, executor_from
from tradai_operator.adapters.runs.jobs import JobSettings, is_over, job_of, name_of, secret_of
from tradai_runner.contract import Update
from tradai_runner.journal.address import RunAddress
from tradai_runner.process.tracing import Tracing

REQUEST = Update(
    run_id="20260328T101500-3f9a",
    layer="edge",
    environment="eph-pr1234",
    account_id="123456789012",
    region="eu-central-1",
    backend_url="s3://tradai-pulumi-state-dev",
)
RUN = RunAddress.of(REQUEST, "tradai-edge")
SETTINGS = JobSettings("tradai-system", "registry.example/operator:1")


def executors(chosen: str) -> tuple[Executors, dict[str, FakeExecutor]]:
    kinds = {name: FakeExecutor(name=name) for name in ("local", "kubernetes")}
    return Executors({name: partial(kinds.__getitem__, name) for name in kinds}, chosen), kinds


async def test_a_run_is_seen_to_its_end_by_the_executor_that_began_it() -> None:
    routed, kinds = executors("local")
    for handle, kind in (("uid/edge/r1", "local"), ("kubernetes:s3://b?region=r#p/s/r1", "kubernetes")):
        await routed.start(handle, REQUEST, "", {})
        await routed.cancel(handle)
        assert kinds[kind].cancelled == [handle]
        assert handle in kinds[kind].started
        assert not (await routed.observe(handle)).lost
        await routed.finish(handle)
        assert kinds[kind].started == {}


async def test_news_of_any_kind_wake() -> None:
    routed, kinds = executors("kubernetes")
    waits = asyncio.ensure_future(routed.changed(["uid/edge/r1", "kubernetes:x"]))
    await asyncio.sleep(0)
    kinds["local"].moved.set()
    await asyncio.wait_for(waits, 10)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TRADAI_EXECUTOR": "nomad"}, "'nomad': it is one of ecs, kubernetes, local"),
        ({"TRADAI_EXECUTOR": "kubernetes", "TRADAI_OPERATOR_NAMESPACE": "x"}, "also needs TRADAI_RUNNER_IMAGE"),
        (
            {"TRADAI_EXECUTOR": "ecs", "AWS_REGION": "eu-central-1", "TRADAI_ECS_CLUSTER": "x"},
            "also needs TRADAI_ECS_TASK_DEFINITION, TRADAI_ECS_SUBNETS, TRADAI_ECS_SECURITY_GROUPS",
        ),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        executor_from(environment, FakeExecutor(name="local"), Tracing(), None)  # type: ignore[arg-type]


def test_runs_are_local_where_nobody_says_otherwise() -> None:
    chosen = executor_from({}, FakeExecutor(name="local"), Tracing(), None)  # type: ignore[arg-type]
    assert chosen.name == "local"


def test_a_job_fits_the_names_and_labels_of_kubernetes_and_holds_no_secret() -> None:
    job = job_of(RUN, REQUEST, SETTINGS, {"TRACEPARENT": "00-x"})
    secret = secret_of(RUN, REQUEST, job, {"state.passphrase": "open sesame"})
    assert job.metadata is not None
    assert secret.metadata is not None
    assert job.metadata.name == secret.metadata.name == name_of(RUN)
    assert len(name_of(RUN)) <= 57  # a pod's name, which is its host's, has six more
    assert job.metadata.labels == {
        "app.kubernetes.io/name": "tradai-runner",
        "tradai.io/environment": "eph-pr1234",
        "tradai.io/layer": "edge",
        "tradai.io/run": "20260328T101500-3f9a",
    }
    assert "open sesame" not in str(job.to_dict())
    assert job == job_of(RUN, REQUEST, SETTINGS, {"TRACEPARENT": "00-x"})


def test_a_run_has_a_name_of_its_own_in_ecs_that_fits_started_by() -> None:
    other = RUN.model_copy(update={"project": "tradai-compute"})
    assert ecs_host.name_of(RUN) != ecs_host.name_of(other)
    assert len(ecs_host.name_of(RUN)) <= 36


def condition(kind: str) -> JobCondition:
    return JobCondition(type=kind, status="True")


@pytest.mark.parametrize(
    ("suspended", "status", "over"),
    [
        (False, None, False),
        (False, JobStatus(), False),
        (False, JobStatus(active=1), False),
        (False, JobStatus(conditions=[condition("Complete")]), True),
        (False, JobStatus(conditions=[condition("Failed")]), True),
        (False, JobStatus(conditions=[condition("FailureTarget")]), False),
        (False, JobStatus(conditions=[condition("Failed")], terminating=1), False),
        (True, JobStatus(active=1), False),
        (True, JobStatus(conditions=[condition("Suspended")], terminating=1), False),
        (True, JobStatus(conditions=[condition("Suspended")]), True),
        (False, JobStatus(conditions=[condition("Suspended")]), False),
    ],
)
def test_a_job_is_over_when_no_pod_works_and_none_comes(suspended: bool, status: Any, over: bool) -> None:
    job = Job(spec=JobSpec(template=PodTemplateSpec(), suspend=suspended), status=status)
    assert is_over(job) is over


class _Ecs:
    """Takes a task, and remembers how it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def run_task(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        return {"tasks": [{"taskArn": "arn:task"}]}


@pytest.mark.parametrize(("said", "public"), [("", "DISABLED"), ("false", "DISABLED"), ("true", "ENABLED")])
def test_a_task_takes_a_public_address_only_where_somebody_says_so(said: str, public: str) -> None:
    ecs = _Ecs()
    told = {
        "TRADAI_EXECUTOR": "ecs",
        "AWS_REGION": "eu-central-1",
        "TRADAI_ECS_CLUSTER": "c",
        "TRADAI_ECS_TASK_DEFINITION": "runner:1",
        "TRADAI_ECS_SUBNETS": "subnet-1,subnet-2",
        "TRADAI_ECS_SECURITY_GROUPS": "sg-1",
        "TRADAI_ECS_PUBLIC_ADDRESSES": said,
    }
    settings = executors_module.ecs_settings(told)
    assert settings
    ecs_host.EcsHost(settings, clients=lambda *_: ecs)._run(RUN, REQUEST)
    assert ecs.asked["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == public
