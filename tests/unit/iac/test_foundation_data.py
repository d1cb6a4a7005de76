"""The foundation layer's database, queues, topics and secrets (002 §3.3, §6, §8, §10; 001 §5)."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.iac.foundation_runs import ENVIRONMENTS, declare, deployed
from tradai_blueprints.tradai.contracts.foundation import FoundationOutputs

DATABASE = "aws:rds/instance:Instance"
QUEUE = "aws:sqs/queue:Queue"
TOPIC = "aws:sns/topic:Topic"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
NAMES = ("database-url", "mlflow-credentials", "binance-api", "jwt-secret")


@pytest.mark.parametrize(
    ("environment", "size", "storage", "standby", "backups", "protected"),
    [
        ("dev", "db.t4g.micro", 20, False, 7, False),
        ("staging", "db.t4g.micro", 20, False, 7, False),
        ("prod", "db.t4g.small", 50, True, 14, True),
        ("eph-pr1234", "db.t4g.micro", 20, False, 7, False),
    ],
)
def test_the_database_is_as_sections_3_3_and_10_say(
    environment: str, size: str, storage: int, standby: bool, backups: int, protected: bool
) -> None:
    database = deployed(environment).one(DATABASE)
    assert (database["engine"], database["engineVersion"]) == ("postgres", "15.13")
    assert (database["instanceClass"], database["allocatedStorage"]) == (size, storage)
    assert (database["multiAz"], database["backupRetentionPeriod"]) == (standby, backups)
    assert (database["deletionProtection"], database["skipFinalSnapshot"]) == (protected, not protected)
    assert database["storageType"] == "gp3"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_database_is_private_encrypted_and_knows_its_own_password(environment: str) -> None:
    database = deployed(environment).one(DATABASE)
    assert database["publiclyAccessible"] is False
    assert database["storageEncrypted"] is True
    assert database["manageMasterUserPassword"] is True
    assert "password" not in database
    assert database["vpcSecurityGroupIds"] == ["rds-id"]


def test_a_production_database_leaves_a_snapshot_that_names_its_vpc() -> None:
    assert deployed("prod").one(DATABASE)["finalSnapshotIdentifier"] == "tradai-database-prod-final-vpc-id"
    assert "finalSnapshotIdentifier" not in deployed("dev").one(DATABASE)


def test_the_database_stays_at_the_documented_version() -> None:
    assert deployed("prod").one(DATABASE)["autoMinorVersionUpgrade"] is False


def database(**config: Any) -> Any:
    (found,) = [resource for resource in declare("prod", **config) if resource.type == DATABASE]
    return found


def test_a_minor_upgrade_that_aws_forces_is_no_difference() -> None:
    assert database().ignored == ("engineVersion",)


def test_a_version_that_the_spec_names_is_what_the_database_gets() -> None:
    asked = database(database_version="15.14")
    assert (asked.inputs["engineVersion"], asked.ignored) == ("15.14", ())


@pytest.mark.parametrize("version", ["16.1", "15", "15.0", "15.13.1", "latest", ""])
def test_another_major_version_or_none_is_refused(version: str) -> None:
    with pytest.raises(ValidationError, match="database_version"):
        declare("dev", database_version=version)


def test_the_database_demands_tls() -> None:
    group = deployed("dev").one("aws:rds/parameterGroup:ParameterGroup")
    assert group["family"] == "postgres15"
    assert group["parameters"] == [{"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"}]


def test_the_database_stands_in_its_own_tier() -> None:
    assert deployed("dev").one("aws:rds/subnetGroup:SubnetGroup")["subnetIds"] == [
        "database-1-id",
        "database-2-id",
    ]


def test_its_credentials_rotate_every_thirty_days_without_a_function_of_ours() -> None:
    run = deployed("dev")
    rotation = run.one("aws:secretsmanager/secretRotation:SecretRotation")
    assert rotation["secretId"] == run.outputs["rds_secret_arn"]
    assert rotation["rotationRules"] == {"automaticallyAfterDays": 30}
    assert "rotationLambdaArn" not in rotation


def test_the_alerts_topic_hears_how_a_rotation_ended() -> None:
    run = deployed("dev")
    pattern: dict[str, Any] = json.loads(run.of("aws:cloudwatch/eventRule:EventRule")["rds-rotation"]["eventPattern"])
    assert pattern["source"] == ["aws.secretsmanager"]
    assert "RotationFailed" in pattern["detail"]["eventName"]
    assert pattern["detail"]["additionalEventData"]["SecretId"] == [run.outputs["rds_secret_arn"]]
    target = run.of("aws:cloudwatch/eventTarget:EventTarget")["rds-rotation"]
    assert target["arn"] == run.outputs["sns_alerts_topic_arn"]


def test_the_queue_is_that_of_section_6_1() -> None:
    queue = deployed("staging").of(QUEUE)["backtest-queue"]
    assert queue["name"] == "tradai-backtest-queue-staging.fifo"
    assert queue["fifoQueue"] and queue["contentBasedDeduplication"]
    assert queue["visibilityTimeoutSeconds"] == 900
    assert queue["messageRetentionSeconds"] == 345600
    assert queue["receiveWaitTimeSeconds"] == 20


def test_a_request_that_fails_three_times_goes_to_the_dead_letters() -> None:
    run = deployed("staging")
    redrive = json.loads(run.of(QUEUE)["backtest-queue"]["redrivePolicy"])
    assert redrive == {"deadLetterTargetArn": run.outputs["backtest_dlq_arn"], "maxReceiveCount": 3}
    dead = run.of(QUEUE)["backtest-dlq"]
    assert dead["name"] == "tradai-backtest-dlq-staging.fifo"
    assert dead["fifoQueue"] and dead["messageRetentionSeconds"] == 1209600


def test_people_are_subscribed_to_alerts_alone() -> None:
    run = declare("dev", alert_emails=["ops@example.com", "cto@example.com"])
    assert {t["name"] for t in run.of(TOPIC).values()} == {"tradai-alerts-dev", "tradai-registration-dev"}
    subscriptions = run.of(SUBSCRIPTION).values()
    assert {s["endpoint"] for s in subscriptions} == {"ops@example.com", "cto@example.com"}
    assert {s["topic"] for s in subscriptions} == {run.outputs["sns_alerts_topic_arn"]}
    assert {s["protocol"] for s in subscriptions} == {"email"}


def test_nobody_is_subscribed_unasked() -> None:
    assert deployed("dev").of(SUBSCRIPTION) == {}


def test_only_services_for_this_account_publish_alerts() -> None:
    policy = json.loads(deployed("dev").one("aws:sns/topicPolicy:TopicPolicy")["policy"])
    sources = {
        statement["Principal"]["Service"]: statement["Condition"]["ArnLike"]["aws:SourceArn"]
        for statement in policy["Statement"]
    }
    assert sources == {
        "events.amazonaws.com": "arn:aws:events:eu-central-1:123456789012:rule/*",
        "cloudwatch.amazonaws.com": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*",
    }


def test_the_four_secrets_of_section_8_exist_even_without_values() -> None:
    run = deployed("dev")
    assert {s["name"] for s in run.of(SECRET).values()} == {f"tradai/{name}-dev" for name in NAMES}
    assert run.of(VERSION) == {}
    assert set(run.outputs["secret_arns"]) == set(NAMES)


def test_a_value_that_is_given_goes_in_and_nothing_else_does() -> None:
    run = declare("dev", secrets={"binance-api": "key:secret"})
    versions = run.of(VERSION)
    assert set(versions) == {"binance-api"}
    assert "key:secret" in str(versions["binance-api"]["secretString"])
    others = [r for r in run if r.type != VERSION]
    assert not any("key:secret" in str(r.inputs) for r in others)
    assert "key:secret" not in str(run.outputs)


@pytest.mark.parametrize(("environment", "days"), [("dev", 0), ("prod", 30)])
def test_a_deleted_secret_of_production_can_be_had_back(environment: str, days: int) -> None:
    assert {s["recoveryWindowInDays"] for s in deployed(environment).of(SECRET).values()} == {days}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_output_of_the_contract_has_a_value(environment: str) -> None:
    outputs = deployed(environment).outputs
    assert set(outputs) == set(FoundationOutputs.__dataclass_fields__)
    empty = {name for name, value in outputs.items() if value is None}
    assert empty <= {"consolidated_security_group_id"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_taggable_carries_the_required_tags(environment: str) -> None:
    required = {"Application", "Environment", "ManagedBy", "CostCenter", "Owner", "tradai:urn"}
    tagged = [r for r in deployed(environment) if isinstance(r.inputs.get("tags"), dict)]
    assert len(tagged) > 70
    assert all(required <= set(r.inputs["tags"]) for r in tagged)


@pytest.mark.parametrize("unknown", [{"cidr": "10.1.0.0/16"}, {"alertEmails": ["nobody"]}])
def test_a_configuration_that_is_none_is_refused(unknown: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        declare("dev", **unknown)
