"""An ephemeral environment for each pull request, gone with it: the example ApplicationSet and its chart."""

from collections.abc import Callable, Iterator

import pytest

from tests.gitops.applications import EXAMPLES, example
from tests.gitops.conftest import World
from tests.gitops.githost import GitHost


@pytest.fixture(scope="module")
def world(new_world: Callable[..., World]) -> World:
    made = new_world()
    made.servers.serve_sets()
    return made


@pytest.fixture
def host() -> Iterator[GitHost]:
    host = GitHost()
    yield host
    host.close()


@pytest.mark.timeout(1500)
def test_an_environment_lives_as_long_as_its_pull_request(world: World, host: GitHost) -> None:
    argo, deployed, repository = world.argo, world.deployed, world.repository
    chart = EXAMPLES / "ephemeral"
    files = {f"ephemeral/{path.relative_to(chart)}": path.read_text() for path in chart.rglob("*") if path.is_file()}
    commit = repository.commit(files)
    host.open(7, commit, "preview")
    host.open(8, commit, "documentation")
    previews = example("applicationset.yaml", repository.url)
    [generator] = previews["spec"]["generators"]
    generator["pullRequest"]["github"]["api"] = host.url
    generator["pullRequest"]["requeueAfterSeconds"] = 2
    argo.apply(previews)

    argo.settled("preview-7", "Healthy", commit)
    deployed.ready("preview-7")
    assert (deployed.get("preview-7") or {})["spec"]["environment"] == "eph-7"
    assert argo.application("preview-8") is None, "nobody asked for one of that pull request"
    mine = [name for name in deployed.clients("dynamodb").list_tables()["TableNames"] if "eph-7" in name]
    assert mine

    host.merge(7)
    deployed.gone("preview-7")
    deployed.until("its Application to be gone", lambda: argo.application("preview-7") is None)
    left = [name for name in deployed.clients("dynamodb").list_tables()["TableNames"] if "eph-7" in name]
    assert not left, "its ttl says beforehand that its data goes along"
