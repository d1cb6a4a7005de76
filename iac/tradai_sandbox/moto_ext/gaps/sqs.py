"""SQS: a queue's policy outlives a change of its other attributes, which moto makes it lose.

Must never keep a policy that was taken back: AWS is told that by an empty text.
"""

from typing import Any

from moto.sqs.models import Queue

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Let a queue keep what a request does not mention."""
    wrap(Queue, _set_attributes=_with_its_policy)


def _with_its_policy(original: Any) -> Any:
    def _set_attributes(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        known = {"Policy": self.policy} if hasattr(self, "_policy_json") else {}
        original(self, {**known, **attributes}, now)

    return _set_attributes
