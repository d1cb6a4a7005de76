"""Section 12: what each stack exports, and who reads it (001 §10, 000 "Outputs Quick Reference").

Must never list an output by hand: the contracts declare them.
"""

from collections.abc import Iterable
from dataclasses import Field, fields
from typing import Any, Final

from tradai_blueprints.tradai.config.document.markdown import blocks, code, codes, table
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.blueprint import Layer
from tradai_iac.described import what

#: A field's annotation, without `Input[...]`, as people say it.
_TYPES: Final = (
    ("Mapping", "map of strings"),
    ("Sequence", "list of strings"),
)


def outputs() -> str:
    """The whole section."""
    return blocks(
        "## 12. Stack Outputs",
        "`tradai infra outputs LAYER ENV` prints them, and so does `kubectl get tradaienv ENV -o yaml` but for the "
        f"secret ones, which are in the Secret {code('<name>-outputs')}.",
        *(part for layer in TRADAI.layers for part in _of(layer)),
    )


def _of(layer: Layer) -> Iterable[str]:
    readers = {
        name: [other.name for other in TRADAI.layers if name in other.reads.get(layer.name, ())]
        for name in (field.name for field in fields(layer.outputs))
    }
    rows = (
        (code(field.name), _type(field, layer), what(field), codes(readers[field.name]))
        for field in fields(layer.outputs)
    )
    yield f"### {layer.name.capitalize()} ({code(TRADAI.stack_project(layer.name))})"
    yield table(("Output", "Type", "What", "Read By"), rows)


def _type(field: Field[Any], layer: Layer) -> str:
    annotation = str(field.type)
    kind = next((said for word, said in _TYPES if word in annotation), "string")
    optional = ", or nothing" if "None" in annotation else ""
    secret = ", secret" if field.name in layer.secret_outputs else ""
    return f"{kind}{optional}{secret}"
