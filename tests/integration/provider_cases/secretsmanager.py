"""Secrets, their values and their rotation."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _secret(aws: Aws, state: Props) -> Any:
    found = aws("secretsmanager").describe_secret(SecretId=state["id"])
    return {"says": found["Description"], "tags": {t["Key"]: t["Value"] for t in found["Tags"]}}


def _value(aws: Aws, state: Props) -> Any:
    found = aws("secretsmanager").get_secret_value(SecretId=state["secretId"])
    return [found["SecretString"], sorted(found["VersionStages"])]


def _rotation(aws: Aws, state: Props) -> Any:
    return aws("secretsmanager").describe_secret(SecretId=state["id"])["RotationRules"]["AutomaticallyAfterDays"]


CASES: Final = (
    Case(
        "secretsmanager.secret",
        "aws:secretsmanager/secret:Secret",
        {"name": "case/secret", "description": "one", "recovery_window_in_days": 0, "tags": {"a": "1"}},
        _secret,
        {"says": "one", "tags": {"a": "1"}},
        update={"description": "two", "tags": {"b": "2"}},
        updated={"says": "two", "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("secretsmanager").update_secret(SecretId=state["id"], Description="three"),
        drifted=frozenset({"description"}),
        replace={"name": "case/secret-2"},
        not_imported=frozenset({"recoveryWindowInDays"}),
    ),
    Case(
        "secretsmanager.version",
        "aws:secretsmanager/secretVersion:SecretVersion",
        {
            "secret_id": Ref("secretsmanager.secret", "id"),
            "secret_string": "open sesame",
            "version_stages": ["AWSCURRENT", "spoken"],
        },
        _value,
        ["open sesame", ["AWSCURRENT", "spoken"]],
        update={"version_stages": ["AWSCURRENT", "whispered"]},
        updated=["open sesame", ["AWSCURRENT", "whispered"]],
        # another label: one that moves to the new version cannot be taken off the old one afterwards
        replace={"secret_string": "open barley", "version_stages": ["AWSCURRENT", "shouted"]},
        not_imported=frozenset({"versionStages"}),  # whoever rotates moves labels too: an import takes none for its own
    ),
    Case(
        "secretsmanager.rotated",
        "aws:secretsmanager/secret:Secret",
        {"name": "case/rotated", "description": "none", "recovery_window_in_days": 0, "tags": {"a": "1"}},
        _secret,
        {"says": "none", "tags": {"a": "1"}},
        not_imported=frozenset({"recoveryWindowInDays"}),
    ),
    Case(
        "secretsmanager.rotation",
        "aws:secretsmanager/secretRotation:SecretRotation",
        {
            "secret_id": Ref("secretsmanager.rotated", "id"),
            "rotation_rules": {"automatically_after_days": 30},
            "rotate_immediately": False,
        },
        _rotation,
        30,
        update={"rotation_rules": {"automatically_after_days": 10}},
        updated=10,
        not_imported=frozenset({"rotateImmediately"}),
        retained=True,
    ),
)
