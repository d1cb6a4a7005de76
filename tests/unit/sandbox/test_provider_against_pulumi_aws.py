"""The table held against pulumi_aws itself: names, kinds, required inputs, and what forces a replacement."""

import importlib
import inspect
import re
import typing
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from pulumi._types import input_type_py_to_pulumi_names, resource_types

from tradai_sandbox.provider.row import Row
from tradai_sandbox.provider.table import rows

ROWS: Final = tuple(rows().values())
#: Said to force a replacement under a condition that the programs never meet.
REPLACES_SOMETIMES: Final = {
    # only for endpoints that are no interfaces, which take no such property
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"privateDnsEnabled"},
    # "to force a new task deployment" is about tasks
    "aws:ecs/service:Service": {"forceNewDeployment"},
}
#: What makes a new resource, by token: an account beside the rows, because neither the Python docstrings nor the
#: reference of the official provider mark it for most types. A change of a row has to change it, too.
REPLACEMENTS: Final = yaml.safe_load((Path(__file__).parent / "replacements.yaml").read_text())


def _class(row: Row) -> Any:
    _, module, name = row.token.split(":")
    module = module.partition("/")[0].replace("lambda", "lambda_")
    return getattr(importlib.import_module(f"pulumi_aws.{module}"), name)


def _args(row: Row) -> Any:
    found = _class(row)
    module = inspect.getmodule(found)
    return getattr(module, f"{found.__name__}InitArgs", None) or getattr(module, f"{found.__name__}Args")


def _pulumi_names(row: Row) -> dict[str, str]:
    """Input names in Python's spelling → in Pulumi's."""
    return dict(input_type_py_to_pulumi_names(_args(row)))


def _required(row: Row) -> set[str]:
    parameters = inspect.signature(_args(row).__init__).parameters
    names = _pulumi_names(row)
    return {names[n] for n, p in parameters.items() if n in names and p.default is inspect.Parameter.empty}


def _kind(declared: Any) -> type:
    origin = typing.get_origin(declared)
    if origin is typing.Union:
        declared = next(a for a in typing.get_args(declared) if a is not type(None))
        origin = typing.get_origin(declared)
    if origin is not None:
        return dict if "Mapping" in str(origin) else list
    return declared if declared in (str, int, float, bool) else dict


def _forced(row: Row) -> set[str]:
    """The inputs whose docstring says that a change makes a new resource."""
    text = inspect.getdoc(_class(row)._internal_init) or ""
    text += inspect.getdoc(_class(row).__init__) or ""
    text += inspect.getdoc(_args(row).__init__) or ""
    names = _pulumi_names(row)
    found = set()
    for name, said in re.findall(r":param [^\n]*? (\w+): (.*?)(?=\n\s*:param|\Z)", text, re.DOTALL):
        if name in names and re.search(r"forces? (a )?(new|replacement)|forces re-?creation", said, re.IGNORECASE):
            found.add(names[name])
    return found


each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.token)


@each_row
def test_every_input_exists_in_pulumi_aws(row: Row) -> None:
    assert {p.name for p in row.inputs} <= set(_pulumi_names(row).values())


@each_row
def test_every_output_exists_in_pulumi_aws(row: Row) -> None:
    declared = set(resource_types(_class(row))) or set(_pulumi_names(row).values())
    assert {p.name for p in row.props} - set(_pulumi_names(row).values()) <= declared


@each_row
def test_required_inputs_agree(row: Row) -> None:
    assert {p.name for p in row.inputs if p.required} == _required(row)


@each_row
def test_kinds_agree(row: Row) -> None:
    declared = {name: _kind(t) for name, t in resource_types(_class(row)).items()}
    wrong = {p.name: (p.kind, declared[p.name]) for p in row.props if declared.get(p.name, p.kind) is not p.kind}
    assert not wrong


@each_row
def test_what_forces_a_replacement_agrees_with_the_docstrings(row: Row) -> None:
    said = (_forced(row) - REPLACES_SOMETIMES.get(row.token, set())) & {p.name for p in row.inputs}
    assert said <= {p.name for p in row.inputs if p.replace}


@each_row
def test_what_forces_a_replacement_is_what_was_written_down(row: Row) -> None:
    ours = {p.name for p in row.inputs if p.replace}
    assert ours == set(REPLACEMENTS.get(row.token, [])), row.token


@each_row
def test_every_input_can_be_changed_somehow(row: Row) -> None:
    reached = frozenset().union(*(step.on for step in row.steps))
    stuck = {p.name for p in row.inputs if not (p.replace or p.local or p.name in reached)}
    assert not stuck


@each_row
def test_a_type_has_a_region_where_pulumi_aws_says_so(row: Row) -> None:
    assert row.regional == ("region" in _pulumi_names(row).values())


@each_row
def test_a_made_up_name_is_a_known_property(row: Row) -> None:
    assert not row.name or row.prop(row.name) is not None
