"""The consolidated instance of dev and staging (001 §3 EC2_CONSOLIDATED_CONFIG, §6; 002 §10).

Which services run on it is no value of its own: the standing ones, four (`Settings.on_instance`). Must never be asked
whether there is such an instance: that is the environment's difference.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen
from tradai_iac.core.machine_images import al2023_parameter


class ConsolidatedInstance(Frozen):
    """One instance in an Auto Scaling group of one; storage in GB, memory in MB, times in seconds.

    The documents give type, disk and services. `memory_mb` is what the type has; `reserved_mb` of it is the system's
    and Docker's; `swap_mb` is a file on the disk: the services' tasks have 3.5 GB together (002 §2.2), the type has 2.
    `image_parameter` names the image at each launch. `healthy_within` is what the services may take to come up,
    `capacity_timeout` when a deployment says that they did not, `launch_timeout` when the group gives that launch up:
    in between people can look at it. `health_check_grace` is what the load balancer may take to see that a service is
    healthy. `metadata_hops` is 2 because a container is one hop behind the instance whose role it acts as.
    """

    component: str = "consolidated"
    instance_type: str = "t3.small"
    architecture: Literal["x86_64"] = "x86_64"
    memory_mb: int = 2048
    reserved_mb: int = 448
    swap_mb: int = 2048
    volume_gb: int = 30
    image_parameter: str = al2023_parameter("x86_64")
    size: int = 1
    metadata_hops: int = 2
    healthy_within: int = 600
    capacity_timeout: int = 900
    launch_timeout: int = 1800
    health_check_grace: int = 120


CONSOLIDATED_INSTANCE: Final = ConsolidatedInstance()
