"""The machine images of instances: AWS's own parameters that name the latest Amazon Linux 2023 (002 §1.4).

Must never name an image: those are of one region, and outdated within weeks.
"""

from typing import Literal

Architecture = Literal["arm64", "x86_64"]


def al2023_parameter(architecture: Architecture) -> str:
    """The public parameter of Systems Manager whose value is the latest image of that architecture."""
    return f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
