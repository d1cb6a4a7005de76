"""The table of words is whole, and listing it loads none of them."""

import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from botocore.exceptions import EndpointConnectionError

from tradai_cli.main import WORDS, Word, build, main
from tradai_cli.trouble import sentence


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_each_word_can_be_said(word: Word) -> None:
    with pytest.raises(SystemExit) as ended:
        build(word.name)([word.name, "--help"])
    assert ended.value.code == 0


def test_listing_the_words_loads_none_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build(None)(["--help"])
    told = capsys.readouterr().out
    assert all(word.name in told for word in WORDS)


def test_asking_for_help_loads_neither_cloud_nor_cluster() -> None:
    program = (
        "import sys\nfrom tradai_cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'boto3', 'lightkube', 'pulumi', 'moto'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"tradai {version('tradai-environments')}\n"


def test_a_word_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(SystemExit) as ended:
        build("nonsense")(["nonsense"])
    assert ended.value.code == 2


def _kubeconfig(path: Path, server: str) -> Path:
    cluster, user = {"server": server}, {"token": "x"}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "c", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def test_a_cluster_that_does_not_answer_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a reboot, in a shell that has sourced the sandbox's variables before."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        config = _kubeconfig(tmp_path / "config", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setenv("KUBECONFIG", str(config))
        with pytest.raises(SystemExit) as ended:
            main(["history", "dev"])
    assert ended.value.code == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("the API server does not answer: bring the sandbox up")


def test_no_cluster_at_all_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(SystemExit) as ended:
        main(["history", "dev"])
    assert ended.value.code == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("no API server is configured")


def test_an_endpoint_that_does_not_answer_is_one_sentence_and_a_bug_is_none() -> None:
    assert "AWS does not answer" in (sentence(EndpointConnectionError(endpoint_url="http://127.0.0.1:1")) or "")
    assert sentence(KeyError("a bug")) is None
