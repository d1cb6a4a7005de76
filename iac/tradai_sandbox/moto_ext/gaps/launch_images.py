"""EC2: images that a launch template names by a parameter of Systems Manager (`resolve:ssm:NAME`).

Must never resolve a name before something is launched from it: the parameter may change at any time.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import InvalidAMIIdError
from moto.ec2.models import instances
from moto.ec2.responses import launch_templates
from moto.ssm.models import ssm_backends

from tradai_sandbox.moto_ext.gaps.patching import wrap

PREFIX = "resolve:ssm:"


def repair() -> None:
    """Resolve at launch, and where DescribeLaunchTemplateVersions is asked for it (`ResolveAlias`)."""
    wrap(instances.InstanceBackend, run_instances=_resolving)
    wrap(launch_templates.LaunchTemplates, describe_launch_template_versions=_resolving_on_demand)


def image_of(backend: Any, image_id: str) -> str:
    """The id of the image that `image_id` stands for in the account and region of that EC2 backend."""
    if not image_id or not image_id.startswith(PREFIX):
        return image_id
    name = image_id.removeprefix(PREFIX)
    parameter = ssm_backends[backend.account_id][backend.region_name].get_parameter(name)
    if parameter is None:
        raise InvalidAMIIdError([image_id])
    return str(parameter.value)


def _resolving(original: Any) -> Any:
    def run_instances(self: Any, image_id: str, *args: Any, **kwargs: Any) -> Any:
        return original(self, image_of(self, image_id), *args, **kwargs)

    return run_instances


def _resolving_on_demand(original: Any) -> Any:
    def describe_launch_template_versions(self: Any) -> Any:
        answer = original(self)
        if not self._get_bool_param("ResolveAlias", False):
            return answer
        versions = [_resolved(self.ec2_backend, v) for v in answer.result["LaunchTemplateVersions"]]
        return ActionResult({"LaunchTemplateVersions": versions})

    return describe_launch_template_versions


def _resolved(backend: Any, version: dict[str, Any]) -> dict[str, Any]:
    data = version["LaunchTemplateData"]
    return {**version, "LaunchTemplateData": {**data, "ImageId": image_of(backend, data.get("ImageId", ""))}}
