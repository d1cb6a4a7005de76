"""Which runs look before they touch anything, and how the Preflight condition reads what they saw.

Pure. A layer is looked at before its first change, and again when account, role, region, backend or passphrase change;
otherwise not at all.
"""

from collections.abc import Iterable

from tradai_operator.model import LayerStatus
from tradai_operator.status.phases import Checked


def due(layer: LayerStatus, facts: str) -> str:
    """The digest of the facts that the next run has to look for; empty where a look at just these went well."""
    seen = layer.survey
    return "" if seen and seen.ok and seen.facts == facts else facts


def checks(layers: Iterable[LayerStatus]) -> list[Checked]:
    """How each layer's newest look reads."""
    return [
        Checked("True" if layer.survey.ok else "False", layer.survey.reason, f"{layer.name}: {layer.survey.message}")
        for layer in layers
        if layer.survey and layer.survey.reason
    ]
