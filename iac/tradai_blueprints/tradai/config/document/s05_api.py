"""Section 5: the HTTP API (002 §5).

Must never name an integration's resource: a target is said as people call it.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, code, table, yes
from tradai_blueprints.tradai.config.document.values import COMMON

_TARGETS: Final = {
    "alb": "VPC Link -> ALB",
    "backend-api": "VPC Link -> Backend API",
    "mlflow": "VPC Link -> MLflow",
    "backtest-queue": "SQS Direct Integration",
}


def api() -> str:
    """The whole section."""
    return blocks(
        "## 5. API Gateway Configuration",
        "### 5.1 Routes",
        _routes(),
        "### 5.2 Throttling",
        _throttling(),
    )


def _routes() -> str:
    rows = ((route.method, code(route.path), _TARGETS[route.target], yes(route.auth)) for route in COMMON.api.routes)
    return table(("Method", "Path", "Integration", "Auth Required"), rows)


def _throttling() -> str:
    limits = COMMON.api.throttling
    rows = [
        ("Default Rate Limit", f"{limits.rate_per_second} req/sec"),
        ("Default Burst Limit", f"{limits.burst} req"),
    ]
    rows += [
        ("Per-Route Override", f"{code(route.route_key)}: {route.rate_per_second} req/sec") for route in limits.routes
    ]
    return table(("Parameter", "Value"), rows)
