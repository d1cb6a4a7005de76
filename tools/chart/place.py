"""Where the chart and what it copies lie. Must never read anything."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
CHART: Final = ROOT / "charts" / "tradai-operator"
VALUES: Final = CHART / "values.yaml"
