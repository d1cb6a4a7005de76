"""What a real account is given, before an environment comes into it."""

import json
import re
import subprocess
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml

from tests.unit.iac.whole_graph import ENVIRONMENTS, graph, module_of, of_type
from tradai_blueprints.tradai.account_rights import RIGHTS
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import (
    Account,
    bootstrap_policy,
    key_policy,
    managed_policies,
    own_policy,
    trust_policy,
)
from tradai_operator.model.spec import Aws
from tradai_operator.model.state import State

ACCOUNT = "123456789012"
REGION = "eu-central-1"
ROWS = [right for rights in RIGHTS.values() for right in rights]

#: Types that a policy finds by name: type token, name input, ARN without its head.
FOUND_BY_NAME = [
    ("aws:s3/bucket:Bucket", "bucket", "s3:::{}"),
    ("aws:dynamodb/table:Table", "name", "dynamodb:HERE:table/{}"),
    ("aws:ecr/repository:Repository", "name", "ecr:HERE:repository/{}"),
    ("aws:codeartifact/domain:Domain", "domain", "codeartifact:HERE:domain/{}"),
    ("aws:rds/instance:Instance", "identifier", "rds:HERE:db:{}"),
    ("aws:rds/subnetGroup:SubnetGroup", "name", "rds:HERE:subgrp:{}"),
    ("aws:rds/parameterGroup:ParameterGroup", "name", "rds:HERE:pg:{}"),
    ("aws:secretsmanager/secret:Secret", "name", "secretsmanager:HERE:secret:{}-AbCdEf"),
    ("aws:iam/role:Role", "name", "iam:ACCOUNT:role/{}"),
    ("aws:iam/instanceProfile:InstanceProfile", "name", "iam:ACCOUNT:instance-profile/{}"),
    ("aws:autoscaling/group:Group", "name", "autoscaling:HERE:autoScalingGroup:u:autoScalingGroupName/{}"),
    ("aws:lambda/function:Function", "name", "lambda:HERE:function:{}"),
    ("aws:ecs/cluster:Cluster", "name", "ecs:HERE:cluster/{}"),
    ("aws:lb/loadBalancer:LoadBalancer", "name", "elasticloadbalancing:HERE:loadbalancer/app/{}/1"),
    ("aws:lb/targetGroup:TargetGroup", "name", "elasticloadbalancing:HERE:targetgroup/{}/1"),
    ("aws:sqs/queue:Queue", "name", "sqs:HERE:{}"),
    ("aws:sns/topic:Topic", "name", "sns:HERE:{}"),
    ("aws:cloudwatch/logGroup:LogGroup", "name", "logs:HERE:log-group:{}"),
    ("aws:cloudwatch/eventRule:EventRule", "name", "events:HERE:rule/{}"),
    ("aws:cloudwatch/dashboard:Dashboard", "dashboardName", "cloudwatch:ACCOUNT:dashboard/{}"),
]  # fmt: skip


def whole(arn: str) -> str:
    return "arn:aws:" + arn.replace("HERE", f"{REGION}:{ACCOUNT}").replace("ACCOUNT", f":{ACCOUNT}")


def prepared(**changes: Any) -> Account:
    return Account(**({"account_id": ACCOUNT, "region": REGION, "environment": "dev"} | changes))


def policy(environment: str = "dev") -> list[dict[str, Any]]:
    return list(bootstrap_policy(prepared(environment=environment))["Statement"])


def allowed(environment: str) -> list[dict[str, Any]]:
    return [statement for statement in policy(environment) if statement["Effect"] == "Allow"]


def text(**changes: Any) -> str:
    external_id, arns = changes.pop("external_id", "id-1"), changes.pop("operator_arns", ())
    return bootstrap_text(prepared(**changes), external_id, arns)


def test_the_role_has_rights_for_exactly_the_modules_that_the_layers_use() -> None:
    used = {module_of(placed.resource.type) for name in ENVIRONMENTS for placed in graph(name)}
    assert {module for right in ROWS for module in right.modules} == used


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(("type_", "key", "arn"), FOUND_BY_NAME, ids=[row[0] for row in FOUND_BY_NAME])
def test_a_resource_found_by_name_is_within_what_may_be_created(
    environment: str, type_: str, key: str, arn: str
) -> None:
    patterns = [p for statement in allowed(environment) for p in statement["Resource"] if p != "*"]
    for placed in of_type(environment, type_):
        name = whole(arn).format(placed.resource.inputs[key])
        assert [p for p in patterns if fnmatchcase(name, p) and not p.endswith(":*")], name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_right_is_a_wildcard_action_on_every_resource(environment: str) -> None:
    for statement in allowed(environment):
        if "*" in statement["Resource"]:
            assert not [action for action in statement["Action"] if "*" in action]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_of_another_environment_can_be_reached_by_name(environment: str) -> None:
    others = [name for name in ENVIRONMENTS if name != environment]
    for statement in allowed(environment):
        for pattern in statement["Resource"]:
            for other in others:
                assert not fnmatchcase(f"arn:aws:s3:::tradai-results-{other}", pattern) or pattern == "*"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_managed_policy_fits_into_what_iam_takes(environment: str) -> None:
    account = Account(account_id=ACCOUNT, region=REGION, environment=environment)
    documents = managed_policies(account)
    assert len(documents) <= 10
    for name, document in documents.items():
        assert len(name) <= 128
        assert len(json.dumps(document, separators=(",", ":"))) <= 6144


def test_the_data_of_a_protected_environment_cannot_be_deleted_but_its_state_written() -> None:
    objects = {
        resource
        for statement in allowed("prod")
        if "s3:DeleteObject" in statement["Action"]
        for resource in statement["Resource"]
    }
    assert objects == {"arn:aws:s3:::tradai-pulumi-state-prod/*"}


def test_the_data_of_a_protected_environment_can_be_deleted_where_the_account_is_told_so() -> None:
    told = bootstrap_policy(prepared(environment="prod", allow_destroy=True))["Statement"]
    deleting = [statement["Resource"] for statement in told if "s3:DeleteObjectVersion" in statement["Action"]]
    assert ["arn:aws:s3:::tradai-*-prod/*"] in deleting
    assert any("ecr:BatchDeleteImage" in statement["Action"] for statement in told)
    assert text(environment="prod") != text(environment="prod", allow_destroy=True)


def test_the_role_cannot_widen_itself_or_drop_the_state_bucket() -> None:
    denied = {
        (action, resource)
        for statement in policy()
        if statement["Effect"] == "Deny"
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    assert ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/tradai-deploy-dev") in denied
    assert ("s3:DeleteBucket", "arn:aws:s3:::tradai-pulumi-state-dev") in denied


def test_tags_cannot_be_put_on_what_belongs_to_somebody_else() -> None:
    tagging = [statement for statement in allowed("dev") if "ec2:CreateTags" in statement["Action"]]
    assert tagging
    assert all("Condition" in statement for statement in tagging)


def test_the_role_is_assumed_with_the_external_id_alone() -> None:
    (statement,) = trust_policy([f"arn:aws:iam::{ACCOUNT}:role/operator"], "id-1")["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "id-1"}}


def test_the_script_is_one_that_a_shell_can_read() -> None:
    checked = subprocess.run(["bash", "-n"], input=text(), text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    "part",
    [
        "put-bucket-versioning --bucket tradai-pulumi-state-dev --versioning-configuration Status=Enabled",
        "put-bucket-encryption --bucket tradai-pulumi-state-dev",
        "# Old versions go after 30 days, but for the newest 20 of each object.",
        "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true",
        "LocationConstraint=eu-central-1",
        "aws kms create-key",
        "create-role --role-name tradai-deploy-dev",
        "assumeRoleArn: arn:aws:iam::123456789012:role/tradai-deploy-dev",
        "backendUrl: s3://tradai-pulumi-state-dev",
    ],
)
def test_the_script_prepares_bucket_key_and_role_and_says_what_to_write(part: str) -> None:
    assert part in text()


def test_what_it_says_to_write_has_no_field_that_the_resource_lacks() -> None:
    """The external id is the resource's own namespace and name, which nobody writes."""
    told = re.search(r"<<'SPEC'\n(.*?)\nSPEC\n", text(), re.DOTALL)
    assert told
    spec = yaml.safe_load(told[1])["spec"]
    assert Aws.model_validate(spec["aws"]).account_id == ACCOUNT
    opener = {"passphraseSecretRef": {"name": "tradai-state", "key": "passphrase"}}
    assert State.model_validate({**spec["state"], "secrets": opener}).backend_url == "s3://tradai-pulumi-state-dev"


def test_the_first_region_takes_no_location() -> None:
    assert "LocationConstraint" not in text(region="us-east-1")


def test_every_policy_in_the_script_is_the_one_that_is_computed() -> None:
    account = Account(account_id=ACCOUNT, region=REGION, environment="dev")
    printed = re.findall(r"/(\S+)[.]json\" <<'POLICY'\n(.*)\nPOLICY", text())
    expected = {**managed_policies(account), "own": own_policy(account)}
    assert {name: json.loads(document) for name, document in printed} == expected


def test_the_script_gives_what_opens_the_states_to_the_identities_of_operator_and_runners() -> None:
    arns = [f"arn:aws:iam::{ACCOUNT}:role/tradai-operator", f"arn:aws:iam::{ACCOUNT}:user/ci/runner"]
    said = text(operator_arns=arns)
    assert all(f'"{arn}"' in said for arn in arns), "both may assume the deploy role"
    for kind, name in (("role", "tradai-operator"), ("user", "runner")):
        for policy, file in (("tradai-operator-state-dev", "own"), ("tradai-operator-state-key-dev", "key")):
            given = rf"put-{kind}-policy --{kind}-name {name} [\\\s]*--policy-name {policy} "
            asked = rf"{given}[\\\s]*--policy-document \S*{file}.json"
            assert re.search(asked, said), (name, policy)
    assert "put-bucket-policy" not in said
    assert "Give this policy" not in said


def test_whom_the_account_cannot_give_policies_to_is_let_in_by_bucket_and_key_and_told() -> None:
    foreign = "arn:aws:iam::999999999999:role/tradai-operator"
    said = text(operator_arns=[foreign])
    printed = re.findall(r"bucket[.]json\" <<'POLICY'\n(.*)\nPOLICY", said)
    assert {s["Principal"]["AWS"][0] for s in json.loads(printed[0])["Statement"]} == {foreign}
    assert f"--grantee-principal {foreign} --operations Decrypt Encrypt" in said
    assert "Give this policy to whatever operator and runners run as, in its own account" in said
    assert "Give this policy to whatever operator and runners run as:" in text()


def test_the_policy_of_the_key_is_whole_once_the_key_is_there() -> None:
    (line,) = re.findall(r"^test -z .*key.json\"$", text(), re.M)
    command = line.replace('"$work/key.json"', "/dev/stdout")
    ran = subprocess.run(["bash", "-c", f"key_arn=arn:aws:kms:x:1:key/k; {command}"], text=True, capture_output=True)
    assert json.loads(ran.stdout) == key_policy("arn:aws:kms:x:1:key/k")
    assert subprocess.run(["bash", "-c", f"key_arn=; {command}"], text=True, capture_output=True).stdout == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_id": "12"},
        {"region": "nowhere"},
        {"environment": "production"},
        {"external_id": "$(reboot)"},
        {"operator_arns": ["me"]},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_argument_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        text(**wrong)
