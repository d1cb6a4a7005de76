"""What a newer program would change, in words.

Pure. Must never say that nothing changes of a layer that nobody has looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from tradai_operator.model import LayerPlan

_VERBS: Final = ("create", "update", "replace", "delete")


def offered(plans: Mapping[str, LayerPlan], unseen: Sequence[str]) -> str:
    """`2 to update in persistent, edge; compute not previewed yet`."""
    counts = {verb: sum(getattr(plan, verb) for plan in plans.values()) for verb in _VERBS}
    told = ", ".join(f"{count} to {verb}" for verb, count in counts.items() if count)
    touched = [name for name, plan in plans.items() if any(getattr(plan, verb) for verb in _VERBS)]
    parts = [f"{told} in {', '.join(touched)}"] if told else ["nothing changes in AWS"] if plans else []
    return "; ".join([*parts, *([f"{', '.join(unseen)} not previewed"] if unseen else [])])
