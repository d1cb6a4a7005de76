"""CloudWatch Logs: a metric filter belongs to a log group, and putting it again changes it.

Must never apply a filter's pattern to events.
"""

from typing import Any

from moto.logs import models
from moto.logs.exceptions import ResourceNotFoundException

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """One filter a name and group, which goes with its group."""
    wrap(models.LogsBackend, put_metric_filter=_replaces, delete_log_group=_with_filters)


def _replaces(original: Any) -> Any:
    def put_metric_filter(self: Any, name: str, pattern: str, group: str, transformations: Any) -> None:
        if group not in self.groups:
            raise ResourceNotFoundException()
        self.filters.delete_filter(name, group)
        original(self, name, pattern, group, transformations)

    return put_metric_filter


def _with_filters(original: Any) -> Any:
    def delete_log_group(self: Any, log_group_name: str) -> None:
        original(self, log_group_name)
        kept = [f for f in self.filters.metric_filters if f["logGroupName"] != log_group_name]
        self.filters.metric_filters = kept

    return delete_log_group
