"""The scenarios by name, in the order in which they run.

Each is a function from the minutes that `unchanged` looks on to figures and samples. Must never hold one itself.
"""

from collections.abc import Callable
from typing import Final

from tools.bench.converge import at_80ms, without_latency
from tools.bench.demo import demo
from tools.bench.edit import edit, edit_at_80ms
from tools.bench.figures import Report
from tools.bench.fleet import fleet
from tools.bench.homes.scenario import homes
from tools.bench.lambdas import lambdas
from tools.bench.stacks import stacks
from tools.bench.unchanged import unchanged

SCENARIOS: Final[dict[str, Callable[[float], Report]]] = {
    "converge": at_80ms,
    "converge-0": without_latency,
    "edit": edit,
    "edit-80": edit_at_80ms,
    "fleet": fleet,
    "demo": demo,
    "homes": homes,
    "lambdas": lambdas,
    "stacks": stacks,
    "unchanged": unchanged,
}
