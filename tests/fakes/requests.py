"""What a runner is asked, in a line: a test names what it is about, and the rest is said here.

Must never hold a rule: which kind of run the fields amount to is the contract's to say.
"""

from typing import Any, Final

from tradai_runner.contract import REQUESTS, RunRequest

_PLAIN: Final[dict[str, Any]] = {
    "run_id": "r1",
    "layer": "compute",
    "environment": "dev",
    "operation": "up",
    "account_id": "123456789012",
    "region": "eu-central-1",
    "backend_url": "s3://state",
}


def request_of(**fields: Any) -> RunRequest:
    """The request of those fields, as it may lie in a journal: an update of compute where they say nothing else."""
    return REQUESTS.validate_python(_PLAIN | fields)
