"""What a stack program of the control plane is given: the context of any program, with its own settings in it.

Must never add anything to it.
"""

from typing import TypeAlias

from tradai_blueprints.control_plane.settings import Settings
from tradai_iac import context

Context: TypeAlias = context.Context[Settings]
