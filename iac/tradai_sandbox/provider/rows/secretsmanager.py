"""Secrets, their values and their rotation (Secrets Manager).

Must never put a value into a log or an error, and never read one that the program does not own.
"""

from collections.abc import Iterable
from typing import Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, forgiving, on, retag
from tradai_sandbox.provider.props import Prop, Props, document, local, out, tags
from tradai_sandbox.provider.row import Row, Work

_SECRET: Final = {"SecretId": "{id}"}
_DESCRIBE: Final = Read("DescribeSecret", _SECRET, alive=lambda found: "DeletedDate" not in found)


def _policy(work: Work) -> None:
    if policy := work.inputs.get("policy"):
        work.call("PutResourcePolicy", SecretId=work.id, ResourcePolicy=policy)
    else:
        work.call("DeleteResourcePolicy", SecretId=work.id)


def _read_policy(work: Work) -> Props:
    """Asked only where the program sets one."""
    if "policy" not in work.inputs:
        return {}
    found = work.call("GetResourcePolicy", SecretId=work.id)
    return {"policy": found["ResourcePolicy"]} if found.get("ResourcePolicy") else {}


def _delete(work: Work) -> None:
    """Zero days mean at once and for ever; else the secret can be brought back for so long."""
    days = work.inputs.get("recoveryWindowInDays", 30)
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    forgiving(work, "DeleteSecret", SecretId=work.id, **how)


SECRET: Final = Row(
    "aws:secretsmanager/secret:Secret",
    "secretsmanager",
    (
        Prop("name", replace=True),
        Prop("description"),
        Prop("kmsKeyId"),
        local("recoveryWindowInDays", int, default=30),
        local("forceOverwriteReplicaSecret", default=False),
        document("policy", "-", shared=True),
        *tags(),
        out("arn"),
    ),
    create=Create("CreateSecret", id="ARN"),
    read=(_DESCRIBE, _read_policy),
    steps=(
        change({"description", "kmsKeyId"}, "UpdateSecret", _SECRET, after_create=False),
        on({"policy"}, _policy),
        retag("TagResource", "UntagResource", _SECRET),
    ),
    delete=_delete,
    name="name",
)

_VERSION: Final = {"SecretId": "{secretId}", "VersionId": "{versionId}"}
_CURRENT: Final = "AWSCURRENT"
_PREVIOUS: Final = "AWSPREVIOUS"


def _put_value(work: Work) -> str:
    params = work.params("PutSecretValue")
    answer = work.call("PutSecretValue", **params)
    return f"{work.inputs['secretId']}|{answer['VersionId']}"


def _read_value(work: Work) -> Props | None:
    """The id holds the version; a value that is no longer current is still ours."""
    secret, _, version = work.id.partition("|")
    read = Read("GetSecretValue", _VERSION)
    found = read(work.with_(state={**work.state, "secretId": secret, "versionId": version}, inputs={}))
    return None if found is None else {**found, "secretId": secret, "secretArn": found["arn"]}


def _label(work: Work) -> None:
    """Moves labels in place: what becomes current stops being so elsewhere, where AWS puts `AWSPREVIOUS` by itself."""
    had, wanted = set(work.state.get("versionStages") or ()), set(work.inputs["versionStages"])
    moves = _CURRENT in wanted - had
    for stage in sorted(wanted - had):
        away = {"RemoveFromVersionId": _current(work)} if stage == _CURRENT else {}
        to = {"MoveToVersionId": work.state["versionId"], **away}
        work.call("UpdateSecretVersionStage", SecretId=work.state["secretId"], VersionStage=stage, **to)
    _unlabel(work, had - wanted - ({_PREVIOUS} if moves else set()))


def _current(work: Work) -> str:
    found = work.call("ListSecretVersionIds", SecretId=work.state["secretId"])["Versions"]
    return next(str(version["VersionId"]) for version in found if _CURRENT in version["VersionStages"])


def _retire(work: Work) -> None:
    """Takes the extra labels off; the current version itself cannot be taken away, only superseded."""
    _unlabel(work, work.state.get("versionStages") or ())


def _unlabel(work: Work, stages: Iterable[str]) -> None:
    for stage in sorted(set(stages) - {_CURRENT}):
        forgiving(
            work,
            "UpdateSecretVersionStage",
            SecretId=work.state["secretId"],
            VersionStage=stage,
            RemoveFromVersionId=work.state["versionId"],
        )


SECRET_VERSION: Final = Row(
    "aws:secretsmanager/secretVersion:SecretVersion",
    "secretsmanager",
    (
        Prop("secretId", required=True, replace=True),
        Prop("secretString", secret=True, replace=True),
        Prop("secretBinary", secret=True, replace=True),
        Prop("versionStages", list, computed=True, shared=True),
        out("arn"),
        out("secretArn"),
        out("versionId"),
    ),
    create=_put_value,
    read=(_read_value,),
    steps=(on({"versionStages"}, _label, after_create=False),),
    delete=_retire,
    import_id="{secretId}|{versionId}",
)


def _rotate(work: Work) -> str:
    """Starts or changes the rotation; without a function the secret's own service rotates it."""
    work.call("RotateSecret", **work.params("RotateSecret"))
    return str(work.inputs["secretId"])


SECRET_ROTATION: Final = Row(
    "aws:secretsmanager/secretRotation:SecretRotation",
    "secretsmanager",
    (
        Prop("secretId", required=True, replace=True),
        Prop("rotationLambdaArn"),
        Prop("rotationRules", dict),
        Prop("rotateImmediately", bool, default=True, write_only=True),
        out("rotationEnabled", bool),
    ),
    create=_rotate,
    read=(Read("DescribeSecret", _SECRET, alive=lambda found: bool(found.get("RotationEnabled"))),),
    finish=lambda work, _: {"secretId": work.id},
    steps=(on({"rotationLambdaArn", "rotationRules", "rotateImmediately"}, _rotate, after_create=False),),
    delete=Delete("CancelRotateSecret", _SECRET),
    id="{secretId}",
    delete_first=True,
)

ROWS: Final = (SECRET, SECRET_VERSION, SECRET_ROTATION)
