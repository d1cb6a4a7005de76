"""Writes `lambdas/shared/deployed.json` from the configuration's models; with --check says whether it is in step.

Must never have a name, a key or a number of its own.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.messaging import MESSAGING
from tradai_blueprints.tradai.config.monitoring import (
    LIVE_STRATEGIES,
    METRICS_DIMENSION,
    METRICS_NAMESPACE,
    STALE_HEARTBEATS,
)
from tradai_blueprints.tradai.config.services import SERVICES, STRATEGY_DEFAULTS
from tradai_blueprints.tradai.config.storage import STORAGE, Index, Table
from tradai_blueprints.tradai.config.watching import HEALTH_PATHS, WATCHING
from tradai_blueprints.tradai.config.workflows import (
    FROM_REQUEST,
    OVERRIDES_CHARACTERS,
    OVERRIDES_OF_WORKFLOWS,
    WORKFLOWS,
)
from tradai_blueprints.tradai.declaration import TRADAI

FILE: Final = Path(__file__).resolve().parents[2] / "lambdas" / "shared" / "deployed.json"


def rendered() -> str:
    """The file's text."""
    told = {
        "functions": {
            row.name: {"memory_mb": row.memory_mb, "timeout_seconds": row.timeout_seconds} for row in LAMBDAS
        },
        "max_receive_count": MESSAGING.dead_letter_queue.max_receive_count,
        "metrics": {
            "namespace": METRICS_NAMESPACE,
            "dimension": METRICS_DIMENSION,
            "stale_heartbeats": STALE_HEARTBEATS,
            "live_strategies": LIVE_STRATEGIES,
        },
        "health_paths": HEALTH_PATHS,
        "overrides": {"characters": OVERRIDES_CHARACTERS, "of_workflows": OVERRIDES_OF_WORKFLOWS},
        "project": TRADAI.project,
        "stacks": {layer.name: TRADAI.stack_project(layer.name) for layer in TRADAI.layers},
        "strategy_defaults": STRATEGY_DEFAULTS,
        "strategy_task": _strategy_task(),
        "strategy_variables": FROM_REQUEST,
        "tables": {table.name: _table(table) for table in STORAGE.tables},
        "watching": WATCHING.model_dump(),
        "workflows": {
            row.name: row.model_dump(include={"trading_mode", "task_timeout_seconds", "timeout_seconds"})
            for row in WORKFLOWS
        },
    }
    return json.dumps(told, indent=2, sort_keys=True) + "\n"


def _strategy_task() -> dict[str, str]:
    (row,) = (service for service in SERVICES if service.trading_mode == "backtest")
    return {"container": row.name, "capacity_provider": row.launch_type}


def _table(table: Table) -> dict[str, Any]:
    return {
        "hash_key": table.hash_key,
        "range_key": table.range_key,
        "ttl": table.ttl,
        "indexes": {index.name: _index(table, index) for index in table.indexes},
    }


def _index(table: Table, index: Index) -> dict[str, Any]:
    own = [key for key in (table.hash_key, table.range_key, index.hash_key, index.range_key) if key]
    included = None if index.projection == "ALL" else list(dict.fromkeys((*own, *index.included)))
    return {"hash_key": index.hash_key, "range_key": index.range_key, "included": included}


def main() -> int:
    """Write, or compare; 1 where the file is not what the configuration says."""
    if "--check" not in sys.argv:
        FILE.write_text(rendered())
    elif not FILE.is_file() or FILE.read_text() != rendered():
        print(f"{FILE} is not in step with the configuration: just generate", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
