"""What people see of a Ready environment, each place against the others, as the official client reads them.

Status, Secret of outputs, events, Lease and definition have to tell one story. Must never use what the operator's own
adapters read by.
"""

import json
from typing import Any

from tests.e2e.environment import Deployed, condition
from tests.official import Official

_COLUMNS = ["Env", "Phase", "Ready", "Layers", "Drift", "Endpoint", "Age"]
_OPERATOR = "tradai-operator"


def ready_to_everybody(sandbox: Deployed, name: str, *layers: str) -> None:
    """Fails where a Ready environment of these layers looks otherwise from any side."""
    seen = sandbox.seen
    body = seen.environment(name)
    assert body
    status = body["status"]
    _says_ready(body, layers)
    _told_of(sandbox, name, layers)
    _keeps_secrets_to_their_place(seen, name, status)
    _is_led(seen)
    _is_defined(seen, status)


def _says_ready(body: dict[str, Any], layers: tuple[str, ...]) -> None:
    status = body["status"]
    assert status["observedGeneration"] == body["metadata"]["generation"]
    assert (status["phase"], status["layersText"]) == ("Ready", f"{len(layers)}/{len(layers)}")
    assert {kind: condition(status, kind) for kind in ("Ready", "Reconciling", "Stalled")} == {
        "Ready": "True",
        "Reconciling": "False",
        "Stalled": "False",
    }
    assert {layer["name"]: layer["state"] for layer in status["layers"]} == dict.fromkeys(layers, "Ready")


def _told_of(sandbox: Deployed, name: str, layers: tuple[str, ...]) -> None:
    """Events follow the status that they tell of; nobody but the operator tells of an environment."""

    def told() -> bool:
        events = sandbox.seen.events(name)
        of_layers = [event.message for event in events if event.reason == "LayerReady"]
        return "Ready" in {event.reason for event in events} and all(
            any(layer in message for message in of_layers) for layer in layers
        )

    sandbox.until(f"the events about {name}", told, 30)
    events = sandbox.seen.events(name)
    assert {event.by for event in events} == {_OPERATOR}
    assert {event.type for event in events} <= {"Normal", "Warning"}
    assert all(event.message for event in events)


def _keeps_secrets_to_their_place(seen: Official, name: str, status: dict[str, Any]) -> None:
    public = json.dumps([status, [event.message for event in seen.events(name)]])
    for key, value in (seen.secret(f"{name}-outputs") or {}).items():
        layer, _, output = key.partition(".")
        assert output not in status["outputs"].get(layer, {}), key
        assert value not in public, key


def _is_led(seen: Official) -> None:
    lease = seen.lease()
    assert lease
    assert lease.holder_identity and lease.renew_time and lease.acquire_time
    assert lease.acquire_time <= lease.renew_time
    assert (lease.lease_transitions or 0) > 0


def _is_defined(seen: Official, status: dict[str, Any]) -> None:
    definition = seen.definition()
    assert definition and definition.status
    established = {each.type: each.status for each in definition.status.conditions or []}
    assert (established["Established"], established["NamesAccepted"]) == ("True", "True")
    (version,) = definition.spec.versions
    assert (version.served, version.storage) == (True, True)
    assert version.subresources and version.subresources.status is not None
    columns = version.additional_printer_columns or []
    assert [each.name for each in columns if not each.priority] == _COLUMNS
    schema = version.var_schema.open_apiv3_schema if version.var_schema else None
    assert schema and schema.properties
    assert set(status) <= set(schema.properties["status"].properties or {}), "the definition knows all that is told"
