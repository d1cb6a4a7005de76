"""The admission policy: in step with the guards, complete, closed where something is missing."""

from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tradai_operator.model import DeletionPolicy, admission, keys
from tradai_operator.model.guards import FACTS, GUARDS, LADDERS, PROTECTED
from tradai_sandbox.layout import OPERATOR_RBAC

PARAMETER, POLICY, BINDING = admission.documents()
EXAMPLE = Path(__file__).parents[3] / "crds" / "examples" / "rbac.yaml"
#: What anybody may set who may change an environment: none of it lets anything be done that was not permitted before.
FREE = {keys.CANCEL, keys.RETRY, keys.RECONCILE, keys.DRIFT}


def test_the_file_is_what_the_guards_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert admission.main(["--check"]) == 0
    monkeypatch.setattr(admission, "FILE", tmp_path / "admission.yaml")
    assert admission.main(["--check"]) == 1
    assert "python -m tradai_operator.model.admission" in capsys.readouterr().err
    assert admission.main([]) == 0
    assert list(yaml.safe_load_all((tmp_path / "admission.yaml").read_text())) == admission.documents()


def test_every_key_is_either_guarded_or_free_on_purpose() -> None:
    known = {value for name, value in vars(keys).items() if isinstance(value, str) and value.startswith("tradai.io/")}
    guarded = "".join(fact.read for fact in FACTS) + "".join(guard.lowers for guard in GUARDS)
    left = {key for key in known - {keys.API_VERSION, keys.DEFINITION} if f"'{key}'" not in guarded}
    assert left == FREE


def test_every_fact_is_read_by_a_guard() -> None:
    expressions = "".join(guard.lowers + guard.unless for guard in GUARDS)
    assert [fact.name for fact in FACTS if f"variables.now.{fact.name} " not in expressions] == []


def test_the_ladders_are_the_choices_of_the_spec_from_strong_to_weak() -> None:
    steps = {ladder.path: (ladder.steps, ladder.default) for ladder in LADDERS}
    assert set(steps["deletionPolicy"][0]) == set(get_args(DeletionPolicy))
    assert steps == {
        "deletionPolicy": (("Retain", "Soft", "All", "Everything"), "Soft"),
        "approval": (("Always", "OnDestructive", "Never"), "OnDestructive"),
        "program.update": (("Manual", "Auto"), "Auto"),
        "drift.policy": (("Report", "Correct"), "Report"),
        "drift.enabled": (("true", "false"), "true"),
        "state.durability": (("Sync", "Group"), "Sync"),
    }


def test_prod_is_what_starts_with_its_guards_up() -> None:
    assert PROTECTED == ("prod",)


def test_whatever_goes_wrong_closes_and_does_not_open() -> None:
    assert POLICY["spec"]["failurePolicy"] == "Fail"
    assert BINDING["spec"]["validationActions"] == ["Deny"]
    assert BINDING["spec"]["paramRef"]["parameterNotFoundAction"] == "Deny"
    assert BINDING["spec"]["policyName"] == POLICY["metadata"]["name"]


def test_creations_and_changes_are_matched_and_no_subresource() -> None:
    assert POLICY["spec"]["matchConstraints"]["resourceRules"] == [
        {
            "apiGroups": ["tradai.io"],
            "apiVersions": ["*"],
            "operations": ["CREATE", "UPDATE"],
            "resources": ["tradaienvironments"],
        }
    ]


def test_applying_the_file_again_keeps_the_list_of_the_cluster() -> None:
    assert "data" not in PARAMETER


def test_the_parameter_is_the_operators_and_the_operator_is_the_one_of_its_rights() -> None:
    rights: list[dict[str, Any]] = list(yaml.safe_load_all(OPERATOR_RBAC.read_text()))
    subjects = [subject for document in rights for subject in document.get("subjects", [])]
    names = {f"system:serviceaccount:{subject['namespace']}:{subject['name']}" for subject in subjects}
    assert names == {admission.OPERATOR}
    own = next(document["metadata"]["namespace"] for document in rights if document["kind"] == "Role")
    assert {PARAMETER["metadata"]["namespace"], BINDING["spec"]["paramRef"]["namespace"]} == {own}


@pytest.mark.parametrize("guard", GUARDS, ids=[guard.name for guard in GUARDS])
def test_every_guard_says_what_it_guards(guard: Any) -> None:
    assert "\n" not in guard.sentence, "the API server takes no message of two lines"
    assert "approve" in guard.sentence or "approval" in guard.sentence


def test_the_roles_of_the_example_have_no_wildcard_and_only_approvers_the_verb() -> None:
    documents = list(yaml.safe_load_all(EXAMPLE.read_text()))
    verbs = {
        document["metadata"]["name"]: {verb for rule in document["rules"] for verb in rule["verbs"]}
        for document in documents
        if "rules" in document
    }
    assert not any("*" in granted for granted in verbs.values())
    assert {name for name, granted in verbs.items() if "approve" in granted} == {
        "tradai-environment-approver",
        "tradai-approve-prod",
    }
    approver = next(d for d in documents if d["metadata"]["name"] == "tradai-environment-approver")
    assert "labels" not in approver["metadata"], "who administrates a namespace is no approver by that"
