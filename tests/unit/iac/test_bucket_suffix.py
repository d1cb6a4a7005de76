"""The suffix of names that exist once in the world: buckets take it and nothing else, and without it nothing moves."""

import json
from dataclasses import replace
from functools import cache
from typing import Any, Final

import pytest
from pydantic import ValidationError

from tradai_blueprints.sample.declaration import SAMPLE
from tradai_blueprints.tradai.config.document.values import COMMON
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.account_script import bootstrap_text
from tradai_iac.accounts import Account, bootstrap_policy, managed_policies
from tradai_iac.iam.evaluate import Call, decide
from tradai_iac.iam.policies import statements
from tradai_iac.immutable import changes
from tradai_iac.naming import LIMITS, Naming
from tradai_iac.rendering import render
from tradai_iac.testing import Run
from tradai_runner.state.checkpoint import Recorded

ACCOUNT, REGION = "123456789012", "eu-central-1"
BUCKET = "aws:s3/bucket:Bucket"
STATE: Final = "tradai-pulumi-state-dev"
#: As 002 §3.1 spells them, and the state's.
DOCUMENTED: Final = {f"tradai-{name}-dev" for name in ("configs", "results", "arcticdb", "logs", "mlflow")} | {STATE}
LONGEST: Final = "x" * 16


@cache
def persistent(suffix: str) -> Run:
    bucket = f"{STATE}-{suffix}" if suffix else STATE
    return render(replace(TRADAI, layers=TRADAI.layers[:1]), "dev", REGION, {}, bucket, suffix)["persistent"]


def names(run: Run) -> set[str]:
    return {inputs["bucket"] for inputs in run.of(BUCKET).values()}


def text(run: Run) -> str:
    """All that it registers and exports; the order in which it does may differ from time to time."""
    told = {f"{each.type} {each.name}": [dict(each.inputs), each.import_id] for each in run}
    return json.dumps([told, dict(run.outputs)], sort_keys=True, default=str)


def prepared(suffix: str) -> Account:
    return Account(account_id=ACCOUNT, region=REGION, environment="dev", bucket_suffix=suffix)


def policy(suffix: str) -> dict[str, Any]:
    return bootstrap_policy(prepared(suffix))


def test_without_a_suffix_the_names_are_those_of_the_documents() -> None:
    assert names(persistent("")) == DOCUMENTED


def test_with_one_every_bucket_ends_with_it_and_nothing_else_differs() -> None:
    assert names(persistent("acme")) == {f"{name}-acme" for name in DOCUMENTED}
    assert text(persistent("acme")).replace("-dev-acme", "-dev") == text(persistent(""))
    assert text(persistent("acme")) != text(persistent(""))


@pytest.mark.parametrize("kind", [*LIMITS, ""])
def test_only_names_that_exist_once_in_the_world_take_it(kind: str) -> None:
    plain, ended = (Naming("tradai", "dev", suffix).name("x", kind=kind) for suffix in ("", "acme"))
    assert ended == (f"{plain}-acme" if kind == "s3-bucket" else plain)


def test_it_comes_after_a_suffix_that_the_name_has_anyway() -> None:
    assert Naming("p", "dev", "acme").name("files", ACCOUNT, kind="s3-bucket") == f"p-files-dev-{ACCOUNT}-acme"


@pytest.mark.parametrize(
    ("project", "components"),
    [
        (TRADAI.project, [*(bucket.name for bucket in COMMON.storage.buckets), COMMON.storage.state_bucket]),
        (SAMPLE.project, [f"files-{ACCOUNT}"]),
    ],
)
def test_the_longest_names_fit_as_they_are_spelled(project: str, components: list[str]) -> None:
    for component in components:
        name = Naming(project, "eph-12345678", LONGEST).name(component, kind="s3-bucket")
        assert len(name) <= 63
        assert name == f"{project}-{component}-eph-12345678-{LONGEST}"


def test_the_deploying_role_reaches_those_buckets_and_no_others() -> None:
    rules = statements(policy("acme"))

    def may(action: str, resource: str) -> bool:
        return decide(rules, Call(action, f"arn:aws:s3:::{resource}", {})).allowed

    for name in DOCUMENTED:
        assert may("s3:CreateBucket", f"{name}-acme") and not may("s3:CreateBucket", name)
    assert may("s3:PutObject", f"{STATE}-acme/key") and not may("s3:PutObject", f"{STATE}/key")
    assert may("s3:DeleteObjectVersion", "tradai-logs-dev-acme/key")
    assert not may("s3:DeleteBucket", f"{STATE}-acme") and not may("s3:DeleteObjectVersion", f"{STATE}-acme/key")


def test_nothing_else_of_an_account_differs() -> None:
    def script(suffix: str) -> str:
        return bootstrap_text(prepared(suffix), "id-1")

    assert json.dumps(policy("acme")).replace("-dev-acme", "-dev") == json.dumps(policy(""))
    assert script("acme").replace("-dev-acme", "-dev") == script("")
    assert f"--bucket {STATE}-acme" in script("acme")


def test_the_policies_fit_with_the_longest() -> None:
    account = Account(account_id=ACCOUNT, region=REGION, environment="eph-12345678", bucket_suffix=LONGEST)
    assert all(len(json.dumps(d, separators=(",", ":"))) <= 6144 for d in managed_policies(account).values())


@pytest.mark.parametrize("suffix", ["ac-me", "Acme", "a.c.m.e", "ab", "x" * 17, "s3alias", "acme\n", "*"])
def test_what_no_bucket_may_end_with_is_refused(suffix: str) -> None:
    with pytest.raises(ValidationError, match="bucket_suffix"):
        Account(account_id=ACCOUNT, region=REGION, environment="dev", bucket_suffix=suffix)


@pytest.mark.parametrize(("before", "after"), [("", "acme"), ("acme", ""), ("acme", "other")])
def test_buckets_that_stand_keep_theirs_whatever_a_new_resource_says(before: str, after: str) -> None:
    """A resource that was deleted and made again finds what stands there by the names that it has."""
    stands = [
        Recorded("urn", BUCKET, name, f"{name}-id", inputs, {}, False, False)
        for name, inputs in persistent(before).of(BUCKET).items()
    ]
    registered = {(each.type, each.name): each.inputs for each in persistent(after)}
    found = changes(TRADAI.immutable, stands, registered, ())
    assert {change.migration for change in found if change.rule.property == "bucket"} == {
        f"bucket-name:{known.name}" for known in stands
    }
