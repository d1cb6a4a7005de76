"""Log lines of ours, kopf's and the libraries' through one renderer: JSON for machines, text for a terminal.

Lines carry what the running task has bound: `namespace`, `environment`. Must never show local variables with a
traceback: they hold secrets.
"""

import logging
import sys
from collections.abc import Mapping
from typing import Any, Final, TextIO

import structlog

#: Whose chatter below a warning is worth a line.
_OURS: Final = "tradai_operator"


def configure(environment: Mapping[str, str], stream: TextIO | None = None) -> None:
    """Sets up all logging; `TRADAI_LOG` is json or text, by default text where `stream` (stderr) is a terminal.

    Raises ValueError for any other word.
    """
    stream = stream or sys.stderr
    form = environment.get("TRADAI_LOG") or ("text" if stream.isatty() else "json")
    if form not in {"json", "text"}:
        raise ValueError(f"TRADAI_LOG is json or text, not {form!r}")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    last = _json() if form == "json" else [_text(colors=stream.isatty())]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _about],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(_OURS).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def _json() -> list[Any]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _text(*, colors: bool) -> Any:
    plain = structlog.dev.plain_traceback  # the pretty one prints local variables
    return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)


def _about(_logger: Any, _method: str, event: Any) -> Any:
    """What kopf attaches to the lines about one object, under our names."""
    about = getattr(event.get("_record"), "k8s_ref", None)
    if about:
        event |= {"namespace": about.get("namespace"), "environment": about.get("name")}
    return event
