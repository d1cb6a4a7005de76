"""Whether names that exist once in the world are free, or this account's, before anything is registered.

A bucket of another account would stop a layer in the middle of its first build. Must never refuse for a question that
AWS did not answer.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final, Literal

import pulumi
from pulumi.runtime import register_stack_transformation
from pydantic.alias_generators import to_camel

from tradai_iac.failure import Failure
from tradai_iac.immutable import Known
from tradai_runner.contract import RunRequest

#: Whose a name is.
Holder = Literal["own", "foreign", "free", "unknown"]
#: Type whose names exist once in the world → the input that has the name. Adding one is adding a row here and in _ASK.
NAMED: Final = {"aws:s3/bucket:Bucket": "bucket"}
_AT_ONCE: Final = 8
_HINT: Final = (
    "Nothing was touched. Bucket names are unique across all of AWS: delete this TradaiEnvironment and create it again "
    "with spec.aws.bucketSuffix, which ends the name of every bucket (and give `tradai bootstrap account` the same "
    "--bucket-suffix), or have the owner of that bucket give its name up. If the bucket is in this very account, the "
    "run's role may not read it."
)


class GlobalNames:
    """One run's; `check` once the program is through."""

    reason: Final = "NameTaken"

    def __init__(self, request: RunRequest) -> None:
        self._request = request
        self._wanted: dict[str, str] = {}
        self.warnings: tuple[str, ...] = ()
        self.failure: Failure | None = None

    def register(self) -> None:
        """Notes what the program registers from here on."""
        register_stack_transformation(self._note)

    def _note(self, args: pulumi.ResourceTransformationArgs) -> None:
        if (name_of := NAMED.get(args.type_)) is None:
            return
        name = {to_camel(key): value for key, value in args.props.items()}.get(name_of)
        if isinstance(name, str):
            self._wanted[name] = args.type_

    def check(self, recorded: Sequence[Known]) -> None:
        """Judges the names of what is new; `recorded` is what the state has."""
        standing = {known.inputs.get(NAMED[known.type]) for known in recorded if known.type in NAMED}
        new = {name: type_ for name, type_ in self._wanted.items() if name not in standing}
        if not new:
            return
        from tradai_runner.repair.clients import clients_for  # boto3 loads while the engine starts

        client, account = clients_for(self._request), self._request.account_id
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="names") as pool:
            holders = list(pool.map(lambda name: _ASK[new[name]](client, account, name), new))
        self.failure, self.warnings = verdict(dict(zip(new, holders, strict=True)))


def verdict(holders: dict[str, Holder]) -> tuple[Failure | None, tuple[str, ...]]:
    """Why the layer cannot be built, and what may stand in its way."""
    taken = sorted(name for name, holder in holders.items() if holder == "foreign")
    if taken:
        return Failure(kind="Conflict", error=f"another account holds {', '.join(taken)}", hint=_HINT), ()
    said = [
        *(f"{name} stands in this account already" for name, holder in holders.items() if holder == "own"),
        *(f"whether {name} is free could not be asked" for name, holder in holders.items() if holder == "unknown"),
    ]
    return None, tuple(said)


def bucket_holder(client: Callable[[str], Any], account: str, name: str) -> Holder:
    """Whose a bucket is; S3 refuses to say anything of one whose owner is not the one that is expected."""
    from botocore.exceptions import BotoCoreError, ClientError  # as above

    try:
        client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        known: dict[int, Holder] = {HTTPStatus.NOT_FOUND: "free", HTTPStatus.FORBIDDEN: "foreign"}
        return known.get(status, "own" if status == HTTPStatus.MOVED_PERMANENTLY else "unknown")
    except BotoCoreError:
        return "unknown"
    return "own"


_ASK: Final = {"aws:s3/bucket:Bucket": bucket_holder}
