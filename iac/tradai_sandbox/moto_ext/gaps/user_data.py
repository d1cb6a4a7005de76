"""Auto Scaling: what of a launched instance's user data AWS itself would see.

No instance boots here, so that its script does nothing. One that takes a lasting address over at its end (`aws ec2
associate-address`, of the address in ALLOCATION_ID) has done so by the time its launch is told of. Must never run a
script.
"""

import base64
import re
from typing import Any, Final

_TAKES_OVER: Final = "associate-address"
_ALLOCATION: Final = re.compile(r"\bALLOCATION_ID=['\"]?(eipalloc-[0-9a-f]+)")


def allocation_of(script: str) -> str | None:
    """The address that the script takes over, None where it takes none."""
    found = _ALLOCATION.search(script) if _TAKES_OVER in script else None
    return found[1] if found else None


def play(group: Any, instance_id: str) -> None:
    """An instance of moto's `group` has come up; an address that is gone stays where it is."""
    encoded = group.user_data
    allocation = allocation_of(base64.b64decode(str(encoded)).decode("utf-8", "replace")) if encoded else None
    ec2 = group.autoscaling_backend.ec2_backend
    if allocation is None or allocation not in {address.allocation_id for address in ec2.addresses}:
        return
    ec2.associate_address(instance=ec2.get_instance(instance_id), allocation_id=allocation, reassociate=True)
