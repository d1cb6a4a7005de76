"""`just check-dates`: all facts with dates, and exit 1 where one is due.

Must never change anything: what is to be done, people do.
"""

import sys
from datetime import UTC, datetime

from tools.dates.due import due
from tools.dates.table import rows


def main() -> int:
    """0 where nothing is due."""
    today = datetime.now(UTC).date()
    late = due(rows(), today)
    for row in sorted(rows(), key=lambda row: row.due):
        print(f"{'DUE ' if row in late else '    '}{row.until} (look from {row.due}): {row}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
