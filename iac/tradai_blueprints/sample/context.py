"""What a stack program of the sample is given: the context of any program, with the sample's own settings in it.

Must never add anything to it.
"""

from typing import TypeAlias

from tradai_blueprints.sample.settings import Settings
from tradai_iac import context

Context: TypeAlias = context.Context[Settings]
