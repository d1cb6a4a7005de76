"""The first day of an account: its steps are what the document says, and a fault ends the play with its sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from tools.smoke import __main__ as smoke
from tools.smoke.account import Account, SmokeError, condition, expect
from tools.smoke.by_hand import RECORDED
from tools.smoke.recorder import Recorder
from tools.smoke.steps import STEPS, Step

ROOT = Path(__file__).parents[3]
MANIFEST = ROOT / "crds" / "examples" / "env-dev.yaml"


def test_every_step_is_a_row_of_the_document() -> None:
    text = (ROOT / "docs" / "FIRST-ACCOUNT.md").read_text()
    rows = [line.split("|")[1].strip(" `") for line in text.splitlines() if line.startswith("| `")]
    for steps in (STEPS, RECORDED):
        assert [row for row in rows if row in {step.name for step in steps}] == [step.name for step in steps]


def test_every_step_says_what_it_shows_what_it_costs_and_the_way_back() -> None:
    every = (*STEPS, *RECORDED)
    assert all(step.shows and step.costs and step.back for step in every)
    assert len({step.name for step in every}) == len(every)


def test_what_differs_is_said_with_what_was_expected() -> None:
    expect("the layers", found=4, wanted=4)
    with pytest.raises(SmokeError, match="the layers: 3, not 4"):
        expect("the layers", found=3, wanted=4)


@pytest.mark.parametrize(("kind", "status"), [("Ready", "True"), ("Stalled", "")])
def test_a_condition_is_read_by_its_type(kind: str, status: str) -> None:
    assert condition({"conditions": [{"type": "Ready", "status": "True"}]}, kind) == status


def account(tmp_path: Path, said: list[str], answers: dict[str, str]) -> Account:
    """One whose commands are stand-ins: name → what it prints."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in answers.items():
        command = folder / name
        command.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
        command.chmod(0o755)
    return Account(MANIFEST, {"PATH": f"{folder}:/usr/bin:/bin"}, said.append, limit=0.0)


def resource(generation: int, seen: int, **conditions: str) -> str:
    told = [{"type": kind, "status": status} for kind, status in conditions.items()]
    status = {"observedGeneration": seen, "phase": "Failed", "message": "no quota", "conditions": told}
    return json.dumps({"metadata": {"generation": generation}, "status": status})


def test_a_status_of_an_older_generation_is_none_yet(tmp_path: Path) -> None:
    assert account(tmp_path, [], {"kubectl": resource(2, 1, Ready="True")}).status() == {}


def test_one_that_is_stalled_is_not_waited_for(tmp_path: Path) -> None:
    stalled = account(tmp_path, [], {"kubectl": resource(1, 1, Stalled="True", Ready="False")})
    with pytest.raises(SmokeError, match="it is Stalled: no quota"):
        stalled.ready()


def test_what_takes_too_long_says_where_it_stands(tmp_path: Path) -> None:
    slow = account(tmp_path, [], {"kubectl": resource(1, 1, Ready="False")})
    with pytest.raises(SmokeError, match="waited 0 s for Ready; it says Failed: no quota"):
        slow.ready()


def test_a_command_that_fails_ends_the_step_with_its_complaint(tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(SmokeError, match="ended with 3"):
        account(tmp_path, said, {}).run("sh", "-c", "exit 3")
    assert said == ["$ sh -c exit 3"]


def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *words: str, bad: str = "") -> Any:
    """The play over steps that do nothing, of which one is `bad`; what the report has stands in the answer."""

    def nothing(_: Account) -> None: ...

    def fails(_: Account) -> None:
        raise SmokeError("it is not as it should be")

    steps = tuple(Step(s.name, s.shows, s.costs, s.back, fails if s.name == bad else nothing) for s in STEPS)
    monkeypatch.setattr(smoke, "STEPS", steps)
    monkeypatch.setattr(Account, "standing", lambda _: ["arn"])
    app = typer.Typer()
    app.command()(smoke.main)
    report = tmp_path / "report.json"
    return CliRunner().invoke(app, [str(MANIFEST), "--yes", "--report", str(report), *words]), report


def test_steps_are_played_in_their_order_and_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran, report = played(monkeypatch, tmp_path)
    assert ran.exit_code == 0, ran.output
    assert [row["step"] for row in json.loads(report.read_text())] == [step.name for step in STEPS]


def test_a_fault_ends_the_play_with_the_way_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran, report = played(monkeypatch, tmp_path, bad="unchanged")
    assert ran.exit_code == 1
    assert "unchanged: it is not as it should be\nway back: nothing to go back from" in ran.output
    assert [row["step"] for row in json.loads(report.read_text())] == ["prepared", "built"]


def test_it_goes_on_with_a_later_step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ran, report = played(monkeypatch, tmp_path, "--from", "drift")
    assert (ran.exit_code, json.loads(report.read_text())[0]["step"]) == (0, "drift")
    ran, _ = played(monkeypatch, tmp_path, "--from", "lunch")
    assert (ran.exit_code, "no step 'lunch'" in ran.output) == (2, True)


def test_the_example_is_a_manifest_that_it_can_read() -> None:
    example = Account(MANIFEST, {}, print)
    assert (example.name, example.namespace, example.environment) == ("dev", "tradai", "dev")
    assert yaml.safe_load(MANIFEST.read_text()) == example.body


def by_hand(name: str, monkeypatch: pytest.MonkeyPatch, manifest: Path = MANIFEST) -> list[str]:
    """The commands of a step by hand, without the manifest."""
    ran: list[str] = []
    monkeypatch.setattr(Account, "run", lambda _, *words: ran.append(" ".join(words[1 : words.index("--file")])))
    monkeypatch.setattr(Account, "standing", lambda _: ["arn:aws:s3:::tradai-pulumi-state-dev"])
    step = next(step for step in RECORDED if step.name == name)
    step.play(Account(manifest, {}, ran.append, changed=MANIFEST.with_name("env-staging.yaml")))
    return ran


def test_by_hand_images_are_pushed_before_the_layer_that_runs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_hand("built by hand", monkeypatch) == [
        "infra up persistent dev",
        "infra up foundation dev",
        "images push dev",
        "infra up compute dev",
        "infra up edge dev",
    ]


def test_by_hand_layers_go_in_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = [f"infra down {layer} dev" for layer in ("edge", "compute", "foundation", "persistent")]
    assert by_hand("gone by hand", monkeypatch) == gone


def test_no_environment_is_recorded_whose_data_is_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SmokeError, match="the data of prod is protected"):
        by_hand("free", monkeypatch, MANIFEST.with_name("env-prod.yaml"))


def test_nothing_is_recorded_through_another_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    ran, report = played(monkeypatch, tmp_path, "--record", str(tmp_path / "calls.json"))
    assert (ran.exit_code, "is set: record where AWS is reached without a proxy" in ran.output) == (1, True)
    assert not report.exists()


def test_without_a_plug_in_there_is_nothing_to_record(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path))
    recorder = Recorder(tmp_path / "calls.json", tmp_path / "record")
    with pytest.raises(SmokeError, match="pulumi plugin install resource aws"):
        recorder.variables({"PATH": "/usr/bin:/bin"}, anew=True)
