"""EC2: launch templates whose data is what was asked for, in every version alike.

moto adds the template's own tags to what instances get, shows its first tags for ever, and cannot launch from a
later version that has user data. Must never change data beyond these.
"""

from typing import Any

from moto.ec2.models import launch_templates as models
from moto.ec2.utils import parse_user_data

from tradai_sandbox.moto_ext.gaps.patching import add_property, wrap


def repair() -> None:
    """Clean the data of each version as it is made, show the tags as they are."""
    wrap(models.LaunchTemplateVersion, __init__=_clean)
    # the constructor assigns the tags of that moment; they are asked for anew each time instead
    living = property(lambda self: self.get_tags(), lambda _self, _tags: None)
    add_property(models.LaunchTemplate, tags=living)


def _clean(original: Any) -> Any:
    def init(self: Any, template: Any, number: int, data: dict[str, Any], description: str) -> None:
        original(self, template, number, _data(data), description)

    return init


def _data(data: dict[str, Any]) -> dict[str, Any]:
    specs = [s for s in data.get("TagSpecifications", []) if s["ResourceType"] != "launch-template"]
    kept = {k: v for k, v in data.items() if k not in ("TagSpecifications", "UserData")}
    tagged = {"TagSpecifications": specs} if specs else {}
    user_data = data.get("UserData")
    if user_data is None:
        return {**kept, **tagged}
    return {**kept, **tagged, "UserData": parse_user_data(user_data) if type(user_data) is str else user_data}
