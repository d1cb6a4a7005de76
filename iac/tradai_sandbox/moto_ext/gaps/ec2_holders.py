"""EC2: a security group that something uses is not deleted, where moto lets it go.

Instances that are not ended, interfaces that somebody asked for, and rules of other groups use it. Must never hold a
group for what AWS itself takes away with its owner: interfaces of ended instances, of tasks and of endpoints.
"""

from collections.abc import Iterator
from typing import Any, Final

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import elastic_network_interfaces as interfaces
from moto.ec2.models import security_groups as groups
from moto.ec2.responses import elastic_network_interfaces as answers

from tradai_sandbox.moto_ext.gaps.patching import wrap

#: The interfaces that somebody asked for by themselves; moto makes others, and forgets to take them away.
_ASKED_FOR: Final = "_asked_for"
_ENDED: Final = frozenset({"shutting-down", "terminated"})


def repair() -> None:
    """Refuse as AWS does, with DependencyViolation."""
    wrap(answers.ElasticNetworkInterfaces, create_network_interface=_noted)
    wrap(groups.SecurityGroupBackend, delete_security_group=_unless_held)


def _noted(original: Any) -> Any:
    def create_network_interface(self: Any) -> Any:
        before = set(self.ec2_backend.enis)
        answer = original(self)
        for id_ in set(self.ec2_backend.enis) - before:
            setattr(self.ec2_backend.enis[id_], _ASKED_FOR, True)
        return answer

    return create_network_interface


def _unless_held(original: Any) -> Any:
    def delete_security_group(self: Any, name: str | None = None, group_id: str | None = None) -> None:
        group = self.get_security_group_by_name_or_id(group_id or name)
        if group and any(_holders(self, group.id)):
            raise DependencyViolationError(f"resource {group.id} has a dependent object")
        original(self, name, group_id)

    return delete_security_group


def _holders(backend: Any, group_id: str) -> Iterator[str]:
    for found in list(backend.enis.values()):
        if _in_use(found) and group_id in {group.id for group in found.group_set}:
            yield found.id
    for group in [group for of_vpc in list(backend.groups.values()) for group in list(of_vpc.values())]:
        if group.id != group_id and any(
            _refers(rule, group_id) for rule in (*group.ingress_rules, *group.egress_rules)
        ):
            yield group.id


def _in_use(found: interfaces.NetworkInterface) -> bool:
    if found.instance is not None:
        return str(found.instance.state) not in _ENDED
    return bool(getattr(found, _ASKED_FOR, False))


def _refers(rule: groups.SecurityGroupRule, group_id: str) -> bool:
    return bool(rule.source_group.get("GroupId") == group_id)
