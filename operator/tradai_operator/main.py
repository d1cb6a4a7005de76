"""The composition root: reads the environment, makes the adapters, starts kopf.

The only place where ports meet adapters. Must never hold a rule.
"""

import asyncio
import logging
import os
import sys
from importlib.metadata import version
from pathlib import Path

import kopf
import structlog

from tradai_operator.adapters.clock import SystemClock
from tradai_operator.adapters.ecr import EcrImages
from tradai_operator.adapters.kube import KubeCluster
from tradai_operator.adapters.local import LocalExecutor
from tradai_operator.handlers.events import register
from tradai_operator.handlers.fleet import Fleet
from tradai_operator.reconcile.ports import Ports
from tradai_operator.reconcile.settings import Settings


def settings_from(environment: "os._Environ[str] | dict[str, str]") -> Settings:
    """The operator's settings from its environment variables; raises KeyError with the variable that lacks."""
    return Settings(
        namespace=environment["TRADAI_OPERATOR_NAMESPACE"],
        program_version=version("tradai-environments"),
        endpoint_url=environment.get("AWS_ENDPOINT_URL") or None,
    )


def configure_logging() -> None:
    """JSON lines on standard output; kopf speaks up only when something is wrong."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(levelname)s %(name)s %(message)s")


def _journals() -> Path:
    path = Path(os.environ.get("TRADAI_JOURNAL_DIR", "journal")).absolute()
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


async def serve() -> None:
    """Runs until a signal; raises KeyError where a variable lacks."""
    settings = settings_from(os.environ)
    cluster = KubeCluster()
    ports = Ports(cluster, executor=LocalExecutor(_journals()), clock=SystemClock(), images=EcrImages())
    registry = kopf.OperatorRegistry()
    register(registry, Fleet(ports, settings))
    structlog.get_logger().info("operator starts", namespace=settings.namespace, version=settings.program_version)
    try:
        await kopf.operator(registry=registry, clusterwide=True, liveness_endpoint=os.environ.get("TRADAI_LIVENESS"))
    finally:
        await cluster.close()


def main() -> None:
    """The command `tradai-operator`."""
    configure_logging()
    asyncio.run(serve())


if __name__ == "__main__":
    main()
