"""The life of the dev example, on the real API server, engine and AWS endpoint: apply, look, change, delete.

One story in one sandbox, because each step stands on the one before it.
"""

import json
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.environment import Deployed, condition, example
from tests.e2e.inventory import PERSISTENT, inventory
from tests.e2e.second_look import ready_to_everybody

DATABASE_GOES = "tradai.io/confirm-destroy=instance/database"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Iterator[Deployed]:
    yield new_sandbox()


@pytest.fixture(scope="module")
def built(sandbox: Deployed) -> Deployed:
    sandbox.apply(example("dev"))
    sandbox.push_images("dev")
    sandbox.ready("dev")
    return sandbox


def test_it_becomes_ready_with_endpoint_layers_and_outputs(built: Deployed) -> None:
    status = built.status("dev")
    assert status["layersText"] == "4/4"
    assert status["endpoint"].startswith("https://")
    assert condition(status, "Reconciling") == condition(status, "Stalled") == "False"
    assert set(status["outputs"]) == {"persistent", "foundation", "compute", "edge"}
    table = built.kubectl("get", "tradaienv", "-n", "tradai")
    assert table.split()[:8] == ["NAME", "ENV", "PHASE", "READY", "LAYERS", "DRIFT", "ENDPOINT", "AGE"]


def test_another_client_is_told_the_same_story_everywhere(built: Deployed) -> None:
    ready_to_everybody(built, "dev", "persistent", "foundation", "compute", "edge")


def test_plain_aws_calls_see_what_was_declared(built: Deployed) -> None:
    found = inventory(built.clients)
    assert len(found["tables"]) == 12
    assert len([name for name in found["buckets"] if "pulumi-state" not in name]) == 5
    assert len(found["repositories"]) == 24
    subnets = built.clients("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": list(found["vpcs"])}])
    assert len(subnets["Subnets"]) == 6


def test_secret_outputs_are_in_the_secret_and_not_in_the_status(built: Deployed) -> None:
    secret = built.seen.secret("dev-outputs")
    assert secret
    value = secret["persistent.cognito_m2m_client_secret"]
    assert value
    assert value not in json.dumps(built.get("dev"))
    assert "cognito_m2m_client_secret" not in json.dumps(built.get("dev"))


def test_nobody_elses_secret_value_is_in_any_journal_or_log(built: Deployed) -> None:
    values = {text.encode() for secret in built.seen.secrets("tradai").values() for text in secret.values()}
    texts = [path for place in ("journal", "logs") for path in (built.layout.root / place).rglob("*") if path.is_file()]
    assert values
    assert [path for path in texts if any(value in path.read_bytes() for value in values)] == []


def test_applying_the_same_again_does_nothing(built: Deployed) -> None:
    runs, writes = built.runs(), built.operator_writes()
    built.apply(example("dev"))
    built.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", "example.com/touched=yes")
    marker = example("dev", suspend=True)
    marker["metadata"]["name"] = "marker"
    built.apply(marker)
    built.until("the operator to have seen what came after", lambda: built.status("marker").get("phase") == "Suspended")
    built.kubectl("delete", "tradaienv", "marker", "-n", "tradai")
    about_dev = built.runs()
    assert about_dev == runs
    assert built.operator_writes() > writes, "the marker was written to, so the audit log does count"
    assert built.status("dev")["observedGeneration"] == 1


def test_a_changed_manifest_changes_exactly_that(built: Deployed) -> None:
    before, runs = inventory(built.clients), built.runs()
    layers = example("dev")["spec"]["layers"] | {"persistent": {"config": {"strategyRepositories": ["momentum"]}}}
    built.apply(example("dev", layers=layers))
    built.ready("dev")
    after = inventory(built.clients)
    assert after["repositories"] - before["repositories"] == {"tradai/momentum-dev"}
    assert {kind: after[kind] for kind in after if kind != "repositories"} == {
        kind: before[kind] for kind in before if kind != "repositories"
    }
    ran = {layer for layer, _ in built.runs()[len(runs) :]}
    assert "foundation" not in ran
    assert "persistent" in ran


def test_deleting_it_leaves_data_standing_and_everything_else_gone(built: Deployed) -> None:
    before = inventory(built.clients)
    built.kubectl("delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
    built.until("the database to wait for its name", lambda: "instance/database" in built.status("dev")["message"])
    assert len(built.clients("rds").describe_db_instances()["DBInstances"]) == 1
    assert condition(built.status("dev"), "Stalled") == "True"
    built.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", DATABASE_GOES)
    built.gone("dev")
    after = inventory(built.clients)
    assert {kind: after[kind] for kind in PERSISTENT} == {kind: before[kind] for kind in PERSISTENT}
    rest = {kind: names for kind, names in after.items() if kind not in PERSISTENT and kind != "roles"}
    assert all(not names for names in rest.values()), rest
    records = built.seen.records("tradai-system")
    assert [record["layers"] for name, record in records.items() if "survivors" in name] == ["persistent"]


def test_applying_it_again_takes_the_standing_data_up_and_a_namespace_deletion_ends(built: Deployed) -> None:
    before = inventory(built.clients)
    built.apply(example("dev"))
    built.ready("dev")
    assert inventory(built.clients)["tables"] == before["tables"]
    built.kubectl("annotate", "tradaienv", "dev", "-n", "tradai", DATABASE_GOES)
    built.kubectl("delete", "namespace", "tradai", "--wait=false")
    built.until(
        "the namespace to be gone",
        lambda: not built.kubectl("get", "namespace", "tradai", "--ignore-not-found"),
    )
    after = inventory(built.clients)
    assert after["tables"] == before["tables"]
    assert not after["vpcs"]
