"""A plain `pulumi up` in a layer's folder registers what a run of the operator would (DESIGN: the plain tool)."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.unit.iac.pulumi_mocks import ACCOUNT, REGION, Recorded, context_for, record
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS
from tradai_iac.naming import Naming
from tradai_iac.program import by_hand as plain_tool
from tradai_iac.program.binding import bind
from tradai_iac.program.exports import Exports
from tradai_runner.contract import RunRequest, Update
from tradai_runner.engine.stack_config import stack_config


def _request(layer: str, config: dict[str, Any], suffix: str) -> RunRequest:
    return Update(
        run_id="r",
        layer=layer,
        environment="dev",
        account_id=ACCOUNT,
        region=REGION,
        bucket_suffix=suffix,
        backend_url="s3://tradai-pulumi-state-dev",
        config=config,
    )


def _as_pulumi_hands_it_over(request: RunRequest) -> dict[str, str]:
    """The engine gives a program its configuration as texts, structured values as JSON."""
    config = stack_config(request)
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


@pytest.mark.parametrize(
    ("layer", "config", "suffix"),
    [
        ("persistent", {"strategyRepositories": ["momentum"]}, ""),
        ("persistent", {}, "acme"),
        ("foundation", {"alertEmails": ["ops@example.com"]}, ""),
    ],
)
def test_by_hand_registers_what_a_run_would(layer: str, config: dict[str, Any], suffix: str) -> None:
    request = _request(layer, config, suffix)
    project = TRADAI.stack_project(layer)
    context = replace(
        context_for("dev", state_bucket="tradai-pulumi-state-dev"), naming=Naming("tradai", "dev", suffix)
    )
    run = bind(TRADAI, TRADAI.layer(layer), lambda: context, request.config, lambda: None, Exports())
    pulumi.runtime.set_all_config(_as_pulumi_hands_it_over(request))
    by_hand = record(lambda: plain_tool.main("tradai", layer), project, "dev")
    assert _by_name(by_hand) == _by_name(record(run, project, "dev"))
    assert len(by_hand) > 90


def _by_name(resources: tuple[Recorded, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    """The order of registrations is nobody's promise, and archives are equal only to themselves."""
    return {
        (resource.type, resource.name): {name: value for name, value in resource.inputs.items() if name != "code"}
        for resource in resources
    }


@pytest.mark.parametrize(("blueprint", "layer"), [(b, name) for b in BLUEPRINTS.values() for name in b.layer_names])
def test_each_layer_has_a_project_of_its_name_and_a_main_that_hands_over(blueprint: Blueprint, layer: str) -> None:
    found = find_spec(blueprint.layer_package(layer))
    assert found and found.origin
    folder = Path(found.origin).parent
    assert f"name: {blueprint.stack_project(layer)}\n" in (folder / "Pulumi.yaml").read_text()
    assert f'main("{blueprint.name}", "{layer}")' in (folder / "__main__.py").read_text()
