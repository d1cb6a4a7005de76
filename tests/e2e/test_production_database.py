"""A production database goes on the real API server, engine and AWS endpoint: by its name, and with a final snapshot.

Only the layer in which it stands is built: nothing else of production decides what becomes of it.
"""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.documents.manifests import as_documented
from tests.e2e.environment import Deployed, condition

DATABASE = "tradai-database-prod"
NAME = "instance/database"
CONFIRM = "tradai.io/confirm-destroy"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    return new_sandbox()


def production() -> dict[str, Any]:
    """The documented production of which only foundation is wanted, and whose deletion takes it."""
    manifest = as_documented("prod")
    manifest["spec"] |= {"deletionPolicy": "All", "approval": "OnDestructive"}
    manifest["spec"]["layers"] |= {name: {"enabled": False} for name in ("persistent", "compute", "edge")}
    return manifest


def database(sandbox: Deployed) -> dict[str, Any] | None:
    """The instance as AWS has it, None where there is none."""
    try:
        found = sandbox.clients("rds").describe_db_instances(DBInstanceIdentifier=DATABASE)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "DBInstanceNotFound"
        return None
    instance: dict[str, Any] = found["DBInstances"][0]
    return instance


def snapshots(sandbox: Deployed) -> list[tuple[str, str]]:
    """Every manual snapshot: its name, and whose it is."""
    found = sandbox.clients("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    return [(each["DBSnapshotIdentifier"], each["DBInstanceIdentifier"]) for each in found]


def confirm(sandbox: Deployed, word: str) -> None:
    sandbox.kubectl("annotate", "tradaienv", "prod", "-n", "tradai", "--overwrite", f"{CONFIRM}={word}")


def test_a_production_database_goes_by_its_name_and_leaves_its_final_snapshot(sandbox: Deployed) -> None:
    sandbox.apply(production())
    sandbox.ready("prod")
    standing = database(sandbox)
    assert standing is not None
    assert standing["DeletionProtection"]
    final = f"tradai-database-prod-final-{standing['DBSubnetGroup']['VpcId']}"
    assert snapshots(sandbox) == []

    sandbox.kubectl("delete", "tradaienv", "prod", "-n", "tradai", "--wait=false")
    sandbox.until("the deletion to wait", lambda: condition(sandbox.status("prod"), "ApprovalRequired") == "True")
    asked = sandbox.status("prod")
    assert f"database with its data, leaving the final snapshot {final}" in asked["message"]
    assert asked["plan"]["data"] == [NAME]

    confirm(sandbox, "prod")  # the environment's name is a word for Everything, not for this
    sandbox.tradai("approve", "prod", asked["plan"]["digest"])
    status = sandbox.until(
        "its own name to be asked for",
        lambda: (found := sandbox.status("prod")) and condition(found, "Stalled") == "True" and found,
    )
    assert f"{CONFIRM}={NAME}" in status["message"]
    assert "destroy" not in {operation for _, operation in sandbox.runs()}
    untouched = database(sandbox)
    assert untouched is not None
    assert (untouched["DbiResourceId"], untouched["DeletionProtection"]) == (standing["DbiResourceId"], True)

    confirm(sandbox, NAME)
    sandbox.gone("prod")
    assert [run for run in sandbox.runs() if run[1] == "destroy"] == [("foundation", "destroy")]
    assert database(sandbox) is None
    assert snapshots(sandbox) == [(final, DATABASE)]
