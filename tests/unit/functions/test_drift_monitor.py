"""What windows say of a model, and what people are told of it."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.logic import NAMED, ROWS_NEEDED, finding, judged, message, nothing_to_compare, together
from drift_monitor.windows import Window, live, reference
from shared import clock
from shared.drift import FRESH, ColumnDrift, Drift, Finding, Verdict, after

AT = datetime(2026, 11, 29, 10, tzinfo=UTC)
#: A thousand values that are spread evenly over 0 to 1 and come in no order.
EVEN = [(at * 617 % 1000) / 1000 for at in range(1000)]
VERDICTS = st.sampled_from(Verdict)


def packed(columns: Mapping[str, Sequence[object]]) -> bytes:
    lines = [",".join(columns), *(",".join(map(str, line)) for line in zip(*columns.values(), strict=True))]
    return gzip.compress("\n".join(lines).encode())


def both(then: Mapping[str, Sequence[object]], now: Mapping[str, Sequence[object]]) -> tuple[Window, Window]:
    known = reference(packed(then))
    return known, live(known, [("monitoring/m/1/live/2026-11-29/a.csv.gz", packed(now))])


def seen(change: Callable[[float], object]) -> Finding:
    """What is found where the prediction is as it was and a feature has changed."""
    then = {"rsi": list(EVEN), "prediction": list(EVEN)}
    return finding("1", *both(then, {"rsi": [change(value) for value in EVEN], "prediction": list(EVEN)}))


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda value: value, Verdict.NONE),
        (lambda value: value + 0.02, Verdict.NONE),
        (lambda value: value**1.4, Verdict.MODERATE),
        (lambda value: value + 0.25, Verdict.SIGNIFICANT),
        (lambda value: 1000 * value, Verdict.SIGNIFICANT),
        (lambda value: 0.5, Verdict.SIGNIFICANT),
        (lambda value: "", Verdict.SIGNIFICANT),
        (lambda value: "" if value < 0.02 else value, Verdict.MODERATE),
        (lambda value: "broken", Verdict.SIGNIFICANT),
    ],
)
def test_a_feature_that_has_moved_is_seen(change: Callable[[float], object], verdict: Verdict) -> None:
    (rsi,) = (one for one in seen(change).columns if one.column == "rsi")
    assert rsi.verdict is verdict


def test_both_measures_of_a_column_of_numbers_are_told() -> None:
    (rsi, prediction) = seen(lambda value: value + 0.25).columns
    assert (rsi.column, rsi.p_value) == ("rsi", 0)
    assert rsi.ks == pytest.approx(0.25, abs=0.002)
    assert (prediction.psi, prediction.ks, prediction.p_value) == (0, 0, 1)


@pytest.mark.parametrize(("rows", "verdict"), [(ROWS_NEEDED - 1, Verdict.UNKNOWN), (ROWS_NEEDED, Verdict.NONE)])
def test_too_few_rows_are_unknown_and_never_no_drift(rows: int, verdict: Verdict) -> None:
    few = {"prediction": [EVEN[at % 1000] for at in range(rows)]}
    enough = {"prediction": list(EVEN)}
    for then, now in ((enough, few), (few, enough)):
        assert finding("1", *both(then, now)).verdict is verdict


def test_a_live_window_that_is_empty_is_unknown_and_says_so() -> None:
    known = reference(packed({"prediction": list(EVEN)}))
    found = finding("1", known, live(known, []))
    assert found.verdict is Verdict.UNKNOWN
    assert found.why == ("prediction: 1000 values in the reference and 0 live, 500 are needed",)


def test_each_column_is_judged_by_its_own_rows() -> None:
    known, now = both({"rsi": list(EVEN), "prediction": list(EVEN)}, {"prediction": list(EVEN)})
    verdicts = {one.column: one.verdict for one in finding("1", known, now).columns}
    assert verdicts == {"rsi": Verdict.UNKNOWN, "prediction": Verdict.NONE}


def test_categories_are_judged_by_their_shares() -> None:
    sides = ["buy", "sell"] * 500
    known, now = both({"prediction": list(sides)}, {"prediction": ["buy"] * 900 + ["hold"] * 100})
    found = judged("prediction", known.columns["prediction"], now.columns["prediction"])
    assert found.verdict is Verdict.SIGNIFICANT and found.psi and found.ks is None


def columns(features: list[Verdict], predictions: list[Verdict]) -> list[ColumnDrift]:
    named = [*((f"f{at}", one) for at, one in enumerate(features)), *(("prediction", one) for one in predictions)]
    return [ColumnDrift(column=name, verdict=verdict) for name, verdict in named]


N, M, S, U = Verdict.NONE, Verdict.MODERATE, Verdict.SIGNIFICANT, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("features", "predictions", "then"),
    [
        ([N, N, N], [N], N),
        ([N, N, N], [S], S),
        ([S, N, N], [N], S),
        ([S, N, N, N], [N], M),
        ([S, U, U, U], [N], S),
        ([M, N, N], [N], M),
        ([N, N, U], [N], U),
        ([N, N, N], [U], U),
        ([N, N, N], [], U),
        ([], [N], N),
        ([U, M], [U], M),
        ([], [], U),
    ],
)
def test_what_columns_say_together(features: list[Verdict], predictions: list[Verdict], then: Verdict) -> None:
    assert together(columns(features, predictions)) is then


@given(st.lists(VERDICTS), st.lists(VERDICTS))
def test_no_drift_is_said_only_where_every_column_was_judged(features: list[Verdict], said: list[Verdict]) -> None:
    none = together(columns(features, said)) is N
    assert none == (bool(said) and set(features) | set(said) == {N})


def test_an_item_stays_small_however_wide_the_windows_are() -> None:
    wide = {f"{'f' * 90}{at}": list(EVEN[:600]) for at in range(99)} | {"prediction": list(EVEN[:600])}
    found = finding("1", *both(wide, {name: [0.5] * 600 for name in wide}))
    assert len(found.columns) == NAMED and found.totals[S] == 100
    assert len(found.model_dump_json()) < 40_000


def looks(*seen_: tuple[str, Verdict]) -> list[tuple[Drift, bool]]:
    """The item after each look, and whether people were told then."""
    found: list[tuple[Drift, bool]] = []
    drift: Drift | None = None
    for hours, (version, verdict) in enumerate(seen_):
        at = clock.text(AT + timedelta(hours=12 * hours))
        drift = after(drift, "m", Finding(model_version=version, verdict=verdict), at)
        found.append((drift, drift.owed))
        drift = drift.model_copy(update={"told": verdict})
    return found


def test_people_are_told_once_a_change_and_not_at_each_look() -> None:
    told = [owed for _, owed in looks(("1", N), ("1", M), ("1", M), ("1", S), ("1", S), ("1", N), ("1", U), ("1", U))]
    assert told == [False, True, False, True, False, True, True, False]


def test_a_new_version_begins_anew_and_its_quiet_is_no_news() -> None:
    told = [owed for _, owed in looks(("1", S), ("2", U), ("2", N), ("3", S))]
    assert told == [True, False, True, True]


def test_a_verdict_holds_since_it_changed() -> None:
    since = [drift.since for drift, _ in looks(("1", M), ("1", M), ("1", S), ("2", S))]
    assert since[0] == since[1] < since[2] < since[3]


@given(st.lists(st.tuples(st.sampled_from("12"), VERDICTS, st.booleans()), max_size=20))
def test_whoever_ends_before_telling_leaves_it_to_the_next_look(steps: list[tuple[str, Verdict, bool]]) -> None:
    drift: Drift | None = None
    for version, verdict, survives in steps:
        drift = after(drift, "m", Finding(model_version=version, verdict=verdict), clock.text(AT))
        if survives and drift.owed:
            drift = drift.model_copy(update={"told": verdict})
    if drift:
        again = after(drift, "m", drift.finding, clock.text(AT))
        assert again.owed == (drift.told is not drift.finding.verdict)


def test_an_old_verdict_says_nothing_any_more() -> None:
    drift = after(None, "m", Finding(model_version="1", verdict=S), clock.text(AT))
    assert drift.verdict_at(AT + FRESH - timedelta(seconds=1)) is S
    assert drift.verdict_at(AT + FRESH) is U


def test_a_message_says_what_moved_by_how_much() -> None:
    drift = after(None, "pascal", seen(lambda value: value + 0.25), clock.text(AT))
    kind, subject, sentences = message(drift)
    assert (kind, subject) == ("drift-significant", "drift of pascal 1: significant")
    assert sentences[0] == "The drift of pascal 1 is significant since 2026-11-29T10:00:00.000000Z; it was not known."
    assert sentences[2].startswith("rsi: significant, PSI ") and sentences[2].endswith("KS 0.251 (p 0)")


def test_a_version_without_a_reference_is_unknown() -> None:
    assert nothing_to_compare("1", "there is none").verdict is U
