"""`fleet`: thirty environments at once, and a thousand that stand.

Must never hold a figure of its own: both halves have theirs.
"""

from tools.bench.figures import Report
from tools.bench.thousand import thousand
from tools.bench.throughput import throughput


def fleet(minutes: float) -> Report:
    """The figures of both halves."""
    burst, burst_raw = throughput(minutes)
    standing, standing_raw = thousand(minutes)
    return [*burst, *standing], {"burst": burst_raw, "standing": standing_raw}
