"""S3: a bucket policy's statement speaks only to the callers and requests that it names.

moto denies whatever an unmet condition matches, and hears statements for AWS services as if for everybody. Must
never loosen a statement that AWS would apply: an endpoint of the sandbox counts as TLS, which it ends in reality.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from tradai_sandbox.moto_ext.gaps.patching import wrap

#: What is known of every request to the sandbox; a condition on anything else is not met.
_REQUEST: Final = {"aws:SecureTransport": "true"}


def repair() -> None:
    """Evaluate bucket policies over the statements that apply."""
    wrap(FakeBucket, get_permission=_of_applying_statements)


def _of_applying_statements(original: Any) -> Any:
    def get_permission(self: Any, action: str, resource: str) -> Any:
        if self.policy is None:
            return original(self, action, resource)
        document = json.loads(self.policy)
        statements = [each for each in _listed(document["Statement"]) if applies(each)]
        if not statements:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps({**document, "Statement": statements})).is_action_permitted(action, resource)

    return get_permission


def applies(statement: Mapping[str, Any]) -> bool:
    """Whether a statement speaks to a caller that is no AWS service, over this connection."""
    principal = statement.get("Principal", "*")
    if isinstance(principal, Mapping) and "AWS" not in principal:
        return False
    return all(
        operator == "Bool" and _REQUEST.get(key) in _listed(wanted)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
