"""What a stack program of TradAI is given: the context of any program, with TradAI's own settings in it.

Must never add anything to it.
"""

from typing import TypeAlias

from tradai_blueprints.tradai.config import Settings
from tradai_iac import context

Context: TypeAlias = context.Context[Settings]
