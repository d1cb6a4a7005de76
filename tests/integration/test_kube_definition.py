"""The operator brings its definition to a real API server: with the rights of its file, and no others."""

import json
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from typing import Any

import pytest
from lightkube import ApiError, AsyncClient, KubeConfig

from tests.e2e.environment import Deployed
from tests.e2e.operators import without_operator
from tradai_operator.adapters.kubernetes.definition import Definition, KubeDefinition
from tradai_operator.model import keys
from tradai_operator.model.crd import custom_resource_definition
from tradai_operator.model.definition import Standing
from tradai_sandbox.layout import OPERATOR_RBAC

RIGHTS = str(OPERATOR_RBAC.with_name("rbac-definition.yaml"))
OURS = custom_resource_definition()


def of(version: str, column: str = "") -> dict[str, Any]:
    """A definition of another version; `column` is a column of its own."""
    made = deepcopy(OURS)
    made["metadata"]["annotations"][keys.DEFINITION] = f"{version}/{column or '0'}"
    if column:
        columns = made["spec"]["versions"][0]["additionalPrinterColumns"]
        columns.append({"name": column, "type": "string", "jsonPath": ".spec.environment"})
    return made


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with without_operator(tmp_path_factory.mktemp("definition")) as sandbox:
        sandbox.kubectl("apply", "-f", RIGHTS)
        yield sandbox


@pytest.fixture
async def api(sandbox: Deployed) -> AsyncIterator[AsyncClient]:
    api = AsyncClient(config=KubeConfig.from_file(sandbox.layout.kubeconfig("operator")))
    yield api
    await api.close()


def served(sandbox: Deployed) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sandbox.kubectl("get", "crd", keys.CRD_NAME, "-o", "json"))
    return found


def columns(sandbox: Deployed) -> list[str]:
    return [each["name"] for each in served(sandbox)["spec"]["versions"][0]["additionalPrinterColumns"]]


async def test_it_is_made_where_there_is_none_and_no_other_definition_may_be(
    sandbox: Deployed, api: AsyncClient
) -> None:
    sandbox.kubectl("delete", "crd", keys.CRD_NAME)
    assert await KubeDefinition(api, of("1.0.0")).keep() is Standing.MISSING
    sandbox.kubectl("wait", "--for=condition=Established", f"crd/{keys.CRD_NAME}", "--timeout=60s")
    other = of("1.0.0")
    other["metadata"]["name"] = "others.tradai.io"
    with pytest.raises(ApiError, match="forbidden"):
        await api.apply(Definition.from_dict(other), field_manager="t")


async def test_an_older_one_gives_way_whoever_made_it_and_a_newer_one_stays(
    sandbox: Deployed, api: AsyncClient
) -> None:
    sandbox.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(of("1.0.0", "Old")))
    assert await KubeDefinition(api, of("1.1.0", "New")).keep() is Standing.OLDER
    assert columns(sandbox)[-1] == "New"
    before = served(sandbox)
    assert await KubeDefinition(api, of("1.0.0", "Old")).keep() is Standing.NEWER
    assert await KubeDefinition(api, of("1.1.0", "New")).keep() is Standing.SAME
    assert served(sandbox)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_an_operator_that_read_before_a_newer_one_wrote_does_not_write_over_it(
    sandbox: Deployed, api: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(of("2.0.0", "First")))
    late = KubeDefinition(api, of("2.1.0", "Late"))
    read, looks = late._served, []

    async def overtaken() -> Any:
        found = await read()
        looks.append(found)
        if len(looks) == 1:
            assert await KubeDefinition(api, of("2.2.0", "Newest")).keep() is Standing.OLDER
        return found

    monkeypatch.setattr(late, "_served", overtaken)
    assert await late.keep() is Standing.NEWER
    assert len(looks) == 2
    assert columns(sandbox)[-1] == "Newest"


async def test_without_the_right_it_is_told_and_the_operator_goes_on(sandbox: Deployed, api: AsyncClient) -> None:
    sandbox.kubectl("delete", "-f", RIGHTS)
    before = served(sandbox)
    assert await KubeDefinition(api, of("9.0.0")).keep() is Standing.UNREADABLE
    assert served(sandbox)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
