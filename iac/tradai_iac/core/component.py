"""The base of every ComponentResource of this project.

Must never register a cloud resource itself: it only fixes the type token, the parent and the Service tag.
"""

from typing import Any, Final

import pulumi

#: Options of what a function's network interfaces use: AWS takes up to 45 minutes to take those back after the function
#: is gone, and refuses to delete groups and subnets meanwhile.
OUTLIVED_BY_INTERFACES: Final = pulumi.CustomTimeouts(delete="60m")


class Component(pulumi.ComponentResource):
    """A group of resources: `kind` is `{layer}:{Name}`, `service` the Service tag of all in it (002 §9.2).

    A component within a component takes over its service unless it has its own.
    """

    def __init__(
        self, kind: str, name: str, opts: pulumi.ResourceOptions | None = None, *, service: str | None = None
    ) -> None:
        parent = opts.parent if opts else None
        self.service: str | None = service or getattr(parent, "service", None)
        super().__init__(f"tradai:{kind}", name, None, opts)

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a resource within this component; takes what ResourceOptions takes."""
        return pulumi.ResourceOptions(parent=self, **options)
