"""What the stack programs register for each item, rendered without an engine or a network.

Must never ask the configuration: it reads the graph alone.
"""

import importlib
import keyword
from collections.abc import Iterator, Mapping
from typing import Any

from tradai_blueprints.tradai.checklist.demanded import cidr_rule, index_text, listed, table_text
from tradai_blueprints.tradai.checklist.subject import Subject
from tradai_iac.checklist import Facts
from tradai_iac.core.tagging import takes_tags
from tradai_iac.testing import Recorded, Run

Graph = Mapping[str, Run]


def _of(graph: Graph, type_: str) -> Iterator[Recorded]:
    return (found for run in graph.values() for found in run if found.type == type_)


def subnets(graph: Graph, subject: Subject) -> Facts:
    """Every VPC and subnet by its Name tag."""
    del subject
    vpcs = {found.inputs["tags"]["Name"]: found.inputs["cidrBlock"] for found in _of(graph, "aws:ec2/vpc:Vpc")}
    rows = {
        found.inputs["tags"]["Name"]: f"{found.inputs['cidrBlock']} {found.inputs['availabilityZone']}"
        for found in _of(graph, "aws:ec2/subnet:Subnet")
    }
    return {**vpcs, **rows}


def ports(graph: Graph, subject: Subject) -> Facts:
    """Every target group."""
    del subject
    return {
        found.inputs["name"]: f"{int(found.inputs['port'])} {found.inputs['healthCheck']['path']}"
        for found in _of(graph, "aws:lb/targetGroup:TargetGroup")
    }


def buckets(graph: Graph, subject: Subject) -> Facts:
    """Every bucket but the state's, which is taken over and no row of 002 §3.1."""
    del subject
    found = (bucket for bucket in _of(graph, "aws:s3/bucket:Bucket") if bucket.import_id is None)
    return {bucket.inputs["bucket"]: "there" for bucket in found}


def group_cidrs(graph: Graph, subject: Subject) -> Facts:
    """Every security group with its rules that name a CIDR; a rule knows its group by id."""
    del subject
    names = {f"{found.name}-id": found.inputs["name"] for found in _of(graph, "aws:ec2/securityGroup:SecurityGroup")}
    rules: dict[str, list[str]] = {name: [] for name in names.values()}
    for direction in ("ingress", "egress"):
        kind = f"SecurityGroup{direction.title()}Rule"
        for found in _of(graph, f"aws:vpc/s{kind[1:]}:{kind}"):
            if cidr := found.inputs.get("cidrIpv4"):
                ports_ = int(found.inputs.get("fromPort", -1)), int(found.inputs.get("toPort", -1))
                rules[names[found.inputs["securityGroupId"]]].append(cidr_rule(direction, *ports_, cidr))
    return {name: listed(each) for name, each in rules.items()}


def tables(graph: Graph, subject: Subject) -> Facts:
    """Every table."""
    del subject
    return {found.inputs["name"]: _table(found.inputs) for found in _of(graph, "aws:dynamodb/table:Table")}


def _table(inputs: Mapping[str, Any]) -> str:
    keys = [inputs["hashKey"], *([inputs["rangeKey"]] if inputs.get("rangeKey") else [])]
    indexes = (
        index_text(
            index["name"],
            [part["attributeName"] for part in index["keySchemas"]],
            index["projectionType"],
            index.get("nonKeyAttributes", []),
        )
        for index in inputs.get("globalSecondaryIndexes", [])
    )
    return table_text(keys, indexes, inputs.get("ttl", {}).get("attributeName"))


def tags(graph: Graph, subject: Subject) -> Facts:
    """Every taggable resource that lacks a required tag or has another value there."""
    required = subject.settings.tags.required(subject.naming.environment)
    facts: dict[str, str] = {}
    for run in graph.values():
        for found in run:
            if found.type.startswith("aws:") and _taggable(found.type):
                lacking = lacks(required, tags_of(found.inputs.get("tags")))
                facts |= {f"{found.type} {found.name}": lacking} if lacking else {}
    return facts


def lacks(required: Mapping[str, str], tags: Mapping[str, str]) -> str:
    """Which required tags are missing or different, '' where none is."""
    wrong = [key for key, value in required.items() if tags.get(key) != value]
    return f"lacks {listed(wrong)}" if wrong else ""


def tags_of(found: Any) -> dict[str, str]:
    """Tags as a mapping, however a type or a service of AWS spells them."""
    if isinstance(found, Mapping):
        return {str(key): str(value) for key, value in found.items()}
    pairs = [{key.lower().removeprefix("tag"): value for key, value in entry.items()} for entry in found or []]
    return {pair["key"]: pair["value"] for pair in pairs}


def _taggable(type_: str) -> bool:
    module = type_.split(":")[1].split("/")[0]
    spelled = f"{module}_" if keyword.iskeyword(module) else module
    return takes_tags(getattr(importlib.import_module(f"pulumi_aws.{spelled}"), type_.rsplit(":", 1)[1]))


def secrets(graph: Graph, subject: Subject) -> Facts:
    """Every secret that has a name of ours."""
    del subject
    return {found.inputs["name"]: "there" for found in _of(graph, "aws:secretsmanager/secret:Secret")}


def ssl(graph: Graph, subject: Subject) -> Facts:
    """What the parameter group of every database says of TLS."""
    del subject
    groups = {found.inputs["name"]: found.inputs for found in _of(graph, "aws:rds/parameterGroup:ParameterGroup")}
    used = [found.inputs["parameterGroupName"] for found in _of(graph, "aws:rds/instance:Instance")]
    return {
        name: ", ".join(f"{p['name']}={p['value']}" for p in groups[name]["parameters"] if p["name"] == "rds.force_ssl")
        for name in used
    }
