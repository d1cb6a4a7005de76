"""What a runner is asked: one kind of run each, and every version of this project reads what the others wrote."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from tests.fakes.requests import request_of
from tests.unit.runner.flat_request import FlatRequest
from tradai_runner.contract import (
    REQUESTS,
    Asked,
    Destroy,
    DriftCheck,
    Plan,
    Refresh,
    TeardownPlan,
    Unprotect,
    Update,
)
from tradai_runner.contract.request import _NOT_ASKED

#: As the version before wrote them, word by word.
BEFORE: Final[dict[str, dict[str, Any]]] = json.loads((Path(__file__).parent / "requests_before.json").read_text())
KINDS: Final[dict[str, type[Asked]]] = {
    "an update": Update,
    "an update bound to a plan": Update,
    "a first creation": Update,
    "a plan that is kept": Plan,
    "a plan of a layer that is foreseen": Plan,
    "a plan of a teardown": TeardownPlan,
    "a look for drift": DriftCheck,
    "a destroy": Destroy,
    "a destroy that nobody confirmed": Destroy,
    "an update by hand": Update,
    "an update as the first versions wrote it": Update,
    "a plan by hand, which nothing is left of": Plan,
    "a look for drift by hand": DriftCheck,
    "a refresh by hand": Refresh,
    "a destroy by hand": Destroy,
    "protections lifted by hand": Unprotect,
}
#: Of each kind, one that says no more than it has to.
PLAIN: Final[dict[type[Asked], dict[str, Any]]] = {
    Update: {"operation": "up"},
    Unprotect: {"operation": "up", "lift_protection": True},
    Plan: {"operation": "preview"},
    TeardownPlan: {"operation": "preview", "teardown": True, "keep_plan": True},
    DriftCheck: {"operation": "preview", "drift": {}},
    Refresh: {"operation": "refresh"},
    Destroy: {"operation": "destroy"},
}
#: A word for everything that only some kinds are asked.
WORDS: Final[dict[str, Any]] = {
    "lift_protection": True,
    "keep_plan": True,
    "plan": {"run_id": "r", "digest": "d"},
    "only_if_new": True,
    "unknown": ["persistent"],
    "teardown": True,
    "confirmed": [],
    "owned_only": True,
    "survey": "sha256:facts",
    "refresh": True,
    "drift": {},
}
#: What makes the one kind of run another.
_TURNS: Final = {(Update, "lift_protection"), (Plan, "teardown"), (Plan, "drift"), (DriftCheck, "teardown")}
FOREIGN: Final = [
    pytest.param(kind, name, id=f"{kind.__name__}.{name}")
    for kind in PLAIN
    for name in WORDS
    if name not in kind.model_fields and (kind, name) not in _TURNS
]


@pytest.mark.parametrize("name", BEFORE)
def test_what_the_version_before_wrote_is_read_as_the_run_that_it_was(name: str) -> None:
    read = REQUESTS.validate_json(json.dumps(BEFORE[name]))
    assert type(read) is KINDS[name]
    said = read.model_dump(mode="json")
    left = {field: value for field, value in BEFORE[name].items() if field not in said}
    assert said.items() >= {field: value for field, value in BEFORE[name].items() if field in said}.items()
    assert left == {field: json.loads(json.dumps(_NOT_ASKED[field])) for field in left}, (
        "nothing that was asked is lost"
    )


@pytest.mark.parametrize("name", BEFORE)
def test_what_is_written_now_says_the_same_to_the_version_before(name: str) -> None:
    written = REQUESTS.validate_json(json.dumps(BEFORE[name])).model_dump_json()
    assert FlatRequest.model_validate_json(written) == FlatRequest.model_validate(BEFORE[name])
    assert REQUESTS.validate_json(written).model_dump_json() == written


@pytest.mark.parametrize(("kind", "name"), FOREIGN)
def test_what_another_kind_is_asked_is_refused_by_name(kind: type[Asked], name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        request_of(**PLAIN[kind], **{name: WORDS[name]})
    assert type(request_of(**PLAIN[kind], **{name: _NOT_ASKED[name]})) is kind, (
        "versions before said that it is not asked"
    )


def test_the_words_that_only_some_are_asked_are_all_known() -> None:
    special = {name for kind in PLAIN for name in kind.model_fields.keys() - Asked.model_fields.keys()}
    assert special - {"operation"} == _NOT_ASKED.keys() == WORDS.keys()


def test_every_kind_is_the_one_that_its_own_words_say() -> None:
    for kind, words in PLAIN.items():
        made = request_of(**words)
        assert type(made) is kind
        assert REQUESTS.validate_python(made) is made


@pytest.mark.parametrize("words", [{"operation": "import"}, {"operation": None}])
def test_an_operation_that_nobody_knows_is_refused_with_those_that_there_are(words: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="operation is not one of up, preview, refresh, destroy"):
        request_of(**words)


def test_a_word_of_a_later_version_is_refused_as_ever() -> None:
    with pytest.raises(ValidationError, match="hurry"):
        request_of(hurry=False)


@pytest.mark.parametrize(("words", "named"), [({"keep_plan": False}, "keep_plan"), ({"drift": {}}, "drift")])
def test_a_plan_of_a_teardown_is_always_kept_and_looks_for_no_drift(words: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        request_of(operation="preview", teardown=True, **words)
