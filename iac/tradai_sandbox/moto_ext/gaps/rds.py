"""RDS: ResetDBParameterGroup, and a subnet group that survives its own modification.

Must never touch instances, clusters or snapshots.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.rds import models, responses
from moto.rds.exceptions import DBParameterGroupNotFoundError

from tradai_sandbox.moto_ext.gaps.patching import add, wrap


def repair() -> None:
    """Add the operation, keep the modified subnet group in the backend."""
    add(responses.RDSResponse, reset_db_parameter_group)
    wrap(models.RDSBackend, modify_db_subnet_group=_kept)


def reset_db_parameter_group(self: Any) -> ActionResult:
    """ResetDBParameterGroup: the named parameters (or all) go back to the engine's defaults."""
    name = self.params.get("DBParameterGroupName")
    if name not in self.backend.db_parameter_groups:
        raise DBParameterGroupNotFoundError(name)
    parameters = self.backend.db_parameter_groups[name].parameters
    if self.params.get("ResetAllParameters"):
        parameters.clear()
    for entry in self.params.get("Parameters", []):
        parameters.pop(entry.original_dict()["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


def _kept(original: Any) -> Any:
    def modify_db_subnet_group(self: Any, *args: Any, **kwargs: Any) -> Any:
        group = original(self, *args, **kwargs)
        self.subnet_groups[group.name] = group
        return group

    return modify_db_subnet_group
