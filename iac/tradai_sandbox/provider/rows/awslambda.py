"""Functions and who may invoke them (Lambda).

Must never answer before a function is ready to be invoked, and must never show its code in the state.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.archives import zipped
from tradai_sandbox.provider.calls import Create, Delete, forgiving, on, retag
from tradai_sandbox.provider.props import Prop, Props, out, tags, unpairs
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import from_api, shape_at

_FUNCTION: Final = {"FunctionName": "{name}"}

_LOGGING: Final = (
    Prop("logFormat"),
    Prop("logGroup"),
    Prop("applicationLogLevel"),
    Prop("systemLogLevel"),
)
_IMAGE: Final = (
    Prop("commands", list, api="Command"),
    Prop("entryPoints", list, api="EntryPoint"),
    Prop("workingDirectory"),
)


def _same_start(actual: Props, wanted: Props) -> bool:
    """A command is a list in which the order matters, and AWS adds nothing to it."""
    return all((actual.get(name) or None) == (wanted.get(name) or None) for name in actual.keys() | wanted.keys())


def _same_place(actual: Props, wanted: Props) -> bool:
    """The subnets and groups decide; the VPC follows from them."""
    names = ("subnetIds", "securityGroupIds")
    return all(sorted(actual.get(name) or []) == sorted(wanted.get(name) or []) for name in names)


_SETTINGS: Final = (
    Prop("description"),
    Prop("role", required=True),
    Prop("runtime"),
    Prop("handler"),
    Prop("imageConfig", dict, "ImageConfig|ImageConfigResponse.ImageConfig", fields=_IMAGE, same=_same_start),
    Prop("memorySize", int, default=128),
    Prop("timeout", int, default=3),
    Prop("environment", dict),
    Prop("vpcConfig", dict, same=_same_place),
    Prop("tracingConfig", dict, computed=True),
    Prop("loggingConfig", dict, fields=_LOGGING, computed=True),
    Prop("deadLetterConfig", dict, fields=(Prop("targetArn"),)),
    Prop("ephemeralStorage", dict, computed=True),
    Prop("layers", list, back=lambda found: [layer["Arn"] for layer in found]),
    Prop("kmsKeyArn"),
)
_CODE: Final = ("code", "imageUri", "s3Bucket", "s3Key", "architectures")
#: What an update sets to nothing when the program gives it up.
_NOTHING: Final[Mapping[str, Props]] = {
    "description": {"Description": ""},
    "environment": {"Environment": {"Variables": {}}},
    "vpcConfig": {"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []}},
    "deadLetterConfig": {"DeadLetterConfig": {"TargetArn": ""}},
    "layers": {"Layers": []},
    "imageConfig": {"ImageConfig": {}},
}


def _same_code(actual: Props, wanted: Props) -> bool:
    """Archives are compared by their hashes: the state does not keep their contents."""
    return actual.get("hash") == wanted.get("hash")


def _code(work: Work) -> Props:
    """Where the code comes from, as both CreateFunction's `Code` and UpdateFunctionCode want it."""
    archive = work.inputs.get("code")
    found = {"ZipFile": zipped(archive)} if archive else {}
    named = {"ImageUri": "imageUri", "S3Bucket": "s3Bucket", "S3Key": "s3Key"}
    return {**found, **{api: work.inputs[name] for api, name in named.items() if work.inputs.get(name)}}


def _update_code(work: Work) -> None:
    architectures = work.inputs.get("architectures")
    more = {"Architectures": architectures} if architectures else {}
    work.call("UpdateFunctionCode", FunctionName=work.inputs["name"], **_code(work), **more)
    work.wait("function_updated_v2", FunctionName=work.inputs["name"])


def _update_settings(work: Work) -> None:
    gone = work.changed - set(work.inputs)
    nothing = {k: v for name in gone for k, v in _NOTHING.get(name, {}).items()}
    params = work.params("UpdateFunctionConfiguration", work.changed)
    name = work.inputs["name"]
    work.call("UpdateFunctionConfiguration", FunctionName=name, **params, **nothing)
    work.wait("function_updated_v2", FunctionName=name)


def _concurrency(work: Work) -> None:
    """-1 means no limit of its own."""
    reserved, name = int(work.inputs.get("reservedConcurrentExecutions", -1)), work.inputs["name"]
    if reserved >= 0:
        work.call("PutFunctionConcurrency", FunctionName=name, ReservedConcurrentExecutions=reserved)
    elif not work.creating:
        work.call("DeleteFunctionConcurrency", FunctionName=name)


def _ready(work: Work) -> None:
    if work.creating:
        work.wait("function_active_v2", FunctionName=work.inputs["name"])


def _read_function(work: Work) -> Props | None:
    answer = forgiving(work, "GetFunction", **work.fill(_FUNCTION))
    if not answer:
        return None
    shape = shape_at(work.cloud.model("lambda", "GetFunction").output_shape, "Configuration")
    image = answer.get("Code", {}).get("ImageUri")
    return {
        **from_api(work.row.props, answer["Configuration"], shape),
        "tags": unpairs(answer.get("Tags", {})),
        "reservedConcurrentExecutions": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions", -1),
        **({"imageUri": image} if image else {}),
    }


def _qualified(work: Work, found: Props) -> Props:
    arn, region = found["arn"], work.region
    path = f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions"
    return {"qualifiedArn": f"{arn}:{found['version']}", "invokeArn": f"{path}/{arn}/invocations"}


FUNCTION: Final = Row(
    "aws:lambda/function:Function",
    "lambda",
    (
        Prop("name", api="FunctionName", replace=True),
        Prop("packageType", default="Zip", replace=True),
        Prop("code", dict, "ZipFile", to=zipped, write_only=True, same=_same_code),
        Prop("imageUri"),
        Prop("s3Bucket", write_only=True),
        Prop("s3Key", write_only=True),
        Prop("architectures", list, computed=True),
        *_SETTINGS,
        Prop("reservedConcurrentExecutions", int, default=-1),
        *tags(to=None),
        out("arn", api="FunctionArn"),
        out("codeSha256"),
        out("sourceCodeSize", int, api="CodeSize"),
        out("version"),
        out("qualifiedArn"),
        out("invokeArn"),
    ),
    create=Create("CreateFunction", build=lambda work: {"Code": _code(work)}, leave_out=frozenset(_CODE[:4])),
    steps=(
        on({"role"}, _ready),
        on(_CODE, _update_code, after_create=False),
        on({p.name for p in _SETTINGS}, _update_settings, after_create=False),
        on({"reservedConcurrentExecutions"}, _concurrency),
        retag("TagResource", "UntagResource", {"Resource": "{arn}"}),
    ),
    read=(_read_function,),
    delete=Delete("DeleteFunction", _FUNCTION),
    finish=_qualified,
    id="{name}",
    name="name",
)

_STATEMENT: Final = {"FunctionName": "{function}", "StatementId": "{statementId}"}


def _read_permission(work: Work) -> Props | None:
    """A permission is one statement of the function's policy."""
    function, sid = work.values["function"], work.values["statementId"]
    policy = forgiving(work, "GetPolicy", FunctionName=function).get("Policy")
    statements = json.loads(policy)["Statement"] if policy else []
    mine = next((s for s in statements if s["Sid"] == sid), None)
    return None if mine is None else {"function": function, "statementId": sid, **_statement(mine)}


def _statement(found: dict[str, Any]) -> Props:
    principal, conditions = found["Principal"], found.get("Condition", {})
    who = principal if isinstance(principal, str) else next(iter(principal.values()))
    flat = {k.lower(): v for about in conditions.values() for k, v in about.items()}
    known = {
        "sourceArn": flat.get("aws:sourcearn"),
        "sourceAccount": flat.get("aws:sourceaccount"),
        "principalOrgId": flat.get("aws:principalorgid"),
    }
    told = {name: value for name, value in known.items() if value is not None}
    return {"action": found["Action"], "principal": who, **told}


def same_function(actual: Any, wanted: Any) -> bool:
    """A function may be named by its name or its ARN."""
    return str(actual).rpartition(":")[2] == str(wanted).rpartition(":")[2]


PERMISSION: Final = Row(
    "aws:lambda/permission:Permission",
    "lambda",
    (
        Prop("statementId", replace=True),
        Prop("action", required=True, replace=True),
        Prop("function", api="FunctionName", required=True, replace=True, same=same_function),
        Prop("principal", required=True, replace=True),
        Prop("sourceArn", replace=True),
        Prop("sourceAccount", replace=True),
        Prop("principalOrgId", api="PrincipalOrgID", replace=True),
    ),
    create=Create("AddPermission"),
    read=(_read_permission,),
    delete=Delete("RemovePermission", _STATEMENT),
    id="{statementId}",
    import_id="{function}/{statementId}",
    name="statementId",
)

ROWS: Final = (FUNCTION, PERMISSION)
