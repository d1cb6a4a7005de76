"""`tradai images`, and what `tradai infra` makes of missing images, on the real AWS endpoint without Kubernetes."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.integration.conftest import RunningSandbox
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.images.push import stand_in_of
from tradai_iac.images.wanted import wanted_images
from tradai_runner.bucket.keys import state_key
from tradai_sandbox.workloads.words import RECIPES_PATH

ENVIRONMENT = "eph-push"
ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "crds" / "examples" / "env-dev.yaml"
WANTED = wanted_images(TRADAI, "compute", TRADAI.layer("compute").config(), ENVIRONMENT)


def digests(content: str) -> dict[str, str]:
    """Component → what is pushed for it with that content."""
    return {image.component: stand_in_of(image, content, ROOT)[0].digest for image in WANTED}


DIGESTS = digests("sandbox")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    body = yaml.safe_load(EXAMPLE.read_text())
    body["spec"]["environment"] = ENVIRONMENT
    path = tmp_path_factory.mktemp("images") / "env.yaml"
    path.write_text(yaml.safe_dump(body))
    return path


@pytest.fixture
def repositories(sandbox: RunningSandbox) -> Iterator[None]:
    """The repositories of the environment, empty."""
    ecr = sandbox.client("ecr")
    for image in WANTED:
        ecr.create_repository(repositoryName=image.repository)
    yield
    for image in WANTED:
        ecr.delete_repository(repositoryName=image.repository, force=True)


@pytest.fixture
def upstream(sandbox: RunningSandbox) -> Iterator[None]:
    """States of the layers that compute reads, as far as they say that something is exported."""
    stack = {"urn": "urn:pulumi:x", "type": "pulumi:pulumi:Stack", "custom": False, "outputs": {"any": "thing"}}
    body = json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [stack]}}})
    s3, bucket = sandbox.client("s3"), "tradai-pulumi-state-dev"
    keys = [state_key(TRADAI.stack_project(layer), ENVIRONMENT) for layer in TRADAI.layer("compute").reads]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    yield
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)


def typed(
    sandbox: RunningSandbox, manifest: Path, *words: str, status: int = 0, **variables: str
) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run(
        ["tradai", *words, "--file", str(manifest)],
        cwd=ROOT,
        env={**sandbox.env, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran


@pytest.mark.usefixtures("repositories")
def test_what_is_listed_as_missing_is_there_after_a_push(sandbox: RunningSandbox, manifest: Path) -> None:
    before = typed(sandbox, manifest, "images", "list", ENVIRONMENT).stdout
    assert before.splitlines()[0].split() == ["image", "tag", "digest"]
    assert before.count("MISSING") == len(WANTED)
    pushed = typed(sandbox, manifest, "images", "push", ENVIRONMENT, "--kind", "lambda").stdout
    assert "stand-ins" in pushed
    assert "17 of 17 images are in the registry" in pushed
    after = typed(sandbox, manifest, "images", "list", ENVIRONMENT).stdout
    assert after.count("MISSING") == 6
    assert f"tradai/health-check-{ENVIRONMENT}" in after
    assert DIGESTS["health-check"] in after
    with urllib.request.urlopen(sandbox.endpoint + RECIPES_PATH) as answer:  # noqa: S310 - loopback
        recipe = json.loads(answer.read())["recipes"][DIGESTS["health-check"]]
    assert (recipe["command"], recipe["make"]) == (["health_check.handler.handle"], "just world lambdas")
    typed(sandbox, manifest, "images", "push", ENVIRONMENT, "--content", "new")
    assert digests("new")["backend"] in typed(sandbox, manifest, "images", "list", ENVIRONMENT).stdout


def test_a_push_without_repositories_says_what_makes_them_of_every_image(
    sandbox: RunningSandbox, manifest: Path
) -> None:
    told = typed(sandbox, manifest, "images", "push", ENVIRONMENT, status=1).stdout
    assert told.count("the persistent layer creates it, so bring that layer up first") == len(WANTED)
    assert "0 of 23 images" in told


def test_a_registry_that_does_not_answer_is_said(sandbox: RunningSandbox, manifest: Path) -> None:
    gone = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    listed = typed(sandbox, manifest, "images", "list", ENVIRONMENT, status=1, **gone)
    assert listed.stderr.startswith("ECR could not be asked: Could not connect to the endpoint")
    pushed = typed(sandbox, manifest, "images", "push", ENVIRONMENT, "--kind", "service", status=1, **gone)
    assert pushed.stdout.count("Could not connect to the endpoint") == 6


@pytest.mark.usefixtures("upstream")
@pytest.mark.parametrize("word", ["up", "preview"])
def test_a_run_by_hand_is_refused_in_the_operators_words(sandbox: RunningSandbox, manifest: Path, word: str) -> None:
    told = typed(sandbox, manifest, "infra", word, "compute", ENVIRONMENT, status=1).stderr
    assert told.startswith(f"compute: images are missing: tradai/backtest-consumer-{ENVIRONMENT}:latest, ")
    assert f"and 18 more; bring them with `just lambda-bootstrap {ENVIRONMENT}`" in told


@pytest.mark.usefixtures("repositories")
def test_the_rendered_configuration_has_the_digests(sandbox: RunningSandbox, manifest: Path) -> None:
    assert "images are missing" in typed(sandbox, manifest, "infra", "config", "compute", ENVIRONMENT, status=1).stderr
    zeros = typed(sandbox, manifest, "infra", "config", "compute", ENVIRONMENT, "--without-images")
    assert set(yaml.safe_load(zeros.stdout)["config"]["tradai:images"].values()) == {f"sha256:{'0' * 64}"}
    assert "a digest of zeros stands for each" in zeros.stderr
    typed(sandbox, manifest, "images", "push", ENVIRONMENT)
    config = yaml.safe_load(typed(sandbox, manifest, "infra", "config", "compute", ENVIRONMENT).stdout)["config"]
    assert config["tradai:images"] == DIGESTS
