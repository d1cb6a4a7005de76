"""The table of guards on a real API server, in an editor's name and in an approver's: who gets which by what.

What the server takes is then given to the operator's own rule, as that gets it: what it made of the object counts.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.integration.admission_api import ADMIN, Answer, Api, binding, eventually, manifest, own_namespace, role
from tests.integration.admission_changes import APPROVER, EDITOR
from tests.integration.conftest import RunningSandbox
from tests.integration.guard_table import TABLE, Row
from tests.integration.test_admission_on_apiserver import await_rights, grant, own
from tests.official import Official
from tests.unit.operator.test_webhook_addresses import INSIDE, OUTSIDE
from tradai_operator.decide.adoption import adopted, held, lifted
from tradai_operator.decide.decision import StartDestroy
from tradai_operator.decide.facts import StackSeen
from tradai_operator.decide.requests import owner_of, request_for
from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus, keys
from tradai_operator.model.in_force import completed, guards_of, lowered
from tradai_runner.contract import Owner
from tradai_runner.guard.location import moved
from tradai_runner.state.checkpoint import Checkpoint, Recorded

NAMESPACE = "guard-table"
SETTINGS = Settings(namespace="tradai-system", program_version="1", cluster="c-1")
BEFORE = Owner(cluster="c-1", resource=f"{NAMESPACE}/again", uid="uid-0")
IDS = [f"{row.guard}-{row.word or index}" for index, row in enumerate(TABLE)]
#: Changes environments and may not delete them.
PATCHER = "patty"
VERBS = ["get", "list", "update", "patch"]


@pytest.fixture(scope="module")
def api(sandbox: RunningSandbox) -> Iterator[Api]:
    with own_namespace(sandbox.kubeconfig, NAMESPACE, grant, await_rights) as found:
        for index, row in enumerate(TABLE):
            answer = found.create(whole(found, f"strong-{index}", row, row.strong, ADMIN))
            assert answer.allowed, answer.message
        yield found
        for index in range(len(TABLE)):
            found.patch(f"strong-{index}", {"metadata": {"finalizers": None}})


def whole(api: Api, name: str, row: Row, values: dict[str, Any], user: str) -> dict[str, Any]:
    """An environment with the row's strong or weak values."""
    if not row.metadata:
        return manifest(api, name, **values)
    made = manifest(api, name)
    made["metadata"] |= own(values, user)
    return made


def patch_of(row: Row, user: str) -> dict[str, Any]:
    """The merge patch from strong to weak: what the weak side does not have is taken out."""
    changes = _merge(row.strong, own(row.weak, user))
    return {"metadata": changes} if row.metadata else {"spec": changes}


def _merge(before: Any, after: Any) -> Any:
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return after
    return {key: _merge(before.get(key), after.get(key)) for key in {**before, **after}}


def made_again(api: Api, row: Row, user: str, **more: str) -> tuple[Answer, Environment | None]:
    """A creation in the user's name, and the resource that the operator then gets."""
    asked = whole(api, "again", row, row.weak, user)
    asked["metadata"].setdefault("annotations", {}).update(more)
    answer = api.create(asked, user, dry=True)
    return answer, Environment.parse(answer.object) if answer.allowed else None


def come_to(env: Environment, known: dict[str, str] | None) -> Environment:
    """The environment under what is in force once it has seen that its stacks stand."""
    marker = BEFORE.model_copy(update={"guards": known})
    found = {env.spec.declaration.layer_names[0]: StackSeen(marker, stands=True)}
    status = adopted(env, EnvironmentStatus(), found, owner_of(env, SETTINGS), "s3://b AWS")
    return held(env, lifted(env, status))


def refused_by_its_run(env: Environment, *, permitted: str = "") -> bool:
    """Whether a run of the new resource would touch nothing, since what stands is elsewhere."""
    table = Recorded(
        "urn:t",
        "aws:dynamodb/table:Table",
        "t",
        "t",
        {},
        {"arn": "arn:aws:dynamodb:eu-central-1:123456789012:table/t"},
        protect=False,
        retained=False,
    )
    layer = env.spec.declaration.layer_names[0]
    request = request_for(env, StartDestroy(layer, "x"), "r", SETTINGS)
    request = request.model_copy(update={"migrations": (permitted,) if permitted else ()})
    failure = moved(request, Checkpoint(resources=(table,)), BEFORE)
    return failure is not None and failure.kind == "Immutable"


@pytest.mark.parametrize("row", TABLE, ids=IDS)
@pytest.mark.parametrize("user", [EDITOR, APPROVER])
def test_creating_where_nothing_stands(api: Api, row: Row, user: str) -> None:
    answer, _ = made_again(api, row, user)
    expected = row.verdict("create", approver=user == APPROVER)
    assert ("yes" if answer.allowed else "no") == expected, answer.message


@pytest.mark.parametrize("row", TABLE, ids=IDS)
@pytest.mark.parametrize("user", [EDITOR, APPROVER])
@pytest.mark.parametrize("situation", ["adopt", "recreate"])
def test_making_it_again_where_it_stands(api: Api, row: Row, user: str, situation: str) -> None:
    expected = row.verdict(situation, approver=user == APPROVER)
    words = ",".join({row.word, "deletionPolicy=Everything"} if "ttl" in row.weak else {row.word})
    named = {keys.LOWER_GUARDS: words} if user == APPROVER and row.word and expected == "yes" else {}
    answer, env = made_again(api, row, user, **named)
    if env is None:
        assert (expected, answer.code) == ("no", 403), answer.message
        return
    if expected == "run":
        assert refused_by_its_run(env)
        assert not refused_by_its_run(env, permitted=row.word)
        return
    known = guards_of(standing_spec(api, row)) if situation == "recreate" else None
    now = come_to(env, known)
    still = lowered(guards_of(env.spec), completed(known, guards_of(env.spec))) if not row.metadata else {}
    if expected == "kept":
        assert still, "the row lowers something"
        assert lowered(guards_of(now.spec), completed(known, guards_of(env.spec))) == {}
    else:
        assert expected == "yes"
        assert guards_of(now.spec) == guards_of(env.spec)


def standing_spec(api: Api, row: Row) -> Any:
    """What stood under the strong values, as the API server has it."""
    return Environment.parse(api.get(f"strong-{TABLE.index(row)}")).spec


@pytest.mark.parametrize("row", TABLE, ids=IDS)
@pytest.mark.parametrize("user", [EDITOR, APPROVER])
def test_changing_what_is_there(api: Api, row: Row, user: str) -> None:
    answer = api.patch(f"strong-{TABLE.index(row)}", patch_of(row, user), user, dry=True)
    expected = row.verdict("update", approver=user == APPROVER)
    assert answer.code == {"yes": 200, "no": 403, "never": 422}[expected], answer.message


@pytest.mark.parametrize("user", [EDITOR, APPROVER])
def test_the_official_client_is_answered_as_the_table_says(api: Api, sandbox: RunningSandbox, user: str) -> None:
    with closing(Official(sandbox.kubeconfig, user)) as eyes:
        for index, row in enumerate(TABLE):
            refused = eyes.patch(f"strong-{index}", patch_of(row, user), NAMESPACE, dry=True)
            expected = row.verdict("update", approver=user == APPROVER)
            assert (refused.code if refused else 200) == {"yes": 200, "no": 403, "never": 422}[expected], IDS[index]
            made = eyes.create(whole(api, "again", row, row.weak, user), NAMESPACE, dry=True)
            assert ("no" if made else "yes") == row.verdict("create", approver=user == APPROVER), IDS[index]


def test_an_editor_who_may_not_name_what_is_lowered_may_not_make_it_again_with_the_word(api: Api) -> None:
    for row in TABLE:
        if row.recreate == "kept":
            answer, _ = made_again(api, row, EDITOR, **{keys.LOWER_GUARDS: row.word})
            assert answer.code == 403, row.guard
            assert "ask someone for whom" in answer.message


@pytest.mark.parametrize(("host", "code"), [*((host, 403) for host in INSIDE), *((host, 200) for host in OUTSIDE)])
def test_what_a_webhook_shows_to_be_inside_takes_an_approver(api: Api, host: str, code: int) -> None:
    aimed = {"spec": {"notify": {"webhookUrl": f"https://{host}:8443/x"}}}
    assert api.patch("strong-0", aimed, EDITOR, dry=True).code == code
    assert api.patch("strong-0", aimed, APPROVER, dry=True).code == 200


def test_silence_means_what_the_operator_reports_and_nobody_else_reports_it(api: Api) -> None:
    def becomes(durability: str | None, user: str = EDITOR) -> int:
        return api.patch("reported", {"spec": {"state": {"durability": durability}}}, user).code

    def reported(durability: str, user: str = ADMIN) -> int:
        return api.patch("reported", {"status": {"guards": {"durability": durability}}}, user, part="status").code

    made = manifest(api, "reported") | {"status": {"guards": {"durability": "Group"}}}
    assert api.create(made, EDITOR).allowed
    assert becomes("Group") == 403, "what came with the creation is no report"
    assert reported("Group", EDITOR) == 403
    assert (reported("Group"), becomes("Group")) == (200, 200)
    assert (becomes("Sync"), becomes(None)) == (200, 403), "a raise that the operator has not seen yet stays"
    assert (reported("Sync"), becomes(None), becomes("Group")) == (200, 200, 403)
    assert becomes("Group", APPROVER) == 200


def test_who_may_not_delete_has_nothing_deleted_by_an_invented_owner(api: Api) -> None:
    api.apply(role(api, "patcher", keys.GROUP, [keys.PLURAL], VERBS))
    api.apply(binding(api, "patcher", "patcher", PATCHER, "Role"))
    row = next(row for row in TABLE if row.guard == "ownerReferences")
    name = f"strong-{TABLE.index(row)}"
    eventually(lambda: api.patch(name, {"metadata": {"labels": {"a": "b"}}}, PATCHER, dry=True).allowed, "the right")
    path = f"/apis/{keys.API_VERSION}/namespaces/{NAMESPACE}/{keys.PLURAL}/{name}"
    assert api.send("DELETE", path, PATCHER).code == 403
    answer = api.patch(name, {"metadata": row.weak}, PATCHER)
    assert answer.code == 403
    assert "an owner reference makes the garbage collector delete the environment" in answer.message
    assert api.get(name)["metadata"].get("ownerReferences") is None
