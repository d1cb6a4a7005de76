"""Which tasks a failed run has left."""

from hypothesis import given
from hypothesis import strategies as st

from cleanup_resources.logic import left
from shared.tasks import Task, of

JOBS = st.sampled_from(["a", "b", "A", "a-1"])


def task(at: int, job: str | None, by: str | None) -> Task:
    variables = [{"name": "JOB_ID", "value": job}] if job else []
    overrides = {"containerOverrides": [{"name": "c"}, {"name": "d", "environment": variables}]}
    return of({"taskArn": f"arn/{at}", "overrides": overrides, "startedBy": by or ""})


@given(st.lists(st.tuples(st.none() | JOBS, st.none() | JOBS)), JOBS)
def test_all_tasks_of_the_job_and_none_of_another(known: list[tuple[str | None, str | None]], job: str) -> None:
    tasks = [task(at, *each) for at, each in enumerate(known)]
    found = set(left(tasks, job))
    for each, (named, by) in zip(tasks, known, strict=True):
        assert (each.arn in found) is (named == job or (named is None and by == job))
