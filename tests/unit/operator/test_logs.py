"""Log lines: one form for ours and the libraries', with the ids of the environment, and no local variable."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.fakes.bodies import body
from tests.fakes.drive import Drive
from tests.fakes.world import World
from tradai_operator.adapters.process import logs
from tradai_operator.adapters.web.meters import Meters
from tradai_operator.adapters.web.telemetry import LiveTelemetry
from tradai_runner.process.tracing import Tracing


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_ours_and_the_libraries_lines_have_one_form() -> None:
    stream = io.StringIO()
    logs.configure({}, stream)
    structlog.get_logger("tradai_operator").info("run began", layer="edge")
    logging.getLogger("kopf._core").warning("watch %s", "lost")
    logging.getLogger("kopf._core").info("chatter")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["level"], ours["layer"]) == ("run began", "info", "edge")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("watch lost", "warning", "kopf._core")
    assert set(ours) - {"layer"} == set(theirs)


def test_what_the_task_has_bound_is_on_every_line_also_of_libraries() -> None:
    stream = io.StringIO()
    logs.configure({"TRADAI_LOG": "json"}, stream)
    with structlog.contextvars.bound_contextvars(namespace="tradai", environment="dev"):
        logging.getLogger("lightkube").error("refused")
    logging.getLogger("kopf.objects").error("no", extra={"k8s_ref": {"namespace": "n", "name": "e"}})
    assert [(line["namespace"], line["environment"]) for line in lines(stream)] == [("tradai", "dev"), ("n", "e")]


def test_a_warning_of_python_is_a_line_too() -> None:
    stream = io.StringIO()
    logs.configure({}, stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", stacklevel=1)
    assert lines(stream)[0]["logger"] == "py.warnings"


@pytest.mark.parametrize(("stream", "word"), [(Terminal(), ""), (io.StringIO(), "text")])
def test_text_is_for_terminals_and_whoever_asks(stream: io.StringIO, word: str) -> None:
    logs.configure({"TRADAI_LOG": word}, stream)
    structlog.get_logger("tradai_operator").info("hello")
    assert "hello" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="TRADAI_LOG is json or text, not 'xml'"):
        logs.configure({"TRADAI_LOG": "xml"}, io.StringIO())


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_shows_no_local_variable(form: str) -> None:
    stream = io.StringIO()
    logs.configure({"TRADAI_LOG": form}, stream)
    _fail("-".join(["hunter", "2"]))
    assert "ZeroDivisionError" in stream.getvalue()
    assert "hunter-2" not in stream.getvalue()


def _fail(passphrase: str) -> None:
    try:
        len(passphrase) / 0
    except ZeroDivisionError:
        structlog.get_logger("tradai_operator").exception("turn failed")


async def test_runs_are_logged_with_their_ids_and_failures_with_their_class_alone() -> None:
    stream = io.StringIO()
    logs.configure({}, stream)
    drive = Drive(World(real_telemetry=LiveTelemetry(Meters("1"), Tracing())), body())
    await drive.turn()
    drive.world.executor.fail("persistent", "Program", "the password is hunter-2")
    await drive.turn()
    ended = [line for line in lines(stream) if line["event"] == "run ended"]
    ids = {"layer": "persistent", "operation": "up", "run": "run-0001", "outcome": "failed", "failure": "Program"}
    assert ended[0].items() >= ids.items()
    assert "hunter-2" not in stream.getvalue()
