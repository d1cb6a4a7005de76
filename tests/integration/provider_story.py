"""A few small programs on the real engine, for what only the engine can show; records, and judges nothing.

Runs as a process of its own (`python -m tests.integration.provider_story RESULT`): the SDK keeps global state.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pulumi
import pulumi_aws as aws
from pulumi import automation as auto

REGION = "eu-central-1"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def client(service: str) -> Any:
    """A plain boto3 client."""
    make: Any = boto3.client
    return make(service, region_name=REGION)


def stack(name: str, program: Callable[[], None]) -> auto.Stack:
    """A stack of its own project, whose provider puts a default tag on everything."""
    folder = tempfile.mkdtemp(prefix="provider-story-")
    settings = auto.ProjectSettings(name, "python", backend=auto.ProjectBackend(f"file://{folder}"))
    options = auto.LocalWorkspaceOptions(work_dir=folder, project_settings=settings)
    made = auto.create_or_select_stack("dev", name, program, opts=options)
    made.set_config("aws:region", auto.ConfigValue(REGION))
    made.set_config("aws:defaultTags", auto.ConfigValue(json.dumps({"tags": {"Application": "story"}})))
    return made


def error_of(made: auto.Stack) -> str:
    """What an up that must fail says."""
    try:
        made.up()
    except auto.CommandError as error:
        return str(error)
    return ""


def main_program(*, imported: bool = False) -> Callable[[], None]:
    """A queue with a made-up name, a secret with its value, a role, look-ups; perhaps an imported bucket."""

    def program() -> None:
        queue = aws.sqs.Queue("nameless", tags={"own": "tag"})
        secret = aws.secretsmanager.Secret("secret", name="story/secret", recovery_window_in_days=0)
        hidden = pulumi.Output.secret("open sesame")
        aws.secretsmanager.SecretVersion("value", secret_id=secret.id, secret_string=hidden)
        aws.iam.Role("role", name="story-role", assume_role_policy=TRUST)
        if imported:
            options = pulumi.ResourceOptions(import_="story-bucket", retain_on_delete=True)
            aws.s3.Bucket("bucket", bucket="story-bucket", tags={"Application": "story"}, opts=options)
        pulumi.export("made_up", queue.name)
        pulumi.export("account", aws.get_caller_identity().account_id)
        pulumi.export("region", aws.get_region().region)
        pulumi.export("parameter", aws.ssm.get_parameter(name="/story").insecure_value)
        for architecture in ("arm64", "x86_64"):
            pulumi.export(architecture, _image(architecture))

    return program


def _image(architecture: str) -> dict[str, Any]:
    """The latest Amazon Linux 2023 for an architecture, as a program looks it up."""
    filters = [
        aws.ec2.GetAmiFilterArgs(name="name", values=[f"al2023-ami-2023*-kernel-6.1-{architecture}"]),
        aws.ec2.GetAmiFilterArgs(name="architecture", values=[architecture]),
    ]
    found = aws.ec2.get_ami(owners=["amazon"], filters=filters, most_recent=True)
    names = ("id", "name", "architecture", "root_device_name")
    return {name: getattr(found, name) for name in names}


def tell_main() -> dict[str, Any]:
    """Preview, up, up again, a resource that vanishes, an import."""
    client("ssm").put_parameter(Name="/story", Value="from outside", Type="String")
    client("s3").create_bucket(Bucket="story-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    tagging = {"TagSet": [{"Key": "Application", "Value": "story"}]}
    client("s3").put_bucket_tagging(Bucket="story-bucket", Tagging=tagging)
    made, told = stack("story", main_program()), dict[str, Any]()
    told["preview"] = {
        "changes": made.preview().change_summary,
        "queues": client("sqs").list_queues().get("QueueUrls", []),
    }
    told["up"] = _after_up(made, made.up())
    told["again"] = _summary(made.up())
    client("iam").delete_role(RoleName="story-role")
    made.refresh()
    told["vanished"] = _summary(made.up())
    made.workspace.program = main_program(imported=True)
    told["imported"] = {**_summary(made.up()), "again": _summary(made.up())["changes"]}
    made.destroy()
    return told


def _summary(result: auto.UpResult) -> dict[str, Any]:
    outputs = {name: output.value for name, output in result.outputs.items()}
    return {"changes": result.summary.resource_changes, "outputs": outputs}


def _after_up(made: auto.Stack, result: auto.UpResult) -> dict[str, Any]:
    url = client("sqs").list_queues()["QueueUrls"][0]
    folder = Path(made.workspace.work_dir)
    return {
        **_summary(result),
        "tags": client("sqs").list_queue_tags(QueueUrl=url)["Tags"],
        "value": client("secretsmanager").get_secret_value(SecretId="story/secret")["SecretString"],
        "state": "".join(path.read_text() for path in folder.rglob("*.json")),
    }


def tell_errors() -> dict[str, str]:
    """Programs that must fail."""
    client("iam").create_role(RoleName="taken", AssumeRolePolicyDocument=TRUST)

    def unknown_type() -> None:
        aws.kinesis.Stream("stream", shard_count=1)

    def unknown_property() -> None:
        inline = aws.iam.RoleInlinePolicyArgs(name="x", policy=TRUST)
        aws.iam.Role("role", assume_role_policy=TRUST, inline_policies=[inline])

    def unknown_nested_property() -> None:
        scanning: Any = {"scanOnPull": True}
        aws.ecr.Repository("repository", image_scanning_configuration=scanning)

    def unclear_image() -> None:
        aws.ec2.get_ami(owners=["amazon"])

    def no_image() -> None:
        aws.ec2.get_ami(owners=["amazon"], name_regex="^nothing-of-that-name$")

    def api_error() -> None:
        aws.iam.Role("role", name="taken", assume_role_policy=TRUST)

    programs = (unknown_type, unknown_property, unclear_image, no_image, api_error)
    told = {p.__name__.replace("_", " "): error_of(stack(p.__name__, p)) for p in programs}
    try:
        stack("unknown_nested_property", unknown_nested_property).preview()
    except auto.CommandError as error:
        told["unknown nested property"] = str(error)
    return told


def tell_ignored() -> dict[str, Any]:
    """A change of one property of a role whose tags belong to others."""
    text = ["one"]

    def program() -> None:
        options = pulumi.ResourceOptions(ignore_changes=["tags"])
        aws.iam.Role("role", name="shared", assume_role_policy=TRUST, description=text[0], opts=options)

    made = stack("ignored", program)
    made.up()
    client("iam").tag_role(RoleName="shared", Tags=[{"Key": "theirs", "Value": "kept"}])
    client("iam").untag_role(RoleName="shared", TagKeys=["Application"])
    made.refresh()
    text[0] = "two"
    made.up()
    role = client("iam").get_role(RoleName="shared")["Role"]
    made.destroy()
    return {"text": role["Description"], "tags": {tag["Key"]: tag["Value"] for tag in role["Tags"]}}


def tell_half() -> dict[str, Any]:
    """An instance profile whose role does not exist yet: made, not whole, then repaired."""
    made = stack("half", lambda: _profile())
    error = error_of(made)
    resources = (made.export_stack().deployment or {}).get("resources", [])
    client("iam").create_role(RoleName="late", AssumeRolePolicyDocument=TRUST)
    repaired = _summary(made.up())["changes"]
    made.destroy()
    found = any(r["type"].endswith("InstanceProfile") and r["id"] == "half-profile" for r in resources)
    return {"error": error, "in state": found, "repaired": repaired}


def _profile() -> None:
    aws.iam.InstanceProfile("profile", name="half-profile", role="late")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(
        json.dumps({**tell_main(), **tell_errors(), "half": tell_half(), "ignored": tell_ignored()}, default=str)
    )
