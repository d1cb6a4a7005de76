"""Clients of AWS, one a service and process, with limits that fit a function's own.

Must never be made before they are needed: each costs a part of a cold start.
"""

from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config

#: Few and short: a function that waits for AWS is paid for, and Lambda, SQS or Step Functions try again anyway.
_LIMITS: Final = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4})


@cache
def client(service: str) -> Any:
    """The client of a service."""
    return boto3.client(service, config=_LIMITS)


@cache
def table(name: str) -> Any:
    """A table as boto3's resource has it, which translates items by itself."""
    return boto3.resource("dynamodb", config=_LIMITS).Table(name)
