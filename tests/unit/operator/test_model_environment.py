"""What the operator reads off a resource."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model import Environment, InvalidResource, Metadata, keys

EXAMPLES = sorted((Path(__file__).parents[3] / "crds" / "examples").glob("env-*.yaml"))
DELETED = "2026-11-21T10:00:00Z"


def ephemeral(body: dict[str, Any], **spec: Any) -> dict[str, Any]:
    body["spec"] |= {"environment": "eph-pr1", "deletionPolicy": "Everything", **spec}
    return body


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_are_valid(file: Path, body: dict[str, Any]) -> None:
    manifest = yaml.safe_load(file.read_text())
    manifest["metadata"] = body["metadata"] | manifest["metadata"]
    environment = Environment.parse(manifest)
    assert file.stem.removeprefix("env-") in {environment.spec.environment, environment.spec.blueprint}
    assert environment.spec.enabled_layers == environment.spec.declaration.layer_names


def test_a_layer_that_is_left_out_is_enabled_with_its_defaults(body: dict[str, Any]) -> None:
    edge = Environment.parse(body).spec.layer("edge")
    assert edge.enabled
    assert edge.overrides == {}


def test_a_run_is_given_the_configuration_as_people_spell_it(body: dict[str, Any]) -> None:
    body["spec"]["layers"]["foundation"]["config"] = {"alertEmails": ["ops@example.com"]}
    assert Environment.parse(body).spec.layer("foundation").overrides == {"alertEmails": ["ops@example.com"]}


def test_a_disabled_layer_is_not_built(body: dict[str, Any]) -> None:
    body["spec"]["layers"]["edge"] = {"enabled": False}
    assert Environment.parse(body).spec.enabled_layers == ("persistent", "foundation", "compute")


def test_a_layer_that_the_blueprint_has_not_is_a_key_error(body: dict[str, Any]) -> None:
    with pytest.raises(KeyError, match="storage"):
        Environment.parse(body).spec.layer("storage")


def test_the_layer_of_another_blueprint_is_refused(body: dict[str, Any]) -> None:
    body["spec"]["layers"]["work"] = {"enabled": False}
    with pytest.raises(InvalidResource, match=r"remove layers\.work, or set blueprint: sample"):
        Environment.parse(body)


@pytest.mark.parametrize("blueprint", BLUEPRINTS.values(), ids=lambda blueprint: blueprint.name)
@pytest.mark.parametrize("policy", ["Retain", "Soft", "All", "Everything"])
def test_every_policy_means_something_in_every_blueprint(blueprint: Any, policy: str, body: dict[str, Any]) -> None:
    body["spec"] |= {"blueprint": blueprint.name, "layers": {}, "deletionPolicy": policy}
    assert Environment.parse(body).spec.teardown == blueprint.teardown[policy]


def test_deleting_keeps_the_persistent_layer_by_default(body: dict[str, Any]) -> None:
    del body["spec"]["deletionPolicy"]
    assert Environment.parse(body).spec.teardown == {"edge", "compute"}


def test_the_annotations_are_read_by_their_keys(body: dict[str, Any]) -> None:
    body["metadata"]["annotations"] = {
        keys.ABANDON: "dev",
        keys.CANCEL: "now",
        keys.RETRY: "2",
        keys.CONFIRM_DESTROY: "dev",
        keys.MIGRATE: "table-key:deployments, bucket-name:logs",
        keys.APPROVE: "sha256:1",
        keys.APPROVED_BY: "jane",
        keys.HANDOVER: "u-1",
        keys.RECONCILE: "compute@1",
        keys.OPEN_WINDOW: "2027-01-15T08:00:00Z",
        keys.OPENED_BY: "jane",
        keys.DRIFT: "3",
        keys.LOWER_GUARDS: "approval",
        "example.com/else": "x",
    }
    environment = Environment.parse(body)
    assert environment.annotations.model_dump() == {
        "abandon": "dev",
        "cancel": "now",
        "retry": "2",
        "confirm_destroy": "dev",
        "migrate": "table-key:deployments, bucket-name:logs",
        "approve": "sha256:1",
        "approved_by": "jane",
        "handover": "u-1",
        "reconcile": "compute@1",
        "open_window": "2027-01-15T08:00:00Z",
        "opened_by": "jane",
        "drift": "3",
        "lower_guards": "approval",
    }
    assert environment.annotations.migrations == ("table-key:deployments", "bucket-name:logs")
    assert environment.abandoned
    assert environment.confirmations == ("dev",)


@pytest.mark.parametrize(
    ("policy", "said", "confirmed"),
    [
        ("Everything", "dev", ("*",)),
        ("Everything", "table/runs, dev", ("*",)),
        ("Everything", "table/runs", ("table/runs",)),
        ("All", "dev", ("dev",)),
        ("All", "instance/database", ("instance/database",)),
        ("Soft", None, ()),
    ],
)
def test_the_name_of_the_environment_confirms_only_what_its_policy_says(
    policy: str, said: str | None, confirmed: tuple[str, ...], body: dict[str, Any]
) -> None:
    body["spec"]["deletionPolicy"] = policy
    body["metadata"]["annotations"] = {keys.CONFIRM_DESTROY: said} if said else {}
    assert Environment.parse(body).confirmations == confirmed


@pytest.mark.parametrize("value", ["true", "prod", "", "Dev"])
def test_a_confirmation_must_name_the_environment(value: str, body: dict[str, Any]) -> None:
    body["spec"]["deletionPolicy"] = "Everything"
    body["metadata"]["annotations"] = {keys.ABANDON: value, keys.CONFIRM_DESTROY: value}
    environment = Environment.parse(body)
    assert not environment.abandoned
    assert not environment.all_data_confirmed


def test_a_ttl_confirms_at_creation_that_data_goes(body: dict[str, Any]) -> None:
    assert Environment.parse(ephemeral(body, ttl="72h")).all_data_confirmed


def test_a_ttl_counts_from_creation(body: dict[str, Any]) -> None:
    environment = Environment.parse(ephemeral(body, ttl="1d12h"))
    assert environment.spec.lifetime == timedelta(hours=36)
    assert environment.expires == datetime(2026, 11, 22, 21, tzinfo=UTC)


def test_an_environment_without_ttl_stays(body: dict[str, Any]) -> None:
    environment = Environment.parse(ephemeral(body))
    assert environment.expires is None
    assert not environment.all_data_confirmed


def test_finalizer_and_deletion_are_seen(body: dict[str, Any]) -> None:
    assert not Environment.parse(body).held
    body["metadata"] |= {"finalizers": ["foregroundDeletion", keys.FINALIZER], "deletionTimestamp": DELETED}
    environment = Environment.parse(body)
    assert environment.held
    assert environment.deleting
    assert environment.key == "tradai/dev"


def test_a_resource_whose_spec_cannot_be_read_can_still_be_released(body: dict[str, Any]) -> None:
    body |= {"spec": {"of": "another version"}}
    body["metadata"] |= {"finalizers": [keys.FINALIZER], "deletionTimestamp": DELETED}
    with pytest.raises(InvalidResource):
        Environment.parse(body)
    metadata = Metadata.parse(body)
    assert metadata.deleting
    assert metadata.held


def test_a_damaged_status_hinders_nobody(body: dict[str, Any]) -> None:
    environment = Environment.parse({**body, "status": {"phase": 7, "layers": "none", "message": "kept"}})
    assert environment.status.phase == "Pending"
    assert environment.status.message == "kept"
