"""What the persistent layer declares, per environment, without an engine."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from tests.unit.iac.frozen import frozen
from tests.unit.iac.pulumi_mocks import ACCOUNT, Run, context_for, run_program
from tradai_blueprints.tradai.config.overrides import PersistentConfig
from tradai_blueprints.tradai.config.storage import STORAGE
from tradai_blueprints.tradai.contracts.persistent import PersistentInputs
from tradai_blueprints.tradai.layers.persistent.program import program

BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
REPOSITORY = "aws:ecr/repository:Repository"
POOL = "aws:cognito/userPool:UserPool"
CLIENT = "aws:cognito/userPoolClient:UserPoolClient"
TRAIL = "aws:cloudtrail/trail:Trail"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUCKETS = ("configs", "results", "arcticdb", "logs", "mlflow")


@cache
def deployed(environment: str) -> Run:
    return frozen(declare(environment))


def declare(environment: str, state_bucket: str | None = None, **config: Any) -> Run:
    context = context_for(environment, state_bucket=state_bucket)
    return run_program(program, PersistentConfig(**config), context, PersistentInputs())


def statements(run: Run, bucket: str) -> dict[str, Any]:
    policy = json.loads(run.of("aws:s3/bucketPolicy:BucketPolicy")[bucket]["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_five_buckets_carry_the_names_of_section_3_1() -> None:
    names = {name: inputs["bucket"] for name, inputs in deployed("dev").of(BUCKET).items()}
    assert names == {name: f"tradai-{name}-dev" for name in BUCKETS}


def test_every_bucket_but_the_logs_keeps_versions() -> None:
    versioned = deployed("dev").of("aws:s3/bucketVersioning:BucketVersioning")
    assert set(versioned) == set(BUCKETS) - {"logs"}
    assert all(v["versioningConfiguration"]["status"] == "Enabled" for v in versioned.values())


def test_every_bucket_is_encrypted_with_s3_keys() -> None:
    type_ = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    encrypted = deployed("dev").of(type_)
    assert set(encrypted) == set(BUCKETS)
    for inputs in encrypted.values():
        (rule,) = inputs["rules"]
        assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_every_bucket_blocks_public_access_in_all_four_ways() -> None:
    blocks = deployed("dev").of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
    assert set(blocks) == set(BUCKETS)
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert all(inputs[flag] for inputs in blocks.values() for flag in flags)


def test_results_go_to_glacier_after_thirty_days_and_logs_after_ninety() -> None:
    rules = {name: inputs["rules"][0] for name, inputs in deployed("dev").of(LIFECYCLE).items()}
    assert set(rules) == {"results", "logs"}
    assert rules["results"]["transitions"] == [{"days": 30, "storageClass": "GLACIER"}]
    assert rules["logs"]["expiration"] == {"days": 90}
    assert all(rule["status"] == "Enabled" and rule["filter"] == {"prefix": ""} for rule in rules.values())


@pytest.mark.parametrize("bucket", BUCKETS)
def test_no_bucket_answers_plain_http(bucket: str) -> None:
    deny = statements(deployed("dev"), bucket)["DenyInsecureTransport"]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_only_the_logs_bucket_lets_others_write() -> None:
    allowed = {
        bucket: sorted(sid for sid, s in statements(deployed("dev"), bucket).items() if s["Effect"] == "Allow")
        for bucket in BUCKETS
    }
    writers = ["AllowLoadBalancerLogs", "AllowTrailAclCheck", "AllowTrailWrite"]
    assert allowed == {name: writers if name == "logs" else [] for name in BUCKETS}


def test_log_writers_are_bound_to_this_account() -> None:
    for statement in statements(deployed("prod"), "logs").values():
        if statement["Effect"] == "Allow":
            assert ACCOUNT in json.dumps(statement["Condition"])


@pytest.mark.parametrize(("environment", "protected"), [("dev", False), ("staging", False), ("prod", True)])
def test_production_data_is_protected_from_deletion(environment: str, protected: bool) -> None:
    run = deployed(environment)
    assert {t["deletionProtectionEnabled"] for t in run.of(TABLE).values()} == {protected}
    assert {b["forceDestroy"] for b in run.of(BUCKET).values()} == {not protected}
    assert {r["forceDelete"] for r in run.of(REPOSITORY).values()} == {not protected}
    assert run.one(POOL)["deletionProtection"] == ("ACTIVE" if protected else "INACTIVE")


def test_in_production_the_engine_refuses_to_delete_anything_at_all() -> None:
    production = declare("prod", state_bucket="tradai-pulumi-state-prod")
    assert not [r.name for r in production if not r.protect]
    assert not [r.name for r in deployed("dev") if r.protect]


def test_twelve_tables_are_on_demand_encrypted_and_recoverable_but_for_idempotency() -> None:
    tables = deployed("prod").of(TABLE)
    assert len(tables) == 12
    for name, table in tables.items():
        assert table["name"] == f"tradai-{name}-prod"
        assert table["billingMode"] == "PAY_PER_REQUEST"
        assert table["serverSideEncryption"]["enabled"]
        assert table["pointInTimeRecovery"]["enabled"] is (name != "idempotency")


def test_an_index_projects_as_section_3_2_says() -> None:
    by_status, by_trace = deployed("dev").of(TABLE)["workflow-state"]["globalSecondaryIndexes"]
    assert by_status["keySchemas"] == [
        {"attributeName": "status", "keyType": "HASH"},
        {"attributeName": "created_at", "keyType": "RANGE"},
    ]
    assert (by_status["projectionType"], by_trace["projectionType"]) == ("ALL", "INCLUDE")
    assert by_trace["nonKeyAttributes"] == ["job_id", "status", "created_at", "execution_arn"]


def test_a_table_declares_exactly_the_attributes_of_its_keys() -> None:
    for table in deployed("dev").of(TABLE).values():
        keys = {table["hashKey"], table.get("rangeKey")} - {None}
        for index in table.get("globalSecondaryIndexes", []):
            keys |= {part["attributeName"] for part in index["keySchemas"]}
        assert {attribute["name"] for attribute in table["attributes"]} == keys


def test_a_table_kept_for_audit_has_no_ttl() -> None:
    kept = {name for name, table in deployed("dev").of(TABLE).items() if "ttl" not in table}
    assert kept == {"rollback-state", "infra-drift-state"}


def test_twenty_four_repositories_scan_and_encrypt_and_drop_untagged_images() -> None:
    run = deployed("staging")
    repositories = run.of(REPOSITORY)
    assert len(repositories) == 24
    assert repositories["backend"]["name"] == "tradai/backend-staging"
    assert all(r["imageScanningConfiguration"]["scanOnPush"] for r in repositories.values())
    assert all(r["encryptionConfigurations"] == [{"encryptionType": "AES256"}] for r in repositories.values())
    policies = run.of("aws:ecr/lifecyclePolicy:LifecyclePolicy")
    assert set(policies) == set(repositories)
    (rule,) = json.loads(policies["backend"]["policy"])["rules"]
    assert rule["selection"]["tagStatus"] == "untagged"


def test_the_repository_of_a_service_carries_its_service_tag() -> None:
    tags = {name: inputs["tags"].get("Service") for name, inputs in deployed("dev").of(REPOSITORY).items()}
    assert (tags["backend"], tags["mlflow"], tags["health-check"]) == ("backend-api", "mlflow", None)


def test_a_strategy_gets_a_repository_of_its_own() -> None:
    run = declare("dev", strategy_repositories=["pascal"])
    assert run.of(REPOSITORY)["pascal"]["name"] == "tradai/pascal-dev"
    assert "pascal" in run.outputs["ecr_repository_urls"]


def test_a_strategy_may_not_take_a_fixed_repository() -> None:
    with pytest.raises(ValueError, match="backend"):
        declare("dev", strategy_repositories=["backend"])


def test_the_user_pool_demands_totp_and_long_passwords() -> None:
    pool = deployed("dev").one(POOL)
    assert (pool["name"], pool["mfaConfiguration"]) == ("tradai-users-dev", "ON")
    assert pool["softwareTokenMfaConfiguration"] == {"enabled": True}
    policy = pool["passwordPolicy"]
    assert policy["minimumLength"] == 12
    assert all(policy[f"require{kind}"] for kind in ("Uppercase", "Lowercase", "Numbers", "Symbols"))
    assert pool["accountRecoverySetting"]["recoveryMechanisms"] == [{"name": "verified_email", "priority": 1}]
    assert "userPoolAddOns" not in pool


def test_machines_get_credentials_and_scopes_of_the_resource_server() -> None:
    client = deployed("dev").of(CLIENT)["m2m"]
    assert client["generateSecret"]
    assert client["allowedOauthFlows"] == ["client_credentials"]
    assert client["allowedOauthScopes"] == ["tradai-api-dev/read", "tradai-api-dev/write"]


def test_the_web_client_has_no_secret_and_no_hosted_flow_without_a_place_to_return_to() -> None:
    client = deployed("dev").of(CLIENT)["web"]
    assert (client["generateSecret"], client["allowedOauthFlowsUserPoolClient"]) == (False, False)
    assert "callbackUrls" not in client


def test_the_web_client_sends_people_back_where_configured() -> None:
    client = declare("dev", callback_urls=["https://app.example.com/cb"]).of(CLIENT)["web"]
    assert client["callbackUrls"] == ["https://app.example.com/cb"]
    assert client["allowedOauthFlows"] == ["code"]
    assert client["allowedOauthScopes"] == ["openid", "email", "profile"]


@pytest.mark.parametrize(
    ("environment", "asked", "trails"),
    [("dev", None, 0), ("dev", True, 1), ("dev", False, 0), ("staging", None, 1), ("prod", True, 1)],
)
def test_the_trail_is_optional_in_dev_alone(environment: str, asked: bool | None, trails: int) -> None:
    assert len(declare(environment, cloud_trail=asked).of(TRAIL)) == trails


def test_the_trail_cannot_be_turned_off_in_production() -> None:
    with pytest.raises(ValueError, match="cannot be turned off in prod"):
        declare("prod", cloud_trail=False)


def test_the_trail_writes_to_the_logs_bucket_and_to_cloudwatch() -> None:
    run = deployed("prod")
    trail = run.one(TRAIL)
    assert (trail["name"], trail["s3BucketName"], trail["s3KeyPrefix"]) == (
        "tradai-trail-prod",
        "logs-id",
        "cloudtrail",
    )
    group = run.one("aws:cloudwatch/logGroup:LogGroup")
    assert (group["name"], group["retentionInDays"]) == ("tradai-cloudtrail-prod", 90)
    assert trail["cloudWatchLogsGroupArn"].endswith("tradai-cloudtrail-prod:*")


def test_the_policy_of_the_logs_bucket_names_the_trail_that_is_made() -> None:
    write = statements(deployed("prod"), "logs")["AllowTrailWrite"]
    assert write["Condition"]["StringEquals"]["aws:SourceArn"].endswith(":trail/tradai-trail-prod")


def test_the_state_bucket_is_imported_and_never_made() -> None:
    run = declare("dev", state_bucket="tradai-pulumi-state-dev")
    (state,) = [r for r in run if r.type == BUCKET and r.name == "state"]
    assert state.import_id == state.inputs["bucket"] == "tradai-pulumi-state-dev"
    assert "forceDestroy" not in state.inputs
    assert {r.retain_on_delete for r in run if r.name == "state" and r.custom} == {True}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_old_versions_of_states_go_by_the_rule_that_the_account_was_prepared_with(environment: str) -> None:
    run = declare(environment, state_bucket=f"tradai-pulumi-state-{environment}")
    (declared,) = [r.inputs for r in run if r.type == LIFECYCLE and r.name == "state"]
    (rule,) = STORAGE.old_states.in_s3["Rules"]
    assert declared["bucket"] == "state-id"
    assert declared["rules"] == [
        {
            "id": rule["ID"],
            "status": rule["Status"],
            "filter": {"prefix": rule["Filter"]["Prefix"]},
            "noncurrentVersionExpiration": {
                "noncurrentDays": rule["NoncurrentVersionExpiration"]["NoncurrentDays"],
                "newerNoncurrentVersions": rule["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"],
            },
        }
    ]


@pytest.mark.parametrize("bucket", [None, "somebody-elses-bucket"])
def test_a_state_bucket_that_is_not_ours_is_left_alone(bucket: str | None) -> None:
    run = declare("dev", state_bucket=bucket)
    assert "state" not in run.of(BUCKET)
    assert "state" not in run.of(LIFECYCLE)
    assert run.outputs["pulumi_state_bucket_name"] == (bucket or "")


def test_nothing_but_the_state_bucket_is_imported() -> None:
    run = declare("dev", state_bucket="tradai-pulumi-state-dev")
    assert [r.name for r in run if r.import_id] == ["state"]


def test_packages_have_a_domain_a_repository_and_an_endpoint() -> None:
    run = deployed("dev")
    assert run.one("aws:codeartifact/domain:Domain")["domain"] == "tradai-packages-dev"
    assert run.one("aws:codeartifact/repository:Repository")["repository"] == "tradai-python-dev"
    assert "/pypi/tradai-python-dev/" in run.outputs["codeartifact_repository_endpoint"]


def test_every_export_of_the_contract_has_a_value() -> None:
    outputs = deployed("dev").outputs
    single = [name for name in outputs if name.startswith("dynamodb_") and not name.endswith("s")]
    assert len(single) == 24
    assert len(outputs["dynamodb_table_names"]) == len(outputs["dynamodb_table_arns"]) == 12
    assert {name for name, value in outputs.items() if not value} == {"pulumi_state_bucket_name"}
    assert outputs["dynamodb_workflow_state_table_name"] == "tradai-workflow-state-dev"


@pytest.mark.parametrize("environment", ["dev", "eph-pr1234567890"])
def test_no_two_resources_share_type_and_name(environment: str) -> None:
    count = Counter((r.type, r.name) for r in deployed(environment))
    assert max(count.values()) == 1
