"""The engine's answers in protobuf: checks, differences, and errors with their details.

Must never put a secret into an error's text.
"""

from collections.abc import Collection
from typing import Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from tradai_sandbox.provider.codec import encode
from tradai_sandbox.provider.diff import Difference
from tradai_sandbox.provider.props import Props


def diff_response(found: Collection[Difference], *, delete_first: bool) -> provider_pb2.DiffResponse:
    """The engine's form of a list of differences."""
    kinds = provider_pb2.PropertyDiff.Kind
    answer = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=[d.name for d in found],
        replaces=[d.name for d in found if d.replaces],
        deleteBeforeReplace=delete_first,
        hasDetailedDiff=True,
    )
    for item in found:
        kind = item.kind.upper() + ("_REPLACE" if item.replaces else "")
        answer.detailedDiff[item.name].kind = kinds.Value(kind)
        answer.detailedDiff[item.name].inputDiff = item.kind != "delete"
    return answer


def abort_partly(
    context: grpc.ServicerContext, text: str, id_: str, state: Props, inputs: Props, secrets: Collection[str]
) -> NoReturn:
    """Ends a call with the news that the resource exists but is not whole, so that the state keeps it."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=id_, properties=encode(state, secrets), inputs=encode(inputs, secrets), reasons=[text]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    abort(context, text)


def abort(context: grpc.ServicerContext, text: str) -> NoReturn:
    """Ends a call with an error."""
    context.abort(grpc.StatusCode.UNKNOWN, text)
    raise AssertionError("abort returned")


def invoke_response(props: Props, secrets: Collection[str]) -> Any:
    """The result of a look-up; its field's name is a keyword here."""
    return provider_pb2.InvokeResponse(**{"return": encode(props, secrets)})
