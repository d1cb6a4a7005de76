"""What `helm test` asks, and how it reads the answers; the real API server's are in the chart's own story."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from lightkube import ApiError

from tradai_operator import install_check
from tradai_operator.install_check import NotYetError, enforced, presuming, ready, served
from tradai_operator.model import keys
from tradai_operator.model.environment import parse_spec
from tradai_operator.model.guards import GUARDS


def refusal(message: str, code: int = 403) -> ApiError:
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return ApiError(response=httpx2.Response(code, json=status, request=httpx2.Request("POST", "http://x")))


class Answers:
    """An API server whose answers are given beforehand."""

    def __init__(self, *, created: Exception | None = None, **found: Any) -> None:
        self.created = created
        self.found = found
        self.dry: list[bool] = []

    def get(self, kind: Any, name: str, namespace: str = "") -> Any:
        return self.found[kind.__name__]

    def create(self, body: Any, *, namespace: str, dry_run: bool) -> None:
        self.dry.append(dry_run)
        if self.created:
            raise self.created


def definition(established: str) -> Any:
    body = {
        "metadata": {"annotations": {keys.DEFINITION: "1.0.0/abc"}},
        "status": {"conditions": [{"type": "Established", "status": established}]},
    }
    return SimpleNamespace(to_dict=lambda: body)


def lease(holder: str = "pod/a/1/2", seconds: int = 2) -> Any:
    renewed = datetime.now(UTC) - timedelta(seconds=seconds)
    return SimpleNamespace(
        spec=SimpleNamespace(holderIdentity=holder, renewTime=renewed if holder else None, leaseDurationSeconds=10)
    )


def deployment(count: int) -> Any:
    return SimpleNamespace(spec=SimpleNamespace(replicas=2), status=SimpleNamespace(readyReplicas=count))


def test_the_environment_that_it_tries_is_right_but_for_the_approval() -> None:
    body = presuming("tradai")
    assert parse_spec(body).blueprint == "sample"
    assert list(body["metadata"]["annotations"]) == [keys.APPROVE]


def test_a_definition_that_is_served_is_told_with_its_mark() -> None:
    client: Any = Answers(CustomResourceDefinition=definition("True"))
    assert "1.0.0/abc" in served(client)
    other: Any = Answers(CustomResourceDefinition=definition("False"))
    with pytest.raises(NotYetError, match="not served"):
        served(other)


def test_a_policy_is_in_force_when_it_refuses_with_a_sentence_of_ours_and_nothing_is_made() -> None:
    client: Any = Answers(created=refusal(f"denied request: {GUARDS[0].sentence}"))
    assert "refuses what it has to" in enforced(client, "tradai-system")
    assert client.dry == [True]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "the admission policy is not in force"),
        (refusal("no quota left"), "not by our policy: no quota left"),
        (refusal("failed: no params found for policy binding with `Deny`"), "make the ConfigMap operators/tradai-app"),
    ],
)
def test_a_policy_that_is_not_is_told_with_what_to_do(answer: Exception | None, said: str) -> None:
    client: Any = Answers(created=answer)
    with pytest.raises(NotYetError, match=said):
        enforced(client, "operators")


def test_an_operator_is_ready_when_a_pod_is_and_the_lease_is_fresh() -> None:
    client: Any = Answers(Deployment=deployment(1), Lease=lease())
    assert ready(client, "operators") == "1 of 2 operators are ready, and pod/a/1/2 leads"


@pytest.mark.parametrize(
    ("count", "held", "said"),
    [
        (0, lease(), "none of 2 operators is ready: see `kubectl logs -n operators deploy/tradai-operator`"),
        (2, lease(holder=""), "nobody holds the Lease operators/tradai-operator"),
        (2, lease(seconds=60), r"was renewed \d+ s ago"),
    ],
)
def test_an_operator_that_is_not_is_told(count: int, held: Any, said: str) -> None:
    client: Any = Answers(Deployment=deployment(count), Lease=held)
    with pytest.raises(NotYetError, match=said):
        ready(client, "operators")


def test_every_question_is_answered_in_a_line_and_one_no_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = Answers(CustomResourceDefinition=definition("True"), Deployment=deployment(0), Lease=lease())

    class Opened:
        def __init__(self, **_: Any) -> None: ...

        def __enter__(self) -> Any:
            return client

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(install_check, "Client", Opened)
    asked = {"TRADAI_OPERATOR_NAMESPACE": "operators", "TRADAI_CHECK_SECONDS": "0", "TRADAI_CHECK_POLICY": "false"}
    assert install_check.main(asked) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("ok    tradaienvironments.tradai.io is served")
    assert second.startswith("FAIL  none of 2 operators is ready")
    client.found["Deployment"] = deployment(2)
    assert install_check.main(asked) == 0
