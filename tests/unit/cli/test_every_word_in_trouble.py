"""Whatever word a person says: without a cluster, without rights, without the object, the answer is one sentence.

The words come from the parser, each alone and with each of its switches.
"""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import pytest
import typer

from tests.unit.cli import clusters
from tests.unit.cli.clusters import Transport
from tests.unit.cli.words import One, exit_status, said

PROMPT = typer.prompt
EVERY = pytest.mark.parametrize("given", said(), ids=" ".join)
INSTALL, LOOK, CONFIG = "kubectl apply --server-side -f crds/", "kubectl get tradaienv -A", "KUBECONFIG"
#: What the API server is to a word, and what the sentence that the person reads has in it.
TROUBLE: dict[str, tuple[Callable[[], clusters.Answer], str]] = {
    "no API server": (lambda: clusters.silent, "tradai sandbox up"),
    "no rights": (lambda: clusters.forbidden, "crds/examples/rbac.yaml"),
    "nobody's credentials": (lambda: clusters.unknown, CONFIG),
    "no object": (lambda: clusters.empty, LOOK),
    "an object that goes after the first answer": (lambda: clusters.gone_after(1), LOOK),
    "an object that goes after the second": (lambda: clusters.gone_after(2), LOOK),
    "an object that goes after the third": (lambda: clusters.gone_after(3), LOOK),
    "nothing installed": (lambda: clusters.bare, INSTALL),
    "a server that begins": (lambda: clusters.starting, "try again"),
    "no API": (lambda: clusters.no_api, CONFIG),
    "somebody between": (lambda: clusters.proxied, CONFIG),
}
#: All goes well, until a word that waits for something has waited for long.
ENOUGH = partial(clusters.gone_after, 9)
PROGRESS = re.compile(r"(persistent|foundation|compute|edge): ")
KUBECONFIGS = {"none": None, "no YAML": "{", "no kubeconfig": "[]", "of nobody": '{"clusters": [], "contexts": []}'}


def _no_program(command: list[str], **_: Any) -> NoReturn:
    raise FileNotFoundError(2, "No such file or directory", command[0])


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, no AWS, no program but this one, somebody who says yes to all, and no time to lose."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(clusters.kubeconfig(tmp_path / "kubeconfig")))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.setattr(subprocess, "Popen", _no_program)
    monkeypatch.setattr("tradai_cli.infra._layer_folder", lambda *_: tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr("tradai_cli.config_check.render", lambda *_: {})
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "dev")
    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """What a person is told beside how far a word is that they wait for."""
    return "\n".join(line for line in capsys.readouterr().err.splitlines() if not PROGRESS.match(line))


@EVERY
def test_what_the_api_server_has_against_it_is_one_sentence_and_the_way_out(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    between = Transport(ENOUGH()).between(monkeypatch)
    exit_status(given)
    answers = len(between.asked)
    for name, (answer, way_out) in TROUBLE.items() if answers else ():
        capsys.readouterr()
        between.begin(answer())
        ended = exit_status(given)
        if between.refused:
            assert (name, ended, complaint(capsys)) == (name, 1, One(way_out))


WRITES = ("cancel", "retry", "reconcile", "approve", "open-window")


@EVERY
def test_what_a_word_writes_is_that_of_the_field_manager_tradai(
    given: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    between = Transport(ENOUGH()).between(monkeypatch)
    exit_status(given)
    written = [httpx2.URL(asked.partition(" ")[2]).params for asked in between.asked if asked.startswith("PATCH ")]
    assert {params.get("fieldManager") for params in written} <= {"tradai"}
    assert written or given[0] not in WRITES


@EVERY
def test_a_kubeconfig_that_names_no_server_is_one_sentence_and_the_way_out(
    given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    between = Transport(ENOUGH()).between(monkeypatch)
    exit_status(given)
    for name, text in KUBECONFIGS.items() if between.asked else ():
        path = tmp_path / "unusable"
        if text is not None:
            path.write_text(text)
        capsys.readouterr()
        monkeypatch.setenv("KUBECONFIG", str(path))
        assert (name, exit_status(given), capsys.readouterr().err) == (name, 1, One(". .sandbox/env"))


@EVERY
def test_whoever_stops_it_is_told_nothing_and_the_shell_130(
    given: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C wherever the word waits for something: a server, another program, a person, or just a while."""
    stopped: list[str] = []

    def stop(*_: Any, **__: Any) -> NoReturn:
        stopped.append("")
        raise KeyboardInterrupt

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", stop)
    monkeypatch.setattr("httpx2.HTTPTransport.handle_request", stop)
    monkeypatch.setattr(subprocess, "Popen", stop)
    monkeypatch.setattr("typer._click.termui.visible_prompt_func", stop)
    monkeypatch.setattr("typer.prompt", PROMPT)
    monkeypatch.setattr(time, "sleep", stop)
    ended = exit_status(given)
    if stopped:
        assert ended == 130
        assert "Traceback" not in capsys.readouterr().err


def test_a_word_that_begins_while_it_is_stopped_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a word needs is loaded first, which takes a while."""

    def stop(_: str) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.import_module", stop)
    assert exit_status(["history", "dev"]) == 130
