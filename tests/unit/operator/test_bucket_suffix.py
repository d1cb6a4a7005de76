"""The suffix of buckets from the resource to a run: told where there is one, and unheard of where there is none."""

import json
from typing import Any

from tests.fakes.requests import request_of
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_cli.by_hand import request_for
from tradai_iac.naming import Naming
from tradai_operator.model import Environment
from tradai_operator.model.crd import custom_resource_definition
from tradai_runner.context import build_context
from tradai_runner.contract import REQUESTS, Update
from tradai_runner.engine.stack_config import stack_config


def environment(body: dict[str, Any], suffix: str | None) -> Environment:
    if suffix is not None:
        body["spec"]["aws"]["bucketSuffix"] = suffix
    return Environment.parse(body)


def test_a_resource_that_says_nothing_of_it_is_told_as_before(body: dict[str, Any]) -> None:
    """Else every environment would run once more for nothing, and runners of a version before would refuse."""
    spec = environment(body, None).spec
    assert "bucket_suffix" not in spec.aws.model_dump(mode="json")
    request = request_for(Update, "persistent", spec)
    assert "bucket_suffix" not in json.loads(request.model_dump_json())
    assert "tradai:bucketSuffix" not in stack_config(request)
    assert request.bucket_suffix == ""


def test_a_run_is_told_of_it_and_so_is_whoever_takes_over_by_hand(body: dict[str, Any]) -> None:
    spec = environment(body, "acme").spec
    assert spec.aws.model_dump(mode="json")["bucketSuffix"] == "acme"
    request = request_for(Update, "persistent", spec)
    assert REQUESTS.validate_json(request.model_dump_json()) == request
    assert stack_config(request)["tradai:bucketSuffix"] == "acme"


def test_a_program_spells_its_buckets_by_it() -> None:
    context = build_context(TRADAI, request_of(bucket_suffix="acme"))
    assert context.naming == Naming("tradai", "dev", "acme")
    assert build_context(TRADAI, request_of()).naming == Naming("tradai", "dev")


def test_the_api_server_neither_lets_it_change_nor_come_nor_go() -> None:
    version = custom_resource_definition()["spec"]["versions"][0]
    aws = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["aws"]
    (rule,) = aws["x-kubernetes-validations"]
    assert "has(self.bucketSuffix) == has(oldSelf.bucketSuffix)" in rule["rule"]
    assert rule["fieldPath"] == ".bucketSuffix"
    assert "can never change" in rule["message"]
