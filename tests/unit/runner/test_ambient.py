"""Only the variables of one table reach a run, whoever starts it and whatever they have set."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.requests import request_of
from tradai_runner.engine.process import Engine
from tradai_runner.journal.local import RunJournal
from tradai_runner.lock.registry import RunRegistry
from tradai_runner.process.environment import PERMITTED, confine, left_out, permitted

#: Variables by which an engine, a provider or an SDK does something else than it was asked.
HOSTILE: Final = (
    "PULUMI_OPTION_TARGET",
    "PULUMI_OPTION_TARGET_DEPENDENTS",
    "PULUMI_OPTION_EXCLUDE",
    "PULUMI_OPTION_EXCLUDE_PROTECTED",
    "PULUMI_OPTION_REFRESH",
    "PULUMI_OPTION_PARALLEL",
    "PULUMI_SKIP_CHECKPOINTS",
    "PULUMI_DISABLE_REFRESH_BEFORE_UPDATE",
    "PULUMI_CONTINUE_ON_ERROR",
    "PULUMI_EXPERIMENTAL",
    "PULUMI_DIY_BACKEND_GZIP",
    "PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS",
    "PULUMI_SELF_MANAGED_STATE_GZIP",
    "PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT",
    "PULUMI_SELF_MANAGED_STATE_LOCKING",
    "PULUMI_DEBUG_PROVIDERS",
    "PULUMI_DEBUG_LANGUAGES",
    "PULUMI_STACK",
    "PULUMI_CONFIG",
    "PULUMI_ENABLE_LEGACY_APPLY",
    "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_MAX_ATTEMPTS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "TRADAI_SECRET_BINANCE_API",
    "KUBECONFIG",
    "GRPC_TRACE",
    "TF_LOG",
)
NAMES = st.one_of(st.sampled_from([*HOSTILE, *PERMITTED]), st.text(min_size=1, max_size=20))


@given(st.dictionaries(NAMES, st.text(max_size=5)))
def test_what_passes_is_in_the_table_and_as_it_was(around: dict[str, str]) -> None:
    passed = permitted(around)
    assert passed == {name: value for name, value in around.items() if name in PERMITTED}
    assert permitted(passed) == passed


@given(st.dictionaries(NAMES, st.text(max_size=5)))
def test_an_environment_is_confined_in_place_and_says_what_somebody_will_miss(around: dict[str, str]) -> None:
    confined = dict(around)
    told = confine(confined)
    assert confined == permitted(around)
    assert set(told) <= set(around) - set(PERMITTED)
    assert told == left_out(around)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_variable_passes(name: str) -> None:
    assert permitted({name: "true"}) == {}
    assert (left_out({name: "true"}) == (name,)) is name.startswith(("PULUMI_", "AWS_"))


@pytest.mark.parametrize("name", [name for name in PERMITTED if name.startswith("PULUMI_")])
def test_of_the_engines_own_variables_only_its_home_and_the_passphrase_pass(name: str) -> None:
    assert name in {"PULUMI_HOME", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"}


def test_each_name_has_its_reason() -> None:
    assert all(reason and not reason.endswith(".") for reason in PERMITTED.values())


def spy(folder: Path) -> Path:
    """An engine that leaves what it was started with, one file a start."""
    engine = folder / "pulumi"
    engine.write_text(
        f"#!{sys.executable}\n"
        "import json, os, pathlib, sys\n"
        f"told = pathlib.Path({str(folder)!r}, str(os.getpid()) + '.json')\n"
        "told.write_text(json.dumps([sys.argv, dict(os.environ)]))\n"
        "print('v3.255.0')\n"
    )
    engine.chmod(0o755)
    return folder


def starts(folder: Path) -> dict[str, dict[str, str]]:
    """The words of each start, without what is in the way, and its variables."""
    told = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return {" ".join(word for word in words[1:] if not word.startswith("-")): seen for words, seen in told}


def hostile() -> dict[str, str]:
    return dict.fromkeys(HOSTILE, "true") | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "HTTPS_PROXY": "http://proxy"}


def test_every_start_of_an_engine_is_given_the_table_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in hostile().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{spy(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    engine = Engine("r1", RunRegistry(tmp_path / "notes"))
    engine.run(["stack", "ls"], str(tmp_path), {"PULUMI_BACKEND_URL": "s3://b"})
    seen = starts(tmp_path)
    assert set(seen) == {"version", "stack ls"}
    assert seen["stack ls"]["PULUMI_BACKEND_URL"] == "s3://b"
    for variables in seen.values():
        ours = {"PULUMI_BACKEND_URL", "PULUMI_SKIP_UPDATE_CHECK", "PULUMI_AUTOMATION_API"}
        assert set(variables) <= {*PERMITTED, *ours}
        assert variables["HTTPS_PROXY"] == "http://proxy"
        assert variables["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


@pytest.mark.parametrize("operation", ["up", "preview", "refresh", "destroy"])
def test_a_run_starts_engines_with_the_table_alone_and_its_log_names_what_it_left_out(
    operation: Any, tmp_path: Path
) -> None:
    """The whole runner, as the operator, a container and a person start it; the engine is a spy."""
    journal = RunJournal(tmp_path / "run")
    journal.open(
        request_of(
            run_id="r1",
            blueprint="sample",
            layer="store",
            environment="eph-a",
            operation=operation,
            account_id="123456789012",
            region="eu-central-1",
            backend_url=f"file://{tmp_path}",
        )
    )
    spies = tmp_path / "spies"
    spies.mkdir()
    around = os.environ | hostile() | {"PULUMI_CONFIG_PASSPHRASE": "x", "PATH": f"{spy(spies)}:{os.environ['PATH']}"}
    subprocess.run([sys.executable, "-m", "tradai_runner", str(journal.path)], env=around, check=False)
    seen = starts(spies)
    assert operation in {words.partition(" ")[0] for words in seen}, journal.log_path.read_text()
    for variables in seen.values():
        assert not set(variables) & set(HOSTILE)
        assert variables["PULUMI_CONFIG_PASSPHRASE"] == "x"
    assert "do not reach a run" in journal.log_path.read_text()
    assert "PULUMI_OPTION_TARGET" in journal.log_path.read_text()
