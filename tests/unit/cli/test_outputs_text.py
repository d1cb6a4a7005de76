"""The demo ends with the few outputs that people look at; which these are, each blueprint declares."""

from dataclasses import fields

import pytest

from tradai_cli.outputs_text import few
from tradai_iac.blueprint import Layer
from tradai_iac.blueprints import BLUEPRINTS

LAYERS = [layer for blueprint in BLUEPRINTS.values() for layer in blueprint.layers]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_what_is_shown_is_exported_and_no_secret(layer: Layer) -> None:
    assert set(layer.shown) <= {field.name for field in fields(layer.outputs)} - layer.secret_outputs


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
def test_each_blueprint_shows_a_few(blueprint: str) -> None:
    assert 1 <= sum(len(layer.shown) for layer in BLUEPRINTS[blueprint].layers) <= 10


def test_what_is_not_there_is_left_out_and_what_is_stands_in_a_column() -> None:
    outputs: dict[str, dict[str, object]] = {
        "foundation": {"vpc_id": "vpc-1", "rds_endpoint": "db:5432", "backtest_queue_url": "https://queue"},
        "compute": {"ecs_cluster_name": "tradai-dev", "alb_dns_name": None},
    }
    assert list(few(BLUEPRINTS["tradai"], outputs)) == [
        "  vpc_id            vpc-1",
        "  rds_endpoint      db:5432",
        "  ecs_cluster_name  tradai-dev",
    ]
