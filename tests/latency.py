"""How long the sandbox's AWS endpoint takes for each call, set while it runs, so that a run can be caught at work.

Must never leave a later test a slow endpoint: whoever sets it sets it back.
"""

import urllib.request

from tradai_sandbox.aws import latency


def set_latency(endpoint: str, wait: str) -> None:
    """`250ms` from now on, `0ms` for none."""
    asked = urllib.request.Request(f"{endpoint}{latency.CONTROL_PATH}", wait.encode(), method="PUT")  # noqa: S310 - loopback
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - as above
        assert answer.status == 200
