"""A call of AWS's API, as its caller or its endpoint sees it.

Must never know what the call means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: What a service is called by its clients or in signatures → the prefix of its actions, where that is another.
_PREFIXES: Final = {
    "apigatewayv2": "apigateway",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "monitoring": "cloudwatch",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "sfn": "states",
    "stepfunctions": "states",
    "tagging": "tag",
}


@dataclass(frozen=True)
class Request:
    """One call: service (a client's or a signature's name for it), operation, parameters, account and region.

    The parameters are those of the API (`Bucket`, `GroupId`, lists as lists); a query's singular names
    (`TagSpecification`) do as well. `method` and `path` are needed for API Gateway alone, whose rights are by them.
    """

    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    account: str = "123456789012"
    region: str = "eu-central-1"
    method: str = "POST"
    path: str = "/"

    @property
    def prefix(self) -> str:
        """How the actions of the service begin."""
        return _PREFIXES.get(self.service, self.service)

    def named(self, *names: str) -> Iterator[str]:
        """The values of the parameters with any of these names, however deep, whatever their case or number."""
        wanted = {spelling for name in names for spelling in (name.lower(), f"{name.lower()}s")}
        return (value for name, value in texts(self.params) if name.lower() in wanted)

    @property
    def arns(self) -> Iterator[str]:
        """Every ARN among the parameters."""
        return (value for _, value in texts(self.params) if value.startswith("arn:"))


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """All texts in a parameter, each with the name of the nearest field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from texts(entry, str(key))
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from texts(entry, name)
