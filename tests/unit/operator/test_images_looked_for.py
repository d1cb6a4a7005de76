"""Whether a layer may run with the images that are there: one table a question, over the pure decision."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.fakes.bodies import body
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_iac.failure import Failure
from tradai_iac.images.wanted import WantedImage, wanted_images
from tradai_operator.decide.decision import Decision, StartRun, StartUpdate
from tradai_operator.decide.desired import desired_digest
from tradai_operator.decide.facts import Facts, ImageFacts, SecretFacts
from tradai_operator.decide.images import FIRST_SECONDS, POLL_SECONDS, SLOW_SECONDS, image_check
from tradai_operator.decide.next_step import decide
from tradai_operator.model import Environment, EnvironmentStatus, InvalidResource, LayerPreflight, Run
from tradai_operator.status.outcomes import with_layer
from tradai_operator.status.phases import Phase
from tradai_operator.status.starts import begun

NOW = 1_800_000_000.0
WANTED = wanted_images(TRADAI, "compute", Environment.parse(body()).spec.layer("compute").config, "dev")
ALL = {image.component: f"sha256:{image.component}" for image in WANTED}
LAMBDAS = tuple(image for image in WANTED if image.kind == "lambda")
SERVICES = tuple(image for image in WANTED if image.kind == "service")
THROTTLED = Failure(kind="Throttled", error="Throttling: slow down", hint="AWS asks to slow down.")


def env(**spec: Any) -> Environment:
    return Environment.parse(body(**spec))


def facts(images: ImageFacts | None = None, *, now: float = NOW, since: float = NOW) -> Facts:
    seen = {"compute": images} if images else {}
    return Facts(now, TRADAI, "1", SecretFacts(state="print"), images=seen, since=since)


def seen(*missing: WantedImage, ago: float = 0.0, failure: Failure | None = None, failures: int = 1) -> ImageFacts:
    if failure:
        return ImageFacts(WANTED, NOW - ago, failure=failure, failures=failures)
    lacking = {image.component for image in missing}
    found = {component: digest for component, digest in ALL.items() if component not in lacking}
    return ImageFacts(WANTED, NOW - ago, found, missing)


def ready(environment: Environment, images: Mapping[str, str] | None, *layers: str) -> EnvironmentStatus:
    """A status in which `layers` are up to date, compute with these images."""
    status = EnvironmentStatus(outputs={layer: {} for layer in layers})
    for name in layers:
        layer = TRADAI.layer(name)
        given = dict(images or {}) if name == "compute" else {}
        digest = desired_digest(environment, status, facts(), layer, given)
        run = begun(status.layer(name), "up", digest, Run(), NOW, given)
        status = with_layer(status, run.model_copy(update={"run": None, "state": "Ready", "inputs_digest": digest}))
    return status


def decided(images: ImageFacts | None = None, *, built: Mapping[str, str] | None = None, **more: Any) -> Decision:
    """With persistent and foundation built; with compute and edge as well where `built` says from which images."""
    layers = ("persistent", "foundation", *(("compute", "edge") if built is not None else ()))
    return decide(env(), ready(env(), built, *layers), facts(images, **more))


def started(decision: Decision) -> list[str]:
    return [action.layer for action in decision.actions if isinstance(action, StartRun)]


def looks(decision: Decision) -> list[str]:
    return [look.layer for look in decision.looks]


@pytest.mark.parametrize(
    ("images", "starts", "looked_for", "phase"),
    [
        (None, [], ["compute"], Phase.BUILDING),
        (seen(), ["compute"], [], Phase.BUILDING),
        (seen(ago=POLL_SECONDS), [], ["compute"], Phase.BUILDING),
        (seen(*WANTED), [], [], Phase.IMAGES),
        (seen(*WANTED, ago=POLL_SECONDS), [], ["compute"], Phase.IMAGES),
        (seen(failure=THROTTLED), [], [], Phase.RETRYING),
        (seen(failure=THROTTLED, ago=15), [], ["compute"], Phase.RETRYING),
        (seen(failure=THROTTLED, ago=15, failures=2), [], [], Phase.RETRYING),
        (ImageFacts(WANTED[:3], NOW, ALL), [], ["compute"], Phase.BUILDING),
    ],
    ids=[
        "nobody has looked",
        "all are there",
        "all were there a while ago",
        "some are missing",
        "some were missing a while ago",
        "the registry did not answer",
        "it is time to ask again",
        "the second failure waits longer",
        "the look was for others",
    ],
)
def test_a_layer_that_has_something_to_do(
    images: ImageFacts | None, starts: list[str], looked_for: list[str], phase: Phase
) -> None:
    decision = decided(images)
    assert (started(decision), looks(decision), decision.phase) == (starts, looked_for, phase)


@pytest.mark.parametrize(
    ("images", "now", "starts", "looked_for"),
    [
        (None, NOW, [], []),
        (None, NOW + FIRST_SECONDS, [], ["compute"]),
        (seen(), NOW + POLL_SECONDS * 2, [], []),
        (seen(), NOW + SLOW_SECONDS - 1, [], []),
        (seen(), NOW + SLOW_SECONDS * 1.2, [], ["compute"]),
        (ImageFacts(WANTED, NOW, ALL | {"backend": "sha256:new"}), NOW, ["compute"], []),
        (seen(*WANTED), NOW, [], []),
        (seen(failure=THROTTLED), NOW, [], []),
    ],
    ids=[
        "after a restart the last run is believed",
        "after a restart somebody looks soon",
        "polling is for those who wait",
        "not before the interval",
        "after the interval",
        "a new digest behind the same tag",
        "what runs already is not stopped by a deleted image",
        "nor by a registry that does not answer",
    ],
)
def test_a_layer_that_is_up_to_date(
    images: ImageFacts | None, now: float, starts: list[str], looked_for: list[str]
) -> None:
    decision = decided(images, built=ALL, now=now)
    assert (started(decision), looks(decision)) == (starts, looked_for)
    assert (decision.phase is Phase.READY) == (not starts)


def test_a_run_is_given_the_digests_and_its_inputs_depend_on_them() -> None:
    first, second = decided(seen()), decided(ImageFacts(WANTED, NOW, ALL | {"mlflow": "sha256:new"}))
    action, other = first.actions[0], second.actions[0]
    assert isinstance(action, StartUpdate)
    assert isinstance(other, StartUpdate)
    assert action.images == ALL
    assert action.inputs_digest != other.inputs_digest


@pytest.mark.parametrize(
    ("missing", "named", "commands"),
    [
        (LAMBDAS[:1], ["tradai/backtest-consumer-dev:latest;"], "`just lambda-bootstrap dev`"),
        (SERVICES[:1], ["tradai/backend-dev:latest;"], "`just service-push-all dev`"),
        (
            WANTED,
            ["tradai/backtest-consumer-dev:latest, ", f" and {len(WANTED) - 5} more;"],
            "`just lambda-bootstrap dev` and `just service-push-all dev`",
        ),
        (WANTED[:2], ["backtest-consumer-dev:latest and tradai/sqs-consumer-dev:latest;"], "`just lambda-bootstrap"),
    ],
)
def test_the_missing_images_and_what_brings_them_are_named(
    missing: tuple[WantedImage, ...], named: list[str], commands: str
) -> None:
    decision = decided(seen(*missing))
    assert decision.reason == "ImagesMissing"
    assert all(part in decision.message for part in named), decision.message
    assert f"bring them with {commands}" in decision.message
    assert decision.notes["compute"].message in decision.message
    assert decision.preflight is not None
    assert (decision.preflight.status, decision.preflight.reason) == ("False", "ImagesMissing")
    assert len(decision.message) < 1024


def test_what_waits_for_images_looks_again_at_a_fixed_pace() -> None:
    assert decided(seen(*WANTED, ago=5)).wake_at == NOW - 5 + POLL_SECONDS


def test_a_registry_that_does_not_answer_is_a_reason_of_its_own() -> None:
    decision = decided(seen(failure=THROTTLED))
    assert decision.reason == "ImagesUnknown"
    assert "Throttling: slow down" in decision.message
    assert decision.preflight is not None
    assert decision.preflight.status == "Unknown"


def test_a_ready_environment_keeps_its_last_word_where_the_registry_does_not_answer() -> None:
    decision = decided(seen(failure=THROTTLED), built=ALL)
    assert (decision.phase, decision.preflight) == (Phase.READY, None)


@pytest.mark.parametrize(("ok", "says"), [(True, None), (False, "False")])
def test_after_a_restart_the_last_word_stands_until_somebody_has_looked(ok: bool, says: str | None) -> None:
    environment = env()
    status = ready(environment, ALL, "persistent", "foundation", "compute", "edge")
    looked = LayerPreflight(facts="f", ok=ok, reason="Looked", message="what a run needs is there")
    status = with_layer(status, status.layer("persistent").model_copy(update={"survey": looked}))
    decision = decide(environment, status, facts())
    assert decision.phase is Phase.READY
    assert (decision.preflight and decision.preflight.status) == says


def test_a_deleted_image_is_said_of_a_ready_environment() -> None:
    decision = decided(seen(*SERVICES), built=ALL)
    assert decision.phase is Phase.READY
    assert decision.preflight is not None
    assert decision.preflight.status == "False"


@pytest.mark.parametrize("spec", [{"suspend": True}, {"layers": {"compute": {"enabled": False}}}], ids=str)
def test_nobody_looks_for_a_layer_that_shall_not_run(spec: dict[str, Any]) -> None:
    declared = env(**spec)
    late = facts(now=NOW + FIRST_SECONDS)
    for built in (("persistent", "foundation"), ("persistent", "foundation", "compute", "edge")):
        decision = decide(declared, ready(declared, ALL, *built), late)
        assert "compute" not in looks(decision) + started(decision)


def test_environments_look_at_different_times() -> None:
    others = [Environment.parse(body(uid=f"uid-{number}")) for number in range(20)]
    layer = TRADAI.layer("compute")
    idle = {image_check(each, facts(seen()), layer, EnvironmentStatus().layer("compute")).idle_at for each in others}
    assert len(idle) == 20
    assert all(NOW + SLOW_SECONDS <= at <= NOW + SLOW_SECONDS * 1.2 for at in idle)


def test_two_services_that_share_an_image_take_one_tag() -> None:
    config = {"services": {"strategy-container": {"imageTag": "1"}, "dry-run-trading": {"imageTag": "2"}}}
    with pytest.raises(InvalidResource, match="give both one imageTag"):
        env(layers={"compute": {"config": config}})


def waiting(images: ImageFacts | None, *built: str, **spec: Any) -> Decision:
    """With compute waiting for what it reads, of which `built` stands."""
    return decide(env(**spec), ready(env(), None, *built), facts(images))


@pytest.mark.parametrize(
    ("images", "look", "says"),
    [
        pytest.param(None, True, None, id="nobody-has-looked"),
        pytest.param(seen(*SERVICES), False, "False", id="some-are-missing"),
        pytest.param(seen(*SERVICES, ago=POLL_SECONDS), True, "False", id="missing-and-due-again"),
        pytest.param(seen(), False, None, id="all-are-there"),
        pytest.param(seen(ago=SLOW_SECONDS), False, None, id="all-were-there-and-nothing-is-due-before-it-runs"),
        pytest.param(seen(failure=THROTTLED), False, "Unknown", id="no-answer"),
    ],
)
def test_images_of_a_layer_that_waits_are_looked_for_once_their_repositories_may_be_there(
    images: ImageFacts | None, look: bool, says: str | None
) -> None:
    decision = waiting(images, "persistent")
    assert looks(decision) == (["compute"] if look else [])
    assert started(decision) == ["foundation"]
    assert (decision.preflight and decision.preflight.status) == says
    assert decision.phase is Phase.BUILDING


def test_a_layer_that_waits_says_beside_that_which_images_it_lacks() -> None:
    note = waiting(seen(*SERVICES), "persistent").notes["compute"]
    assert note.state == "Blocked"
    assert note.message.startswith("waits for foundation; images are missing: ")


def test_no_images_are_looked_for_before_anything_stands_or_while_the_environment_is_suspended() -> None:
    assert looks(waiting(None)) == []
    assert looks(waiting(None, "persistent", suspend=True)) == []
