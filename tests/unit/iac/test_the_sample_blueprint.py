"""The sample blueprint: small, but held to what every blueprint is held to."""

import pytest

from tests.unit.iac.pulumi_mocks import REGION, Run
from tradai_blueprints.sample.config import StoreConfig, WorkConfig
from tradai_blueprints.sample.declaration import SAMPLE
from tradai_iac.naming import DEFAULT_LIMIT
from tradai_iac.rendering import render
from tradai_iac.tags import URN_TAG

ENVIRONMENTS = ("dev", "staging", "prod", "eph-pr123456")


def graph(environment: str = "dev", **configs: StoreConfig | WorkConfig) -> dict[str, Run]:
    return render(SAMPLE, environment, REGION, configs, "state")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_name_says_project_and_environment_and_is_short_enough(environment: str) -> None:
    for run in graph(environment).values():
        for resource in run.resources:
            name = resource.inputs.get("name") or resource.inputs.get("bucket")
            if isinstance(name, str) and resource.type != "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":
                assert name.startswith("sample") and environment in name and len(name) <= DEFAULT_LIMIT


def test_what_takes_tags_has_them() -> None:
    for run in graph().values():
        tagged = [resource for resource in run.resources if "tags" in resource.inputs]
        assert tagged and all(URN_TAG in resource.inputs["tags"] for resource in tagged)


@pytest.mark.parametrize("queues", [0, 1, 5])
def test_there_are_as_many_queues_as_are_asked_for(queues: int) -> None:
    made = graph(work=WorkConfig(queues=queues))["work"].of("aws:sqs/queue:Queue")
    assert len(made) == queues + 1


def test_a_sort_key_becomes_part_of_the_tables_key() -> None:
    table = graph(store=StoreConfig(sort_key="day"))["store"].one("aws:dynamodb/table:Table")
    assert table["rangeKey"] == "day"
    assert {attribute["name"] for attribute in table["attributes"]} == {"id", "day"}


@pytest.mark.parametrize(("environment", "kept"), [("dev", False), ("prod", True)])
def test_the_data_of_prod_is_protected(environment: str, kept: bool) -> None:
    table = graph(environment)["store"].one("aws:dynamodb/table:Table")
    assert table["deletionProtectionEnabled"] is kept
