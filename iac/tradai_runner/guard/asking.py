"""Asks for what `preflight` judges: who the caller is, region, state bucket, what opens the state; side by side.

Writes one probe below `.tradai/preflight/` and takes it away again; nothing else. Must never raise for what AWS says.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac import sessions
from tradai_iac.backend import bucket_of
from tradai_iac.failure import Failure, classify
from tradai_runner.bucket.keys import preflight_key
from tradai_runner.bucket.store import BucketStore, open_store
from tradai_runner.contract import RunRequest
from tradai_runner.guard.preflight import BucketSeen, Seen, Verdict, judge
from tradai_runner.process.writes import bucket_point, point
from tradai_runner.repair.clients import clients_for
from tradai_runner.state.kms import opened_otherwise, serves
from tradai_runner.state.missing import Stack
from tradai_runner.state.passphrase import opens, salt_of_state
from tradai_runner.state.reading import Reading, read_stack

_T = TypeVar("_T")
#: Partition → a region that every account of it has: it knows of all others.
_HOMES: Final = {"cn-": "cn-northwest-1", "us-gov-": "us-gov-west-1"}
_WHICH_REGION: Final = "us-east-1"
_PROBE: Final = b"a probe of the pre-flight; it may be deleted"
_DENIED: Final = ("AccessDenied", "AllAccessDisabled")


def preflight(request: RunRequest, project: str, passphrase: Callable[[], str]) -> Verdict:
    """The verdict about one request."""
    stack = Stack(project, request.environment)
    store = open_store(request.backend_url, request.region, request.endpoint_url)
    with ThreadPoolExecutor(4, thread_name_prefix="preflight") as pool:
        account = pool.submit(_tried, lambda: _account(request))
        region = pool.submit(_tried, lambda: _enabled(request))
        bucket = pool.submit(_tried, lambda: _bucket(store, project, request)) if store else None
        state = pool.submit(_tried, lambda: read_stack(store, stack, known=request.stood)) if store else None
        reading = state.result() if state else None
        opens = pool.submit(_opens, request, reading, passphrase) if isinstance(reading, Reading) else None
    return judge(
        request,
        Seen(
            account=account.result(),
            region=region.result(),
            bucket=_of_backend(bucket.result(), request) if bucket else None,
            opens=opens.result() if opens else None,
            state=reading.failure if isinstance(reading, Reading) else reading,
        ),
    )


def _tried(ask: Callable[[], _T]) -> _T | Failure:
    try:
        return ask()
    except ClientError as error:
        request_id = error.response.get("ResponseMetadata", {}).get("RequestId", "")
        return classify(str(error)).model_copy(update={"request_id": request_id})
    except (BotoCoreError, OSError) as error:
        return classify(f"{type(error).__name__}: {error}")


def _account(request: RunRequest) -> str:
    account: str = clients_for(request)("sts").get_caller_identity()["Account"]
    return account


def _enabled(request: RunRequest) -> bool:
    """Asked of a region that the account has for sure: one that is not enabled refuses every caller."""
    home = next((home for start, home in _HOMES.items() if request.region.startswith(start)), _WHICH_REGION)
    asked = request.model_copy(update={"region": home})
    regions = clients_for(asked)("ec2").describe_regions(AllRegions=True)["Regions"]
    return any(
        found["RegionName"] == request.region and found.get("OptInStatus") != "not-opted-in" for found in regions
    )


def _bucket(store: BucketStore, project: str, request: RunRequest) -> BucketSeen:
    """Writes and removes a probe; raises botocore's errors where the bucket is not there or takes none."""
    key = preflight_key(project, request.environment)
    store.put(key, _PROBE)
    known = conditional(store, key)
    store.delete(key)
    return BucketSeen(request.region, _versioned(store), known)


def conditional(store: BucketStore, key: str) -> bool | None:
    """Whether the bucket refuses to write what may only be written where nothing is, and there is something."""
    try:
        with point(bucket_point("put", key)):
            store.client.put_object(Bucket=store.bucket, Key=store.prefix + key, Body=_PROBE, IfNoneMatch="*")
    except ClientError as error:
        return {"PreconditionFailed": True, "NotImplemented": False}.get(error.response["Error"]["Code"])
    except BotoCoreError:
        return None
    return False


def _versioned(store: BucketStore) -> bool | None:
    try:
        answer: dict[str, Any] = store.client.get_bucket_versioning(Bucket=store.bucket)
    except (ClientError, BotoCoreError):
        return None
    return answer.get("Status") == "Enabled"


def _of_backend(seen: BucketSeen | Failure, request: RunRequest) -> BucketSeen | Failure:
    """A refusal in the backend's words: the same code from another service would mean something else."""
    if not isinstance(seen, Failure):
        return seen
    bucket = bucket_of(request.backend_url)
    hint = {
        "NoSuchBucket": f"Make the bucket {bucket} (`tradai bootstrap account` does), or name another one in the spec.",
        "Redirect": f"The bucket {bucket} is in another region than {request.region}: use one that is in it.",
        **dict.fromkeys(
            _DENIED, f"What runs the layers must be able to read, write and delete in the bucket {bucket}."
        ),
    }
    code = next((code for code in hint if code in seen.error), None)
    if code is None:
        return seen
    return seen.model_copy(
        update={"kind": "Backend", "error": f"the state bucket {bucket}: {seen.error}", "hint": hint[code]}
    )


def _opens(request: RunRequest, reading: Reading, passphrase: Callable[[], str]) -> bool | Failure | None:
    if other := opened_otherwise(request, reading.checkpoint):
        return other
    if key := request.kms_key:
        return _tried(lambda: serves(_kms(request), key, reading.body))
    salt = salt_of_state(reading.body) if reading.failure is None else None
    return opens(salt, passphrase()) if salt else None


def _kms(request: RunRequest) -> Any:
    """As whoever runs the engine: it asks KMS itself, as it does the state bucket."""
    config = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "max_attempts": 3})
    return sessions.client("kms", request.region, request.endpoint_url, config)
