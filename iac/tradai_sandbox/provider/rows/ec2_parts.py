"""What the rows of EC2's types share: tags at creation, tags later, attributes that are set one call at a
time.

Must never hold a row.
"""

from collections.abc import Callable
from typing import Any, Final

from tradai_sandbox.provider.calls import on, retag
from tradai_sandbox.provider.props import Props, pairs
from tradai_sandbox.provider.row import Step, Work

#: Every EC2 resource is tagged by its id.
EC2_TAGS: Final = retag("CreateTags", "DeleteTags", {"Resources": ["{id}"]}, keys="Tags", take_tags=True)


def tagged(kind: str) -> Callable[[Work], Props]:
    """The `TagSpecifications` of a create request for a resource of that kind (`vpc`), where it has tags."""

    def build(work: Work) -> Props:
        tags = work.inputs.get("tags")
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": pairs(tags)}]} if tags else {}

    return build


def attribute(op: str, id_member: str, member: str, name: str) -> Step:
    """A boolean that is set by a call of its own (`ModifyVpcAttribute`); AWS starts with `False`."""

    def run(work: Work) -> None:
        params: Props = {id_member: work.id, member: {"Value": bool(work.inputs.get(name))}}
        work.call(op, **params)

    return on({name}, run)


def ids_of(member: str) -> Callable[[Any], list[str]]:
    """The conversion of a list of descriptions to the list of their ids."""
    return lambda items: [str(item[member]) for item in items]


def listed(member: str, value: Any) -> dict[str, Any]:
    """A request parameter that is left out where its list is empty."""
    return {member: value} if value else {}
