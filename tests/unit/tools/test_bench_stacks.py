"""What a resource costs in AWS calls: counted by type, and held against the aims."""

import os
import subprocess
import sys

import psutil
import pytest

from tools.bench.calls import TypeCost, added, by_provider, costs, over
from tools.bench.layer_run import by_kind, look
from tools.bench.stacks import EDITS
from tools.bench.step import Step, figures, type_costs
from tools.bench.step_tables import runs_table, types_table
from tradai_blueprints.tradai.declaration import TRADAI
from tradai_sandbox.aws.calls import Calls

QUEUE, ROLE = "aws:sqs/queue:Queue", "aws:iam/role:Role"
COUNTED = (
    Calls("provider create aws:sqs/queue:Queue", "sqs", "CreateQueue", 2),
    Calls("provider create aws:sqs/queue:Queue", "sqs", "ListQueueTags", 6),
    Calls("provider create aws:iam/role:Role", "iam", "CreateRole", 3),
    Calls("provider invoke aws:ec2/getAmi:getAmi", "ec2", "DescribeImages", 1),
    Calls("provider configure", "sts", "GetCallerIdentity", 1),
    Calls("aws-sdk-go-v2", "s3", "PutObject", 40),
    Calls("Boto3", "s3", "GetObject", 1),
)


def _step(step: str = "create", changed: int = 5, environment: str = "dev") -> Step:
    types = {QUEUE: 2, ROLE: 3}
    cpu = {"engine": 1.0, "program": 2.0, "provider": 3.0}
    return Step(environment, "foundation", step, types, changed, 4.0, cpu, COUNTED)  # type: ignore[arg-type]


def test_a_type_is_charged_with_the_calls_made_for_it_and_with_no_others() -> None:
    assert costs(COUNTED, {QUEUE: 2, ROLE: 3}) == [
        TypeCost(QUEUE, 2, {"CreateQueue": 2, "ListQueueTags": 6}),
        TypeCost(ROLE, 3, {"CreateRole": 3}),
    ]


def test_the_state_of_the_engine_is_nobodys_resource() -> None:
    assert sum(each.count for each in by_provider(COUNTED)) == 13
    assert _step().other_calls == 41


def test_types_over_the_aim_come_with_the_most_calls_beyond_it_first() -> None:
    many, much, fine = TypeCost("many", 40, {"A": 160}), TypeCost("much", 1, {"A": 9}), TypeCost("fine", 9, {"A": 27})
    assert [each.type for each in over([fine, much, many], 3.0)] == ["many", "much"]
    assert over([many, much, fine], 9.0) == []


def test_the_same_type_in_several_environments_is_one_row() -> None:
    steps = [_step(environment="dev"), _step(environment="prod"), _step("refresh")]
    assert type_costs(steps, "create")[0] == TypeCost(QUEUE, 4, {"CreateQueue": 4, "ListQueueTags": 12})
    assert added([]) == []


@pytest.mark.parametrize(
    ("step", "changed", "ratio"), [("create", 0, 13 / 5), ("update", 2, 13 / 2), ("update", 0, 13)]
)
def test_a_ratio_is_by_resource_and_of_an_update_by_changed_resource(step: str, changed: int, ratio: float) -> None:
    assert _step(step, changed).ratio == pytest.approx(ratio)


def test_a_second_up_that_changes_something_misses_its_target() -> None:
    found = {figure.name: figure for figure in figures([_step("create"), _step("unchanged", 1), _step("refresh")])}
    assert found["foundation: changed by a second up"].holds is False
    assert found["foundation: AWS calls a resource, create"].holds is True
    assert found["foundation: AWS calls a resource, refresh"].holds is False


def test_the_tables_have_a_row_for_every_run_and_every_type() -> None:
    assert runs_table([_step(), _step("refresh")]).row_count == 2
    assert types_table("create", 3.0, over(type_costs([_step()], "create"), 3.0)).row_count == 1


@pytest.mark.parametrize("layer", TRADAI.layer_names)
def test_every_layer_has_an_edit_that_its_configuration_takes(layer: str) -> None:
    assert EDITS[layer]
    TRADAI.layer(layer).config.model_validate(EDITS[layer])


def test_processes_are_told_apart_and_their_time_is_added_up() -> None:
    spent = {1: ("program", 1.0), 2: ("engine", 2.0), 3: ("engine", 0.5)}
    assert by_kind(spent) == {"engine": 2.5, "program": 1.0, "provider": 0.0}  # type: ignore[arg-type]


def test_what_a_process_and_its_children_use_is_seen_while_they_live() -> None:
    busy = "import subprocess, sys; sum(range(3_000_000)); print(flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    spent: dict[int, tuple[str, float]] = {}
    look(psutil.Process(process.pid), spent)  # type: ignore[arg-type]
    process.communicate()
    assert spent[process.pid][0] == "program"
    assert spent[process.pid][1] > 0
    assert os.getpid() not in spent
