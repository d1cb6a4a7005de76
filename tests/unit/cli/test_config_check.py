"""The checklist of 002 §11: each item says Yes to what is demanded and No to anything else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.iac.whole_graph import runs
from tradai_blueprints.tradai.checklist import demanded, planned
from tradai_blueprints.tradai.checklist.document import sections, stale_sections
from tradai_blueprints.tradai.checklist.items import ITEMS
from tradai_blueprints.tradai.checklist.subject import Subject
from tradai_blueprints.tradai.config import settings_for
from tradai_blueprints.tradai.config.document import render as render_document
from tradai_blueprints.tradai.config.network import NETWORK
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_cli.config_check import answer
from tradai_iac.checklist import Item, differences
from tradai_iac.naming import Naming
from tradai_iac.testing import Recorded, Run

ENVIRONMENTS = ("dev", "prod", "eph-pr1234")


def subject_of(environment: str, **configs: Any) -> Subject:
    return Subject(settings_for(environment), Naming("tradai", environment), "eu-central-1", configs)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.title)
def test_every_item_holds_in_configuration_and_plan(item: Item[Subject], environment: str) -> None:
    line = answer(item, subject_of(environment), runs(environment), None)
    assert line.columns == {"config": [], "plan": []}
    assert line.good


def test_the_checklist_is_that_of_the_document_item_by_item() -> None:
    assert len(ITEMS) == 8
    assert all(heading in sections(render_document()) for item in ITEMS for heading in item.sections)


Change = Callable[[Recorded], Recorded | None]


def with_inputs(type_: str, name: str, **inputs: Any) -> Change:
    """A resource with other inputs; one set to None goes."""

    def change(found: Recorded) -> Recorded:
        if (found.type, found.name) != (type_, name):
            return found
        merged = {**found.inputs, **inputs}
        return replace(found, inputs={key: value for key, value in merged.items() if value is not None})

    return change


def without(type_: str, name: str) -> Change:
    return lambda found: None if (found.type, found.name) == (type_, name) else found


INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
NO_TLS = [{"name": "rds.force_ssl", "value": "0"}]

#: Title's beginning, a change to the plan, and what the answer then says.
WRONG_PLANS: tuple[tuple[str, Change, str], ...] = (
    ("All subnet", with_inputs("aws:ec2/subnet:Subnet", "public-1", cidrBlock="10.0.9.0/24"), "10.0.9.0/24"),
    ("All subnet", without("aws:ec2/subnet:Subnet", "database-2"), "tradai-database-2-dev: missing"),
    ("All service", with_inputs("aws:lb/targetGroup:TargetGroup", "mlflow", port=5001), "5001 /mlflow/, not 5000"),
    ("All S3", with_inputs("aws:s3/bucket:Bucket", "configs", bucket="configs"), "configs: there, not demanded"),
    (
        "Security groups",
        with_inputs(INGRESS, "alb-ingress-443-0.0.0.0/0", cidrIpv4="10.0.0.0/8"),
        "10.0.0.0/8",
    ),
    ("All 12", with_inputs("aws:dynamodb/table:Table", "deployments", rangeKey=None), "keys strategy_name;"),
    ("All 12", with_inputs("aws:dynamodb/table:Table", "deployments", ttl=None), "ttl none"),
    ("All 12", with_inputs("aws:dynamodb/table:Table", "deployments", globalSecondaryIndexes=None), "indexes none"),
    ("All resources", with_inputs("aws:sns/topic:Topic", "alerts", tags={"Owner": "me"}), "lacks Application"),
    ("Secrets", without("aws:secretsmanager/secret:Secret", "jwt-secret"), "tradai/jwt-secret-dev: missing"),
    (
        "SSL",
        with_inputs(PARAMETERS, "database", parameters=NO_TLS),
        "rds.force_ssl=0, not rds.force_ssl=1",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("title", "change", "said"), WRONG_PLANS, ids=lambda part: str(part)[:40])
def test_a_plan_that_differs_is_a_no_that_names_the_difference(title: str, change: Change, said: str) -> None:
    changed = {
        layer: Run(tuple(kept for found in run if (kept := change(found))), run.outputs)
        for layer, run in runs("dev").items()
    }
    (item,) = [item for item in ITEMS if item.title.startswith(title)]
    line = answer(item, subject_of("dev"), changed, None)
    assert not line.good
    assert said in "\n".join(line.columns["plan"])


def test_without_a_load_balancer_no_target_group_is_demanded() -> None:
    assert demanded.ports(subject_of("dev", compute=ComputeConfig(skip_alb=True))) == {}


@pytest.mark.parametrize(
    ("faults", "network", "said"),
    [
        (demanded.subnet_faults, {"public-1": "10.9.0.0/24"}, "public-1 is outside 10.0.0.0/16"),
        (demanded.subnet_faults, {"public-1": "10.0.2.0/25"}, "public-1 overlaps public-2"),
        (demanded.group_faults, {"private-1": "10.0.31.0/24"}, "nat names 10.0.11.0/24"),
    ],
)
def test_a_configuration_that_contradicts_itself_is_a_no(
    faults: Callable[[Subject], list[str]], network: Mapping[str, str], said: str
) -> None:
    subnets = tuple(row.model_copy(update={"cidr": network.get(row.name, row.cidr)}) for row in NETWORK.subnets)
    settings = settings_for("dev").model_copy(update={"network": NETWORK.model_copy(update={"subnets": subnets})})
    assert any(said in sentence for sentence in faults(replace(subject_of("dev"), settings=settings)))


def test_a_port_that_two_services_share_and_one_without_a_rule_are_a_no() -> None:
    settings = settings_for("dev")
    services = tuple(
        row.model_copy(update={"port": {"mlflow": 8000, "data-collection": 9999}.get(row.name, row.port)})
        for row in settings.services
    )
    said = demanded.port_faults(replace(subject_of("dev"), settings=settings.model_copy(update={"services": services})))
    assert any("backend-api and mlflow share port 8000" in sentence for sentence in said)
    assert any("reach data-collection on 9999" in sentence for sentence in said)


def test_a_document_that_was_not_regenerated_is_a_no(tmp_path: Path) -> None:
    written = tmp_path / "document.md"
    written.write_text(render_document().replace("`10.0.1.0/24`", "`10.0.7.0/24`"))
    assert stale_sections(("3.1 S3 Buckets",), written) == []
    assert "1.2 Subnets" in stale_sections(("1.2 Subnets",), written)[0]
    assert stale_sections(("1.2 Subnets",), tmp_path / "absent.md") == ["absent.md is not there"]


def test_equal_facts_differ_in_nothing_and_others_by_name() -> None:
    assert differences({"a": "1"}, {"a": "1"}) == []
    assert differences({"a": "1", "b": "2"}, {"a": "3", "c": "4"}) == [
        "a: 3, not 1",
        "b: missing, not 2",
        "c: 4, not demanded",
    ]


def test_what_cannot_be_read_is_a_no() -> None:
    def broken(*_: object) -> Mapping[str, str]:
        raise KeyError("nowhere")

    line = answer(replace(ITEMS[0], planned=broken), subject_of("dev"), runs("dev"), None)
    assert "could not be read" in line.columns["plan"][0]


@pytest.mark.parametrize(
    "spelled",
    [{"a": "1"}, [{"Key": "a", "Value": "1"}], [{"key": "a", "value": "1"}], [{"TagKey": "a", "TagValue": "1"}]],
)
def test_tags_are_the_same_however_a_service_spells_them(spelled: Any) -> None:
    assert planned.tags_of(spelled) == {"a": "1"}
    assert planned.tags_of(None) == {}
