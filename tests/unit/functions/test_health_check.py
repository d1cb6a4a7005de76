"""What an answer says of a service, and what becomes of it."""

import pytest

from health_check.logic import RULE, Answer, after, message, sight, totals, url
from health_check.settings import HealthCheckSettings
from shared.deployed import DEPLOYED
from shared.health import Health, Status
from shared.incidents import Notice, Sight

AT = "2026-11-29T10:00:00.000000Z"
NAMELESS, REFUSED = Answer(kind="nameless"), Answer(kind="silent", why="refused")


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (Answer(kind="answered", code=200), Sight.GOOD),
        (Answer(kind="answered", code=204), Sight.GOOD),
        (Answer(kind="answered", code=302), Sight.BAD),
        (Answer(kind="answered", code=403), Sight.BAD),
        (Answer(kind="answered", code=503), Sight.BAD),
        (NAMELESS, Sight.BAD),
        (REFUSED, Sight.BAD),
        (Answer(kind="unasked", why="the resolver does not answer"), Sight.UNKNOWN),
    ],
)
def test_what_an_answer_says(answer: Answer, seen: Sight) -> None:
    assert sight(answer)[0] is seen


def times(answer: Answer, number: int, *, standing: bool, first: Health | None = None) -> Health:
    health = first or Health(service_name="mlflow")
    for call in range(number):
        health = after(health, answer, standing=standing, at=AT, call=f"{answer.kind}-{call}")
    return health


def test_one_that_is_meant_to_run_and_has_no_name_is_down() -> None:
    assert times(NAMELESS, RULE.failures, standing=True).status is Status.UNHEALTHY


def test_one_that_is_not_meant_to_run_and_has_no_name_is_idle() -> None:
    idle = times(NAMELESS, RULE.failures, standing=False)
    assert (idle.status, idle.watch.owed) == (Status.IDLE, ())


def test_one_that_somebody_started_is_watched_until_it_is_ended() -> None:
    down = times(REFUSED, RULE.failures, standing=False)
    assert down.status is Status.UNHEALTHY
    over = times(NAMELESS, 1, standing=False, first=down)
    assert over.status is Status.IDLE
    assert [notice.opened for notice in over.watch.owed] == [True, False]


def test_what_could_not_be_asked_stays_as_it_was() -> None:
    down = times(REFUSED, RULE.failures, standing=True)
    assert after(down, Answer(kind="unasked"), standing=True, at="later", call="next") is down


@pytest.mark.parametrize("opened", [True, False])
def test_people_are_told_which_service_and_why(opened: bool) -> None:
    kind, subject, text = message("mlflow", Notice(opened=opened, at=AT, why="it answers 503"))
    assert "mlflow" in subject
    assert "it answers 503" in text
    assert kind == ("service-unhealthy" if opened else "service-recovered")


def test_the_path_is_on_the_host_of_the_address() -> None:
    assert (
        url("http://mlflow.tradai-dev.local:5000/mlflow", "/mlflow/") == "http://mlflow.tradai-dev.local:5000/mlflow/"
    )


def test_every_service_with_a_path_has_an_address() -> None:
    variables = {one: f"http://{one}" for names in HealthCheckSettings.variables().values() for one in names}
    settings = HealthCheckSettings.read(variables)
    assert all(settings.address(service).startswith("http://") for service in DEPLOYED.health_paths)


def test_no_service_may_be_meant_to_run() -> None:
    variables = {one: "none" for names in HealthCheckSettings.variables().values() for one in names}
    assert HealthCheckSettings.read(variables).standing == frozenset()


def test_every_status_is_told() -> None:
    assert totals({"b": Status.HEALTHY, "a": Status.HEALTHY, "c": Status.IDLE}) == {
        "healthy": ["a", "b"],
        "unhealthy": [],
        "idle": ["c"],
    }
