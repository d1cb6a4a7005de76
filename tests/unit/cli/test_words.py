"""The table of words is whole, and listing it loads none of them."""

import subprocess
import sys

import pytest

from tradai_cli.main import WORDS, Word, build


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


def test_a_word_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(SystemExit) as ended:
        build("nonsense")(["nonsense"])
    assert ended.value.code == 2
