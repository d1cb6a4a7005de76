"""The HTTP API: its routes and throttling (002 §5).

Must never name a resource: a route says which service answers, the layer knows where that is.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen

#: The header in which the API hands on the caller's address; behind the VPC link all requests come from the gateway.
CLIENT_ADDRESS_HEADER: Final = "x-tradai-client-ip"

Target = Literal["alb", "backend-api", "mlflow", "backtest-queue"]
Method = Literal["GET", "POST", "ANY"]


class Route(Frozen):
    """One row of 002 §5.1; `path` is spelled as API Gateway takes it (`{proxy+}` for `*`)."""

    method: Method
    path: str
    target: Target
    auth: bool

    @property
    def key(self) -> str:
        """API Gateway's route key, `GET /api/v1/health`."""
        return f"{self.method} {self.path}"


class RouteThrottle(Frozen):
    """A route's own limit, in requests per second."""

    route_key: str
    rate_per_second: int


class Throttling(Frozen):
    """002 §5.2: requests per second, requests at once, and what differs per route."""

    rate_per_second: int
    burst: int
    routes: tuple[RouteThrottle, ...]


class Api(Frozen):
    """Everything of 002 §5."""

    routes: tuple[Route, ...]
    throttling: Throttling

    def route(self, key: str) -> Route:
        """The route of that key; raises KeyError."""
        return {route.key: route for route in self.routes}[key]


def _backend(method: Method, path: str) -> Route:
    return Route(method=method, path=path, target="backend-api", auth=True)


_START_BACKTEST: Final = Route(method="POST", path="/api/v1/backtests", target="backtest-queue", auth=True)

#: What a caller of the API has to know that no route says; at most 1024 characters, which AWS takes.
DESCRIPTION: Final = (
    f"The platform's HTTP API. {_START_BACKTEST.key} puts the body into a queue and answers with SQS's MessageId. "
    "The job is read back at GET /api/v1/backtests/{job_id}: job_id is what the body names, else the MessageId. "
    "The same body within five minutes, byte for byte and whoever sends it, is one request: the later ones are "
    "accepted, and nothing comes of them. So name a job_id of your own, a UUID for instance: with another one the same "
    "backtest runs again, and with the same one a request may be sent again safely."
)

API: Final = Api(
    routes=(
        Route(method="GET", path="/api/v1/health", target="alb", auth=False),
        _backend("GET", "/api/v1/strategies"),
        _backend("GET", "/api/v1/strategies/{id}"),
        _backend("POST", "/api/v1/strategies"),
        _backend("POST", "/api/v1/strategies/{name}/stage"),
        _backend("POST", "/api/v1/strategies/{name}/promote"),
        _START_BACKTEST,
        _backend("GET", "/api/v1/backtests"),
        _backend("GET", "/api/v1/backtests/{job_id}"),
        _backend("POST", "/api/v1/backtests/{job_id}/cancel"),
        _backend("GET", "/api/v1/backtests/{job_id}/equity"),
        _backend("GET", "/api/v1/backtests/{job_id}/report-data"),
        _backend("GET", "/api/v1/data/symbols"),
        _backend("GET", "/api/v1/data/freshness"),
        _backend("POST", "/api/v1/data/sync"),
        _backend("GET", "/api/v1/models/{name}/versions"),
        _backend("POST", "/api/v1/models/{name}/rollback"),
        _backend("GET", "/api/v1/catalog/strategies"),
        _backend("GET", "/api/v1/catalog/strategies/{name}"),
        _backend("GET", "/api/v1/catalog/strategies/{name}/compare"),
        Route(method="ANY", path="/mlflow/{proxy+}", target="mlflow", auth=True),
    ),
    throttling=Throttling(
        rate_per_second=100,
        burst=200,
        routes=(RouteThrottle(route_key=_START_BACKTEST.key, rate_per_second=10),),
    ),
)
