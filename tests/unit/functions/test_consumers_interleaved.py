"""Both consumers under any interleaving of deliveries, duplicates, crashes, refusals of AWS and steps of the clock.

A delivery goes on by one call of its ports at a time. That is played by doing it anew from its start with the answers
that it has had, so that any number of them stand still anywhere, and a killed one is one that is left there.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from backtest_consumer.logic import started
from backtest_consumer.work import Consumer as Backtests
from shared import clients
from shared.jobs import FINAL, Job, Jobs, Status
from shared.launch import NotLaunchedError, token
from shared.once import InProgressError
from shared.queue import MOST_DELIVERIES, LaterError, Message
from shared.retraining import Outcome, Retraining, Retrainings
from sqs_consumer.work import Consumer as Trainings

FAMILY = "arn:aws:ecs:eu-central-1:123456789012:task-definition/tradai-strategy-container-dev"
GOOD = {"strategy": "S", "timeframe": "1h", "timerange": "20240101-20240201", "pairs": "BTC/USDT"}
LEASE = timedelta(hours=11)
ANSWERS = ("started", "no room", "throttled", "started unheard", "unheard")


class PausedError(BaseException):
    """The delivery stands before its next call."""


class Memory:
    """A table as `shared.tables.Table` has it: conditions hold, and final statuses are watched."""

    def __init__(self, key: str) -> None:
        self.key, self.items = key, dict[str, dict[str, Any]]()
        self.overwritten: list[tuple[str, str]] = []

    def get(self, key: str) -> dict[str, Any] | None:
        return deepcopy(self.items.get(key))

    def create(self, item: Mapping[str, Any]) -> bool:
        if item[self.key] in self.items:
            return False
        self.items[item[self.key]] = deepcopy(dict(item))
        return True

    def update(self, key: tuple[str, ...], changes: Mapping[str, Any], expected: Any) -> bool:
        found = self.items.get(key[0])
        if not holds(expected, found or {}):
            return False
        before = (found or {}).get("status")
        merged = {**(found or {self.key: key[0]}), **deepcopy(dict(changes))}
        self.items[key[0]] = {name: value for name, value in merged.items() if value is not None}
        if before in FINAL and self.items[key[0]]["status"] != before:
            self.overwritten.append((before, self.items[key[0]]["status"]))
        return True


def holds(condition: Any, item: Mapping[str, Any]) -> bool:
    """Whether a condition of boto3 is true of an item."""
    told = condition.get_expression()
    operator, (attribute, *values) = told["operator"], told["values"]
    name = attribute.name
    if operator == "attribute_not_exists":
        return name not in item
    if operator == "attribute_exists":
        return name in item
    if operator == "=":
        return name in item and bool(item[name] == values[0])
    assert operator == "IN", operator
    return item.get(name) in values[0]


class Delivery:
    """One invocation for one message, as far as it has come."""

    def __init__(self, world: "World", message: Message) -> None:
        self.world, self.message = world, message
        self.calls_to_live = world.lives.pop(0) if world.lives else None
        self.log: list[tuple[Any, Exception | None]] = []
        self.at, self.may, self.alive = 0, True, True
        self.result: str | None = None

    def go(self) -> None:
        """Do the next call, and all that follows it without one."""
        self.at, self.may = 0, True
        try:
            self.result = self.world.consumer(self)(self.message, lambda: self.call(self.world.clock, free=True))
        except PausedError:
            if len(self.log) == self.calls_to_live:
                self.killed()
            return
        except LaterError:
            self.world.came_back(self)
        else:
            self.world.done(self)
        self.alive = False

    def killed(self) -> None:
        """Its last call is made, and its answer is not heard; the message comes back."""
        self.alive = False
        self.world.came_back(self)

    def call(self, effect: Callable[[], Any], *, free: bool = False) -> Any:
        """An answer that it has had, or the one call that it may make now."""
        if self.at == len(self.log):
            if not (free or self.may):
                raise PausedError
            self.may = self.may and free
            try:
                self.log.append((effect(), None))
            except Exception as error:
                self.log.append((None, error))
        answer, failure = self.log[self.at]
        self.at += 1
        if failure:
            raise failure
        return deepcopy(answer)


class Port:
    """Whatever a delivery calls, by its methods."""

    def __init__(self, delivery: Delivery, target: Any) -> None:
        self._delivery, self._target = delivery, target

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *given: self._delivery.call(lambda: getattr(self._target, name)(*given))


class Locks:
    """`shared.once` as it behaves: held by the living, by the killed until their deadline, and done for good."""

    def __init__(self) -> None:
        self.held: dict[str, Delivery] = {}
        self.finished: dict[str, dict[str, str]] = {}

    def take(self, key: str, by: Delivery) -> dict[str, str] | None:
        if key in self.finished:
            return self.finished[key]
        if self.held.get(key, by) is not by:
            raise InProgressError(key)
        self.held[key] = by
        return None

    def leave(self, key: str, result: dict[str, str] | None) -> None:
        self.held.pop(key, None)
        if result is not None:
            self.finished[key] = result

    def expire(self) -> None:
        self.held = {key: by for key, by in self.held.items() if by.alive}


class Aws:
    """Starts tasks as ECS does, once a token. No document says whether one that found no room is tried anew: `anew`."""

    def __init__(self, world: "World") -> None:
        self.world, self.answers, self.anew = world, list[str](), False
        self.tasks: list[str] = []
        self.known: dict[str, dict[str, str] | None] = {}

    def launch(self, request: Mapping[str, str], attempt: int) -> dict[str, str]:
        used, answer = token("", request, attempt), self.answers.pop(0) if self.answers else "started"
        if answer == "throttled":
            raise NotLaunchedError("throttled", known=True)
        if answer == "unheard":
            raise NotLaunchedError("no answer", known=False)
        if used not in self.known or (self.anew and self.known[used] is None):
            self.known[used] = None if answer == "no room" else self._start(request)
        if answer == "started unheard":
            raise NotLaunchedError("no answer", known=False)
        if (there := self.known[used]) is None:
            raise NotLaunchedError("no room", known=True, spent=True)
        return there

    def _start(self, request: Mapping[str, str]) -> dict[str, str]:
        self.world.starts(request)
        self.tasks.append(self.world.run_of(request))
        return {"task_arn": f"task-{len(self.tasks)}"}


class World(RuleBasedStateMachine):
    """A queue, what takes from it, and everything that can go wrong between."""

    bodies: tuple[tuple[dict[str, Any] | str, str], ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.aws, self.locks = Aws(self), Locks()
        self.at = datetime(2026, 11, 29, 10, tzinfo=UTC)
        self.waiting: list[Message] = []
        self.deliveries: list[Delivery] = []
        self.settled: dict[str, str] = {}
        self.aside: dict[str, str] = {}
        self.lives: list[int | None] = []

    def clock(self) -> datetime:
        return self.at

    def starts(self, request: Mapping[str, str]) -> None:
        """Something is started now."""

    def run_of(self, request: Mapping[str, str]) -> str:
        """What must be started once."""
        return request["job_id"]

    def consumer(self, delivery: Delivery) -> Callable[..., str]:
        raise NotImplementedError

    def alone(self, delivery: Delivery) -> Callable[..., dict[str, str]]:
        def alone(key: str, work: Callable[[str], dict[str, str]]) -> dict[str, str]:
            before = delivery.call(lambda: self.locks.take(key, delivery))
            if before is not None:
                return dict(before)
            try:
                result = work(key)
            except Exception:
                delivery.call(lambda: self.locks.leave(key, None))
                raise
            delivery.call(lambda: self.locks.leave(key, result))
            return result

        return alone

    def put(self, message: Message, reason: str) -> None:
        assert reason
        self.aside[message.id] = reason

    def done(self, delivery: Delivery) -> None:
        self.settled[delivery.message.id] = str(delivery.result)

    def came_back(self, delivery: Delivery) -> None:
        self.waiting.append(delivery.message)

    @initialize(data=st.data())
    def sent(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.bodies), min_size=1, max_size=4))
        self.aws.answers = data.draw(st.lists(st.sampled_from(ANSWERS), max_size=8))
        self.aws.anew = data.draw(st.booleans())
        self.lives = data.draw(st.lists(st.none() | st.integers(1, 12), max_size=8))
        for number, (body, subject) in enumerate(chosen):
            text = body if isinstance(body, str) else json.dumps(body)
            self.waiting.append(
                Message(id=f"m{number}", body=text, group=f"g{number}", received=0, sent=1, subject=subject)
            )
        self.all = list(self.waiting)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def delivered(self, data: st.DataObject) -> None:
        self._deliver(data.draw(st.integers(0, len(self.waiting) - 1)))

    def _deliver(self, number: int) -> None:
        message = self.waiting.pop(number)
        if message.received == MOST_DELIVERIES:
            self.aside.setdefault(message.id, "")
            return
        again = message.model_copy(update={"received": message.received + 1})
        self.deliveries.append(Delivery(self, again))

    def alive(self) -> list[Delivery]:
        return [each for each in self.deliveries if each.alive]

    @precondition(lambda self: self.alive())
    @rule(data=st.data(), times=st.integers(1, 8))
    def goes_on(self, data: st.DataObject, times: int) -> None:
        one = data.draw(st.sampled_from(self.alive()))
        for _ in range(times):
            if one.alive:
                one.go()

    @rule(minutes=st.integers(-60, 60))
    def clock_steps(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def deadlines_pass(self) -> None:
        self.locks.expire()

    def teardown(self) -> None:
        while self.alive() or self.waiting:
            for one in self.alive():
                while one.alive:
                    one.go()
            self.locks.expire()
            if self.waiting:
                self._deliver(0)
        self.judged()

    def judged(self) -> None:
        raise NotImplementedError


class BacktestWorld(World):
    """Requests of two people, named and not, the same twice, another under the same name, and what is none."""

    bodies = (
        (GOOD | {"job_id": "a"}, "anna"),
        (GOOD | {"job_id": "a"}, "anna"),
        (GOOD | {"job_id": "a", "timeframe": "5m"}, "anna"),
        (GOOD | {"job_id": "a"}, "bert"),
        (GOOD, "anna"),
        ({"job_id": "b", "strategy": "S"}, "anna"),
        (GOOD | {"job_id": "b"}, "anna"),
        (GOOD | {"job_id": "c", "timerange": "20240101-20261129"}, "anna"),
        ("nonsense", "bert"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.table = Memory("run_id")
        self.jobs = Jobs("", self.clock)
        self.jobs.table = self.table  # type: ignore[assignment]

    def consumer(self, delivery: Delivery) -> Callable[..., str]:
        jobs = Jobs("", self.clock)
        jobs.table = Port(delivery, self.table)  # type: ignore[assignment]
        launcher, letters = Port(delivery, self.aws), Port(delivery, self)
        return Backtests(jobs, launcher, letters, self.alone(delivery), FAMILY).take

    def job(self, run_id: str) -> Job | None:
        return self.jobs.get(run_id)

    @rule(recorded=st.sampled_from("ab"))
    def recorded_by_the_backend(self, recorded: str) -> None:
        queued = Job(
            run_id=recorded,
            job_id=recorded,
            trace_id="t",
            status=Status.QUEUED,
            created_at="x",
            updated_at="x",
            subject="anna",
        )
        self.jobs.create(queued)

    @precondition(lambda self: self.aws.tasks)
    @rule(data=st.data(), word=st.sampled_from([Status.RUNNING, Status.COMPLETED, Status.FAILED]))
    def a_task_says_a_word(self, data: st.DataObject, word: Status) -> None:
        self.jobs.move(data.draw(st.sampled_from(self.aws.tasks)), word)

    @rule(run_id=st.sampled_from("abc"))
    def cancelled(self, run_id: str) -> None:
        self.jobs.move(run_id, Status.CANCELLED)

    def judged(self) -> None:
        assert len(self.aws.tasks) == len(set(self.aws.tasks)), "something was started twice"
        assert not self.table.overwritten, "a final status was overwritten"
        for message in self.all:
            self._is_not_lost(message)
        for run_id in self.table.items:
            job = self.job(run_id)
            assert job
            if job.error.get("Error") == "BacktestNotLaunched" and job.status is Status.FAILED and not job.task_arn:
                assert run_id not in self.aws.tasks, "it was said not to run, and runs"

    def _is_not_lost(self, message: Message) -> None:
        said, jobs = self.settled.get(message.id), self._jobs_of(message)
        if said in ("launched", "already"):
            job = jobs[0]
            assert started(job), "a message is gone, and nothing was started for it"
            assert job.subject == message.subject, "a message went into another person's job"
            assert job.request.get("timeframe") in (None, json.loads(message.body)["timeframe"]), (
                "into another request's"
            )
            return
        assert message.id in self.aside, "a message is gone"
        if self.aside[message.id]:
            assert any(job.status in FINAL for job in jobs), "a message was laid aside, and no job says so"

    def _jobs_of(self, message: Message) -> list[Job]:
        found = [self.job(run_id) for run_id in (*self._names(message), message.id)]
        return [job for job in found if job]

    def _names(self, message: Message) -> list[str]:
        return [json.loads(message.body)["job_id"]] if '"job_id"' in message.body else []


class TrainingWorld(World):
    """Messages for two models, the same twice, one that says less than a first training needs, and what is none."""

    bodies = (
        (GOOD | {"job_id": "a", "model_name": "m"}, ""),
        (GOOD | {"job_id": "a", "model_name": "m"}, ""),
        (GOOD | {"job_id": "b", "model_name": "m"}, ""),
        (GOOD | {"model_name": "n"}, ""),
        (GOOD | {"job_id": "a", "model_name": "n"}, ""),
        ({"model_name": "m"}, ""),
        ("nonsense", ""),
    )

    def __init__(self) -> None:
        super().__init__()
        self.table = Memory("model_name")
        self.runs = Retrainings("", self.clock)
        self.runs.table = self.table  # type: ignore[assignment]

    def consumer(self, delivery: Delivery) -> Callable[..., str]:
        runs = Retrainings("", lambda: delivery.call(self.clock, free=True))
        runs.table = Port(delivery, self.table)  # type: ignore[assignment]
        launcher, letters = Port(delivery, self.aws), Port(delivery, self)
        return Trainings(runs, launcher, letters, self.alone(delivery), lambda _: False, FAMILY, LEASE).take

    def starts(self, request: Mapping[str, str]) -> None:
        found = self.runs.get(request["model_name"])
        assert found and found.has(request["job_id"]), "a run was started that has not its model"

    def run_of(self, request: Mapping[str, str]) -> str:
        return f"{request['model_name']} {request['job_id']}"

    def has(self) -> list[Retraining]:
        every = [Retraining.model_validate(item) for item in self.table.items.values()]
        return [each for each in every if each.running_until]

    @precondition(lambda self: any(each.task_arn for each in self.has()))
    @rule()
    def a_run_ends(self) -> None:
        one = next(each for each in self.has() if each.task_arn)
        assert self.runs.release(one.model_name, str(one.run_id), Outcome.PROMOTED)

    @precondition(lambda self: not self.alive())
    @rule()
    def hours_pass(self) -> None:
        self.at += 2 * LEASE

    def judged(self) -> None:
        assert len(self.aws.tasks) == len(set(self.aws.tasks)), "something was started twice"
        for message in self.all:
            said = self.settled.get(message.id)
            assert said in ("launched", "busy", "over") or message.id in self.aside, "a message is gone"
            if said == "launched":
                run = self.run_of({"job_id": message.id, **json.loads(message.body)})
                assert run in self.aws.tasks, "a message is gone, and nothing was started for it"


@pytest.mark.parametrize("world", [BacktestWorld, TrainingWorld])
def test_one_launch_one_end_and_no_lost_message_whatever_happens(
    world: type[World], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "table", lambda _name: None)
    few = settings(
        max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(world, settings=few)
