"""S3: a lifecycle says how many noncurrent versions it keeps, and the others go.

moto takes `NewerNoncurrentVersions` and forgets it, and runs no lifecycle at all. Here what is kept is counted at each
write of a key, as if its days were over: no sandbox lives for thirty. Must never take a version by days alone, nor one
that is locked, nor touch a key other than the one that is written (requests for one key come one at a time).
"""

from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Remember how many versions a rule keeps, tell it, and keep no more."""
    wrap(FakeBucket, set_lifecycle=_remembering)
    wrap(S3Response, get_bucket_lifecycle=_lifecycle_as_stored)
    wrap(S3Backend, put_object=_trimming)


def _remembering(original: Any) -> Any:
    def set_lifecycle(self: Any, rules: list[dict[str, Any]]) -> None:
        original(self, rules)
        for rule, said in zip(self.rules, rules, strict=True):
            newer = (said.get("NoncurrentVersionExpiration") or {}).get("NewerNoncurrentVersions")
            rule.nve_newer = None if newer is None else int(newer)

    return set_lifecycle


def _lifecycle_as_stored(original: Any) -> Any:
    def get_bucket_lifecycle(self: Any) -> Any:
        rules = self.backend.get_bucket_lifecycle(self.bucket_name)
        plain = self.serialized

        def serialized(answer: ActionResult) -> Any:
            _tell(answer.result, rules)
            return plain(answer)

        if rules:  # moto makes such an object for each request, and raises where there are none
            self.serialized = serialized
        return original(self)

    return get_bucket_lifecycle


def _tell(result: Any, rules: Iterable[Any]) -> None:
    for told, rule in zip(result["Rules"], rules, strict=True):
        if rule.nve_newer is not None:
            told["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = rule.nve_newer


def _trimming(original: Any) -> Any:
    def put_object(self: Any, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> Any:
        made = original(self, bucket_name, key_name, *args, **kwargs)
        bucket = self.get_bucket(bucket_name)
        versions = bucket.keys.getlist(key_name, [])
        newest = _kept(bucket.rules, key_name)
        if newest is not None and len(versions) > newest + 1 and not bucket.object_lock_enabled:
            bucket.keys.setlist(key_name, versions[-newest - 1 :])  # which frees the others
        return made

    return put_object


def _kept(rules: Iterable[Any], key: str) -> int | None:
    """How many noncurrent versions the strictest rule keeps of that key; None where all stay."""
    return min((rule.nve_newer for rule in rules if rule.nve_newer is not None and _speaks_of(rule, key)), default=None)


def _speaks_of(rule: Any, key: str) -> bool:
    """Whether a rule is in force for a key; one that asks for tags is for none, since nothing here looks at them."""
    if rule.status != "Enabled":
        return False
    if rule.filter is None:
        return key.startswith(rule.prefix or "")
    if rule.filter.tag_key or (rule.filter.and_filter and rule.filter.and_filter.tags):
        return False
    return key.startswith((rule.filter.and_filter or rule.filter).prefix or "")
