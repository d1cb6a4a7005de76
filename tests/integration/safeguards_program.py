"""Previews of the real engine in which less is kept than before, seen by the planner; records, and judges nothing.

Runs as a process of its own (`python -m tests.integration.safeguards_program RESULT`): the SDK keeps global state.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pulumi_aws as aws
from pulumi import automation as auto

from tradai_blueprints.tradai.declaration import TRADAI
from tradai_runner.plan.changes import Plan, Planner

REGION, OTHER = "eu-central-1", "us-east-1"


class Programs:
    """A program whose resources keep `much` or little; `expires` says whether the second bucket has a lifecycle."""

    def __init__(self) -> None:
        self.much, self.expires = True, False

    def __call__(self) -> None:
        much = self.much
        aws.cloudwatch.LogGroup("log", name="keep-log", retention_in_days=90 if much else 7)
        aws.sqs.Queue("queue", name="keep-queue", message_retention_seconds=1209600 if much else 60)
        aws.secretsmanager.Secret("secret", name="keep-secret", recovery_window_in_days=30 if much else 0)
        aws.cognito.UserPool("pool", name="keep-pool", deletion_protection="ACTIVE" if much else "INACTIVE")
        self._tables()
        self._buckets()
        self._images()

    def _tables(self) -> None:
        aws.dynamodb.Table(
            "table",
            name="keep-table",
            billing_mode="PAY_PER_REQUEST",
            hash_key="id",
            attributes=[aws.dynamodb.TableAttributeArgs(name="id", type="S")],
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=self.much),
            ttl=None if self.much else aws.dynamodb.TableTtlArgs(attribute_name="until", enabled=True),
            deletion_protection_enabled=self.much,
        )

    def _buckets(self) -> None:
        bucket = aws.s3.Bucket("bucket", bucket="keep-bucket", force_destroy=not self.much)
        rules = [_rule("first", 90 if self.much else 30)]
        aws.s3.BucketLifecycleConfiguration("ages", bucket=bucket.id, rules=rules)
        status = "Enabled" if self.much else "Suspended"
        aws.s3.BucketVersioning(
            "versions",
            bucket=bucket.id,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status=status),
        )
        standing = aws.s3.Bucket("standing", bucket="keep-standing")
        if self.expires:
            aws.s3.BucketLifecycleConfiguration("late", bucket=standing.id, rules=[_rule("late", 5)])
            fresh = aws.s3.Bucket("fresh", bucket="keep-fresh")
            aws.s3.BucketLifecycleConfiguration("fresh", bucket=fresh.id, rules=[_rule("fresh", 5)])

    def _images(self) -> None:
        self._repository("images", "expiry", force_delete=not self.much)
        if self.expires:
            self._repository("new-images", "new-expiry")

    def _repository(self, name: str, expiry: str, **more: Any) -> None:
        repository = aws.ecr.Repository(name, name=f"keep/{name}", **more)
        selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 14 if self.much else 1}
        rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
        aws.ecr.LifecyclePolicy(expiry, repository=repository.name, policy=json.dumps({"rules": [rule]}))


def _rule(name: str, days: int) -> Any:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=name,
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )


def previewed(stack: auto.Stack) -> dict[str, Any]:
    """What the planner makes of a preview."""
    planner = Planner(TRADAI)
    stack.preview(on_event=planner.observe)
    plan = Plan(run_id="r", layer="x", environment="dev", state_version="v", changes=planner.changes())
    whole: dict[str, Any] = json.loads(plan.model_dump_json())
    return {"destructive": plan.summary().destructive, "changes": whole["changes"]}


def main(result: Path) -> None:
    """Stands with much kept; previews little, a lifecycle more, the same, and another region."""
    folder, program = tempfile.mkdtemp(prefix="safeguards-"), Programs()
    settings = auto.ProjectSettings("keep", "python", backend=auto.ProjectBackend(f"file://{folder}"))
    options = auto.LocalWorkspaceOptions(work_dir=folder, project_settings=settings)
    stack = auto.create_or_select_stack("dev", "keep", program, opts=options)
    stack.set_config("aws:region", auto.ConfigValue(REGION))
    stack.up()
    seen = {"same": previewed(stack)}
    program.much = False
    seen["less"] = previewed(stack)
    program.much, program.expires = True, True
    seen["lifecycle"] = previewed(stack)
    program.expires = False
    stack.set_config("aws:region", auto.ConfigValue(OTHER))
    seen["region"] = previewed(stack)
    stack.set_config("aws:region", auto.ConfigValue(REGION))
    program.much = False
    stack.up()
    program.much = True
    seen["more"] = previewed(stack)
    result.write_text(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
