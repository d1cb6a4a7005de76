"""The control plane on ECS lives: an environment is applied there, whoever dies comes back, and nothing is lost.

Its four processes run by the very commands of the task definition that `tradai bootstrap ecs` has registered, kine on a
real PostgreSQL, runs as tasks. Shorter than on AWS are the seconds of ECS alone.
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ecs_home import ROLE, EcsHome, ecs_home
from tests.e2e.environment import Deployed, example
from tests.e2e.operators import without_operator

FOUR = ("kine", "kube-apiserver", "kube-controller-manager", "operator")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EcsHome]:
    root, folder = tmp_path_factory.mktemp("e2e-ecs"), tmp_path_factory.mktemp("ecs-home")
    with without_operator(root) as sandbox, ecs_home(sandbox, folder) as home:
        yield home


@pytest.fixture(scope="module")
def person(home: EcsHome) -> Deployed:
    return home.settled()


def declared(note: str) -> dict[str, Any]:
    manifest = example("sample", deletionPolicy="Everything", approval="Never", ttl="72h")
    manifest["spec"]["environment"] = "eph-onecs"
    manifest["spec"]["aws"]["assumeRoleArn"] = ROLE
    manifest["spec"]["layers"] = {"work": {"config": {"note": note, "queues": 1}}}
    return manifest


def note_of(home: EcsHome) -> str:
    sns = home.sandbox.clients("sns")
    arns = [each["TopicArn"] for each in sns.list_topics()["Topics"] if "news" in each["TopicArn"]]
    (told,) = [sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] for arn in arns]
    return str(told)


def works(home: EcsHome, person: Deployed, note: str) -> None:
    """An edit goes all the way to AWS, and the table that a person reads tells the truth about it."""
    person.until("the edit to be taken", lambda: applied(person, note))
    status = person.ready("sample", patience=900)
    assert note_of(home) == note
    row = person.kubectl("get", "tradaienv", "-n", "tradai", "--no-headers").split()
    assert row[:5] == ["sample", "eph-onecs", "Ready", "True", "2/2"]
    assert {layer["state"] for layer in status["layers"]} == {"Ready"}


def applied(person: Deployed, note: str) -> bool:
    """Whether the API server takes it: it may just be away."""
    try:
        person.apply(declared(note))
    except AssertionError:
        return False
    return True


def answers(person: Deployed) -> bool:
    env = os.environ | dict(person.env)
    asked = ["kubectl", "get", "--raw", "/readyz", "--request-timeout=2s"]
    return subprocess.run(asked, env=env, capture_output=True, check=False).returncode == 0


@pytest.mark.timeout(1200)
def test_an_environment_is_applied_and_becomes_ready(home: EcsHome, person: Deployed) -> None:
    works(home, person, "first")
    assert len(home.machine.tasks) == 1 and not home.machine.task.restarts
    assert {task["startedBy"] for task in home.runs.seen}, "runs are tasks of their own"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", FOUR)
def test_whoever_dies_is_started_again_beside_the_others(home: EcsHome, person: Deployed, name: str) -> None:
    dead = home.machine.container(name)
    before = {other: home.machine.container(other) for other in FOUR if other != name}
    dead.kill()
    person.until(f"{name} to be back", lambda: home.machine.container(name) is not dead and back(home, name))
    works(home, person, f"without {name} for a moment")
    assert home.machine.task.restarts.count(name) == 1
    assert all(home.machine.container(other) is was for other, was in before.items()), "none of them went along"


def back(home: EcsHome, name: str) -> bool:
    return home.machine.container(name).exit_code is None and home.machine.healthy(name)


@pytest.mark.timeout(1200)
def test_a_database_that_is_away_for_a_while_takes_nothing_along(home: EcsHome, person: Deployed) -> None:
    before = person.get("sample")
    restarts, tasks = list(home.machine.task.restarts), len(home.machine.tasks)
    home.database.stop()
    person.until("the API server to say that it is not ready", lambda: not answers(person))
    home.database.start()
    person.until("the API server to be ready", lambda: answers(person))
    found = person.get("sample")
    assert before and found and found["metadata"]["uid"] == before["metadata"]["uid"]
    works(home, person, "after the database was away")
    assert len(home.machine.tasks) == tasks, "the task outlived it"
    assert not set(home.machine.task.restarts[len(restarts) :]) - {"kine", "kube-apiserver", "operator"}


@pytest.mark.timeout(1200)
def test_authorities_follow_each_other_and_nobody_is_locked_out(home: EcsHome, person: Deployed) -> None:
    (first,) = home.authorities()
    rolled(home, person, "--rotate")
    announced = home.authorities()
    assert len(announced) == 2 and announced[0]["certificate"] == first["certificate"]
    works(home, person, "the next authority is announced")
    told = home.way("--admin")
    a_day_passes(home)
    rolled(home, told)
    signs = [each for each in home.authorities() if each["signs_since"]]
    assert len(signs) == 2, "the next one signs, and the first is trusted still"
    works(home, told, "who was told of both knows the new one")
    works(home, home.way("--admin"), "and so does a new way in")


def rolled(home: EcsHome, person: Deployed, *words: str) -> None:
    """`tradai upgrade` replaces the task, and the next one is whole."""
    tasks = len(home.machine.tasks)
    home.sandbox.tradai("upgrade", "--file", str(home.file), *words)
    person.until("another task", lambda: len(home.machine.tasks) > tasks)
    person.until("it to be whole", lambda: home.machine.healthy("operator"))


def a_day_passes(home: EcsHome) -> None:
    """For the generations that wait: as if they had been made yesterday."""
    manager = home.sandbox.clients("secretsmanager")
    bundle = json.loads(manager.get_secret_value(SecretId=home.secret)["SecretString"])
    for kind in bundle.values():
        for each in kind:
            if each["signs_since"] is None:
                each["made"] = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    manager.put_secret_value(SecretId=home.secret, SecretString=json.dumps(bundle))


@pytest.mark.timeout(1200)
def test_a_password_that_rds_has_rotated_is_taken_up(home: EcsHome, person: Deployed) -> None:
    """Within the time of a connection kine gets none any more; its task is replaced then, or by a person before."""
    way = home.way("--admin")
    (found,) = home.sandbox.clients("rds").describe_db_instances()["DBInstances"]
    arn, manager = found["MasterUserSecret"]["SecretArn"], home.sandbox.clients("secretsmanager")
    held = json.loads(manager.get_secret_value(SecretId=arn)["SecretString"]) | {"password": "another:one\\too"}
    home.database.set_password(held["username"], held["password"])
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps(held))
    tasks = len(home.machine.tasks)
    home.database.stop()
    home.database.start()
    way.until("the task to be replaced by itself", lambda: len(home.machine.tasks) > tasks)
    way.until("the next one to be whole", lambda: home.machine.healthy("operator"))
    works(home, way, "with another password")


@pytest.mark.timeout(1200)
def test_a_deletion_ends_and_leaves_nothing(home: EcsHome, person: Deployed) -> None:
    way = home.way("--admin")
    way.kubectl("delete", "tradaienv", "sample", "-n", "tradai", "--wait=false")
    way.gone("sample")
    assert home.sandbox.clients("dynamodb").list_tables()["TableNames"] == []


def test_no_key_of_an_authority_is_in_a_file_of_the_task(home: EcsHome) -> None:
    keys = [each["key"].strip() for each in home.authorities()]
    texts = [path.read_text(errors="replace") for path in Path(home.machine.folder).rglob("*") if path.is_file()]
    assert keys and texts
    assert not any(key in text for key in keys for text in texts)
