"""A small stack of one resource a type, made anew each round: a process of its own, as the engine's SDK wants it.

`python -m tests.integration.replacing_program REQUEST`: a file with operation, round and how replacements go.
Must never look at what it makes: the tests do.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

import pulumi
import pulumi_aws as aws
from pulumi import automation as auto

from tradai_iac.backend import engine_url
from tradai_iac.core.tagging import urn_tag
from tradai_iac.tags import URN_TAG

PROJECT: Final = "replacing"
REGION: Final = "eu-central-1"
#: Name of each resource → its type.
TYPES: Final = {
    "table": "aws:dynamodb/table:Table",
    "queue": "aws:sqs/queue:Queue",
    "role": "aws:iam/role:Role",
    "logs": "aws:cloudwatch/logGroup:LogGroup",
    "bucket": "aws:s3/bucket:Bucket",
    "database": "aws:rds/instance:Instance",
    "network": "aws:ec2/vpc:Vpc",
}
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def program(stack: str, round_: int, only: list[str], *, first: bool) -> None:
    """One of each; a later round replaces all, `first` with the same names and so the old one deleted first."""
    for name in only:
        tags = {URN_TAG: urn_tag(PROJECT, stack, TYPES[name], name)}
        options = pulumi.ResourceOptions()
        called = f"{stack}-{name}" if first else f"{stack}-{name}-{round_}"
        if first:
            tags["Round"] = str(round_)
            options = pulumi.ResourceOptions(delete_before_replace=True, replace_on_changes=["tags"])
        _make(name, called, round_ if not first else 0, {"tags": tags, "opts": options})


def _make(name: str, called: str, round_: int, common: dict[str, Any]) -> None:
    if name == "table":
        aws.dynamodb.Table(
            name,
            name=called,
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
            **common,
        )
    elif name == "queue":
        aws.sqs.Queue(name, name=called, **common)
    elif name == "role":
        aws.iam.Role(name, name=called, assume_role_policy=json.dumps(_TRUST), **common)
    elif name == "logs":
        aws.cloudwatch.LogGroup(name, name=called, **common)
    elif name == "bucket":
        aws.s3.Bucket(name, bucket=called, **common)
    elif name == "database":
        aws.rds.Instance(
            name,
            identifier=called,
            engine="postgres",
            instance_class="db.t4g.micro",
            allocated_storage=20,
            username=f"it{round_}",  # what a new name alone would not replace
            password="not-a-secret",
            skip_final_snapshot=True,
            **common,
        )
    else:
        aws.ec2.Vpc(name, cidr_block=f"10.{round_}.0.0/16", **common)


def main(path: Path, makes: Callable[..., None] = program) -> None:
    """Does what the request says; `makes` is called as `program`."""
    asked = json.loads(path.read_text())
    stack, backend = asked["stack"], engine_url("s3://tradai-pulumi-state-dev", REGION, asked["endpoint"])
    opened = auto.create_or_select_stack(
        stack,
        PROJECT,
        lambda: makes(stack, asked["round"], asked["only"], first=asked["first"]),
        opts=auto.LocalWorkspaceOptions(
            work_dir=str(path.parent),
            project_settings=auto.ProjectSettings(PROJECT, "python", backend=auto.ProjectBackend(backend)),
            env_vars={"PULUMI_BACKEND_URL": backend},
        ),
    )
    opened.set_config("aws:region", auto.ConfigValue(REGION))
    more = {"target": asked["targets"]} if asked["targets"] else {}
    if asked["operation"] != "destroy":
        more |= {"parallel": 16}
    cast("Any", getattr(opened, asked["operation"]))(color="never", on_output=print, **more)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
