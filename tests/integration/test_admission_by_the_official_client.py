"""The official client is refused and permitted as plain requests are, and sees what guards environments."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.integration.admission_api import ADMIN, Api, own_namespace
from tests.integration.admission_changes import APPROVER, CHANGES, EDITOR, USERS, VIEWER
from tests.integration.conftest import RunningSandbox
from tests.integration.test_admission_on_apiserver import await_rights, dated, grant, own, stand
from tests.official import Official
from tradai_operator.model import admission

NAMESPACE = "admission-official"


@pytest.fixture(scope="module")
def api(sandbox: RunningSandbox) -> Iterator[Api]:
    with own_namespace(sandbox.kubeconfig, NAMESPACE, grant, await_rights, stand) as found:
        yield found
        found.patch("held", {"metadata": {"finalizers": None}})


@pytest.mark.parametrize("user", USERS)
def test_the_official_client_is_answered_as_a_plain_request_is(api: Api, sandbox: RunningSandbox, user: str) -> None:
    with closing(Official(sandbox.kubeconfig, "" if user == ADMIN else user)) as eyes:
        for change in CHANGES:
            refused = eyes.patch(change.of, own(dated(change.patch, api), user), NAMESPACE, dry=True)
            assert (refused is None) == (user in change.may), change.name
            if refused and user != VIEWER:
                assert (refused.code, change.says in refused.message) == (403, True), change.name


@pytest.mark.parametrize(("user", "may"), [(VIEWER, False), (EDITOR, False), (APPROVER, True)])
def test_the_official_client_tells_who_may_approve(sandbox: RunningSandbox, api: Api, user: str, may: bool) -> None:
    with closing(Official(sandbox.kubeconfig, user)) as eyes:
        assert eyes.may("approve", "plain", NAMESPACE) is may


def test_the_official_client_sees_a_policy_that_refuses_where_it_cannot_tell(sandbox: RunningSandbox, api: Api) -> None:
    with closing(Official(sandbox.kubeconfig)) as eyes:
        policy = eyes.policies()[admission.NAME].spec
    assert policy
    assert policy.failure_policy == "Fail"
    assert policy.validations
