"""A plan that destroys something, on the real API server, engine and AWS endpoint: asked about, approved, run once.

One story in one sandbox, because each step stands on the one before it.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.environment import Deployed, condition, example


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def declared(*strategies: str) -> dict[str, Any]:
    """The dev example as its persistent layer alone, which asks before it destroys."""
    layers: dict[str, Any] = {name: {"enabled": False} for name in ("foundation", "compute", "edge")}
    layers["persistent"] = {"config": {"strategyRepositories": list(strategies)}}
    return example("dev", layers=layers, approval="OnDestructive", deletionPolicy="Retain")


def repositories(sandbox: Deployed) -> set[str]:
    found = sandbox.clients("ecr").describe_repositories(maxResults=500)["repositories"]
    return {repository["repositoryName"] for repository in found} & {"tradai/momentum-dev", "tradai/trend-dev"}


def asked(sandbox: Deployed, *before: str) -> str:
    """Waits for a question other than those and gives its digest."""

    def digest() -> str | None:
        found = (sandbox.status("dev").get("plan") or {}).get("digest")
        return found if found and found not in before else None

    found: str = sandbox.until("a plan to wait for approval", digest)
    return found


def test_what_destroys_something_waits_for_just_its_own_approval_and_runs_once(sandbox: Deployed) -> None:
    sandbox.apply(declared("momentum", "trend"))
    sandbox.ready("dev")
    sandbox.apply(declared("trend"))
    first = asked(sandbox)
    status = sandbox.status("dev")
    assert status["phase"] == "WaitingForApproval"
    assert condition(status, "ApprovalRequired") == "True"
    assert condition(status, "Ready") == "False"
    assert "deletes aws:ecr/repository:Repository momentum" in status["message"]
    sandbox.told("dev", "ApprovalRequired", "Repository momentum")

    shown = sandbox.tradai("diff", "dev", status=2)
    assert "- aws:ecr/repository:Repository momentum" in shown.replace("-  ", "- ")
    assert "2 to delete in persistent" in shown
    assert f"tradai approve dev {first}" in shown
    with pytest.raises(AssertionError, match="is not the plan that waits now"):
        sandbox.tradai("approve", "dev", "sha256:0")
    annotate = ("annotate", "tradaienv", "dev", "-n", "tradai", "--overwrite")
    sandbox.kubectl(*annotate, "tradai.io/approve=sha256:0", "tradai.io/approved-by=admin")

    sandbox.apply(declared())
    second = asked(sandbox, first)
    sandbox.kubectl(*annotate, f"tradai.io/approve={first}")
    assert "Repository trend" in sandbox.tradai("diff", "dev", status=2)
    assert repositories(sandbox) == {"tradai/momentum-dev", "tradai/trend-dev"}

    said = sandbox.tradai("approve", "dev", second)
    status = sandbox.ready("dev")
    assert repositories(sandbox) == set()
    assert (status["plan"]["usedDigest"], status["plan"]["digest"]) == (second, "")
    assert said.startswith(f"{status['plan']['approvedBy']} approved")
    assert condition(status, "ApprovalRequired") == "False"
    ran = [operation for _, operation in sandbox.runs()]
    assert ran == ["up", "preview", "preview", "up"], "neither a wrong approval nor one of an older plan ran anything"


def test_what_destroys_nothing_goes_ahead_as_planned(sandbox: Deployed) -> None:
    sandbox.apply(declared("momentum"))
    sandbox.ready("dev")
    assert repositories(sandbox) == {"tradai/momentum-dev"}
    assert [operation for _, operation in sandbox.runs()][-2:] == ["preview", "up"]


def secret_value(sandbox: Deployed, name: str) -> bytes:
    """The M2M client's secret, which the persistent layer exports."""
    secret = sandbox.seen.secret(f"{name}-outputs")
    assert secret
    return secret["persistent.cognito_m2m_client_secret"].encode()


def test_no_plan_holds_a_secret(sandbox: Deployed) -> None:
    s3, value = sandbox.clients("s3"), secret_value(sandbox, "dev")
    kept = s3.list_objects_v2(Bucket="tradai-pulumi-state-dev", Prefix=".tradai/runs/")["Contents"]
    plans = [found["Key"] for found in kept if found["Key"].endswith("plan.json")]
    assert len(plans) >= 6
    for key in plans:
        assert value not in s3.get_object(Bucket="tradai-pulumi-state-dev", Key=key)["Body"].read(), key
    assert value


def test_a_new_resource_over_a_state_that_stands_is_no_first_creation(sandbox: Deployed) -> None:
    sandbox.kubectl("delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
    sandbox.gone("dev")
    sandbox.apply(declared())
    asked(sandbox)
    assert "Repository momentum" in sandbox.tradai("diff", "dev", status=2)
    assert repositories(sandbox) == {"tradai/momentum-dev"}
    with pytest.raises(AssertionError, match="Approve sha256:"):
        sandbox.tradai("approve", "dev")


def test_with_always_a_creation_waits_too(sandbox: Deployed) -> None:
    manifest = declared()
    manifest["metadata"]["name"] = "careful"
    manifest["spec"] |= {"environment": "eph-careful", "approval": "Always"}
    sandbox.apply(manifest)
    status = sandbox.until(
        "the creation to wait", lambda: condition(sandbox.status("careful"), "ApprovalRequired") == "True"
    ) and sandbox.status("careful")
    assert status["plan"]["layers"][0]["create"] > 50
    assert status["plan"]["destructiveTotal"] == 0
    assert not [name for name in sandbox.clients("dynamodb").list_tables()["TableNames"] if "eph-careful" in name]
    sandbox.tradai("approve", "careful", status["plan"]["digest"])
    sandbox.ready("careful")
    assert (
        len([name for name in sandbox.clients("dynamodb").list_tables()["TableNames"] if "eph-careful" in name]) == 12
    )
