"""One whole environment of the blueprint that suffers faults: where its layers are, and that it is as recorded."""

from collections.abc import Sequence

from tests.e2e.environment import STAGES
from tests.e2e.inventory import inventory
from tests.e2e.recorded import LAYERS, differences, recorded
from tests.faults.site import Site

#: The sandbox has the state buckets of all environments.
OTHERS = {f"tradai-pulumi-state-{stage}" for stage in STAGES if stage != "dev"}


def layer(site: Site, name: str) -> dict[str, object]:
    """One layer as the status has it."""
    layers = site.deployed.status("dev").get("layers", [])
    return next((found for found in layers if found["name"] == name), {"name": name, "state": "Unknown"})


def until_moving(site: Site, name: str) -> None:
    """A run of that layer has made something, or the layer is through."""

    def moving() -> bool:
        found = layer(site, name)
        done = found.get("resources", {"done": 0})
        return found["state"] == "Ready" or (bool(found.get("run")) and done["done"] > 3)  # type: ignore[index]

    site.until(f"{name} to move", moving, 600)


def as_if_nothing_had_been(site: Site, layers: Sequence[str] = LAYERS) -> dict[str, set[str]]:
    """Demand that AWS has exactly what the stacks record, and that no lock is left; gives what AWS has."""
    there = inventory(site.deployed.clients)
    there["buckets"] -= OTHERS
    assert differences(there, recorded(site.deployed.clients, ["dev"], layers)) == {}
    assert site.locks() == []
    return there
