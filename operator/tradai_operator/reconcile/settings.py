"""What whoever runs the operator decides for all environments. Data only; main fills it in from its environment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """`namespace` is the operator's own; `endpoint_url` is where AWS answers for resources that name no endpoint.

    `cluster` tells the cluster that the operator works for from any other.
    """

    namespace: str
    program_version: str
    cluster: str
    endpoint_url: str | None = None
