"""Gives every taggable resource of a stack the tags that it must carry (002 §9.2), and the one that finds it.

Must never hold a list of types: whether a resource takes tags is read off its pulumi_aws class.
"""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import pulumi

from tradai_iac.context import Context
from tradai_iac.settings import Settings
from tradai_iac.tags import SERVICE_TAG, URN_TAG

_HASH_CHARS: Final = 32
#: The one type that takes a list of tags, each saying whether instances inherit it.
_LIST_TAGGED: Final = "aws:autoscaling/group:Group"

Tags = dict[str, pulumi.Input[str]]


def urn_tag(project: str, stack: str, type_: str, name: str) -> str:
    """The value of `tradai:urn`: a type and name within a stack, whatever the parent."""
    identity = "\n".join((project, stack, type_, name))
    return hashlib.sha256(identity.encode()).hexdigest()[:_HASH_CHARS]


def urn_tag_of(urn: str) -> str:
    """The same from `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`; raises ValueError if it is none."""
    head, project, types, name = urn.split("::", 3)
    prefix, stack = head.rsplit(":", 1)
    if prefix != "urn:pulumi":
        raise ValueError(f"not a URN: {urn!r}")
    return urn_tag(project, stack, types.rsplit("$", 1)[-1], name)


def register_tagging(context: Context[Settings]) -> None:
    """Tag every taggable resource that this stack makes from here on; call it before the program.

    The program then raises ValueError for two resources of one type and name: their tags would be equal.
    """
    pulumi.runtime.register_stack_transformation(tagging(context))


def tagging(
    context: Context[Settings],
) -> Callable[[pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None]:
    """The transformation behind `register_tagging`."""
    required = context.settings.tags.required(context.environment)
    seen: set[str] = set()

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not takes_tags(type(args.resource)) or args.opts.id is not None:
            return None
        mark = urn_tag(pulumi.get_project(), pulumi.get_stack(), args.type_, args.name)
        if mark in seen:
            raise ValueError(f"two resources of type {args.type_} are called {args.name!r}")
        seen.add(mark)
        ours: Tags = {**_service(args.opts.parent), **required, URN_TAG: mark}
        return pulumi.ResourceTransformationResult(
            {**args.props, "tags": _merged(args.type_, args.props.get("tags"), ours)}, args.opts
        )

    return transform


def takes_tags(resource: type[pulumi.Resource]) -> bool:
    """Whether that class of pulumi_aws has an input `tags`."""
    init = getattr(resource, "_internal_init", None)
    return init is not None and "tags" in inspect.signature(init).parameters


def _service(parent: pulumi.Resource | None) -> Tags:
    service = getattr(parent, "service", None)
    return {SERVICE_TAG: service} if service else {}


def _merged(type_: str, own: Any, ours: Tags) -> Any:
    if type_ == _LIST_TAGGED:
        listed = [{"key": key, "value": value, "propagate_at_launch": True} for key, value in ours.items()]
        return [*(own or []), *listed]
    if own is None or isinstance(own, Mapping):
        return _over(own, ours)
    return pulumi.Output.all(own, ours).apply(lambda both: _over(both[0], both[1]))


def _over(own: Mapping[str, Any] | None, ours: Mapping[str, Any]) -> dict[str, Any]:
    """A resource's own Service tag is more exact than its component's; the rest are not its to choose."""
    merged = {**(own or {}), **ours}
    return {**merged, SERVICE_TAG: own[SERVICE_TAG]} if own and SERVICE_TAG in own else merged
