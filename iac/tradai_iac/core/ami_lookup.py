"""The look-up of machine images (001 §8): which image an instance is launched from.

It is left to each launch: a launch template names a parameter of Systems Manager, and EC2 reads it. Looked up while the
stack runs (`getAmi`), every new image of AWS's would be a diff of a stack that nobody has changed, and would replace a
running instance. Must never resolve a parameter itself.
"""

from typing import Final

from tradai_iac.core.machine_images import Architecture, al2023_parameter

_AT_LAUNCH: Final = "resolve:ssm:"


def image_named_by(parameter: str) -> str:
    """A launch template's `image_id` that takes the image which that parameter names at each launch."""
    return f"{_AT_LAUNCH}{parameter}"


def get_latest_al2023_ami(architecture: Architecture) -> str:
    """A launch template's `image_id` that takes the latest Amazon Linux 2023 at each launch (001 §8)."""
    return image_named_by(al2023_parameter(architecture))
