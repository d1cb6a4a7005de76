"""RDS: ResetDBParameterGroup, a subnet group that survives its own modification, instances with an id of their own, and
the secret of a master user that names that user.

Must never touch clusters or snapshots.
"""

import json
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.rds import models, responses
from moto.rds.exceptions import DBParameterGroupNotFoundError

from tradai_sandbox.moto_ext.gaps.patching import add, wrap


def repair() -> None:
    """Add the operation, keep the modified subnet group in the backend, tell one instance from the next."""
    add(responses.RDSResponse, reset_db_parameter_group)
    wrap(models.RDSBackend, modify_db_subnet_group=_kept)
    wrap(models.DBInstance, __init__=_told_apart)
    wrap(models.MasterUserSecret, _generate_secret_string=_of_its_user)


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


def _told_apart(original: Any) -> Any:
    """moto gives the same resource id to all; AWS never gives one twice, also not to another of the same name."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it takes its place
        original(self, *args, **kwargs)
        self.dbi_resource_id = f"db-{uuid.uuid4().hex[:26].upper()}"

    return __init__


def _of_its_user(original: Any) -> Any:
    """moto calls all of them admin."""

    def _generate_secret_string(self: Any) -> str:
        return json.dumps({**json.loads(original(self)), "username": self.resource.master_username})

    return _generate_secret_string
