"""What windows say of a model: a verdict a column, and one of the whole. Must never call AWS or read the clock.

A column has moved moderately from a population stability index of 0.1 on, significantly from 0.25 on; one of numbers
also where Kolmogorov and Smirnov's distance is 0.1, or 0.2, and less than one in a hundred is as large by chance. The
worse of both counts. Both windows need 500 values, with which the index of equal distributions is about 0.04 and rarely
0.1.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from drift_monitor.bins import Column
from drift_monitor.measures import ks, p_value, psi
from drift_monitor.windows import Window
from shared.base import Frozen
from shared.drift import ColumnDrift, Drift, Finding, Verdict

#: Fewer say nothing, of a window and of a column's numbers.
ROWS_NEEDED: Final = 500
PSI_MODERATE: Final = 0.1
PSI_SIGNIFICANT: Final = 0.25
KS_MODERATE: Final = 0.1
KS_SIGNIFICANT: Final = 0.2
CHANCE: Final = 0.01
#: The model has moved significantly where a prediction has, or this part of the features that could be judged.
FEATURES: Final = 1 / 3
#: How many columns and objects are named in an item, which takes 400 kB.
NAMED: Final = 30
#: Behind the point: DynamoDB takes no number that is all too small.
DIGITS: Final = 6

_WORST_FIRST: Final = (Verdict.SIGNIFICANT, Verdict.MODERATE, Verdict.UNKNOWN, Verdict.NONE)


class Call(Frozen):
    """EventBridge's event, or an empty one by hand."""

    id: str = ""


def is_prediction(column: str) -> bool:
    """Whether a column is what the model said."""
    return column == "prediction" or column.startswith("prediction_")


def judged(name: str, reference: Column, live: Column) -> ColumnDrift:
    """One column of both windows."""
    rows = sum(reference.counts), sum(live.counts)
    if min(rows) < ROWS_NEEDED:
        return unknown(name, f"{rows[0]} values in the reference and {rows[1]} live, {ROWS_NEEDED} are needed")
    stability = round(psi(reference.counts, live.counts), DIGITS)
    verdict = _by(stability, PSI_MODERATE, PSI_SIGNIFICANT)
    n, m = len(reference.numbers), len(live.numbers)
    if min(n, m) < ROWS_NEEDED:
        return ColumnDrift(column=name, verdict=verdict, psi=stability)
    distance = ks(sorted(reference.numbers), sorted(live.numbers))
    chance = p_value(distance, n, m)
    if chance < CHANCE:
        verdict = worst([verdict, _by(distance, KS_MODERATE, KS_SIGNIFICANT)])
    distances = {"ks": round(distance, DIGITS), "p_value": round(chance, DIGITS)}
    return ColumnDrift(column=name, verdict=verdict, psi=stability, **distances)


def unknown(name: str, why: str) -> ColumnDrift:
    """A column that could not be judged."""
    return ColumnDrift(column=name, verdict=Verdict.UNKNOWN, why=why)


def compared(reference: Window, live: Window) -> list[ColumnDrift]:
    """Every column of either window, the worst first."""
    found = [judged(name, column, live.columns[name]) for name, column in reference.columns.items()]
    found += [unknown(name, "the reference has neither numbers nor categories of it") for name in reference.unclear]
    found += [unknown(name, "the reference does not have it") for name in live.strange]
    return sorted(found, key=lambda one: (_WORST_FIRST.index(one.verdict), -(one.psi or 0), one.column))


def together(columns: Sequence[ColumnDrift]) -> Verdict:
    """The model's verdict: `none` only where every column could be judged, a prediction among them."""
    of = [(is_prediction(one.column), one.verdict) for one in columns]
    features = [verdict for prediction, verdict in of if not prediction and verdict is not Verdict.UNKNOWN]
    far = features.count(Verdict.SIGNIFICANT)
    if (True, Verdict.SIGNIFICANT) in of or (far and far >= FEATURES * len(features)):
        return Verdict.SIGNIFICANT
    verdicts = {verdict for _, verdict in of}
    if verdicts & {Verdict.MODERATE, Verdict.SIGNIFICANT}:
        return Verdict.MODERATE
    predicted = any(prediction for prediction, _ in of)
    return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts or not predicted else Verdict.NONE


def finding(version: str, reference: Window, live: Window) -> Finding:
    """What both windows say of a version."""
    columns = compared(reference, live)
    verdicts = [one.verdict for one in columns]
    return Finding(
        model_version=version,
        verdict=together(columns),
        why=(*_reasons(columns), *live.skipped)[:NAMED],
        reference_rows=reference.rows,
        live_rows=live.rows,
        live_from=live.first_day,
        live_to=live.last_day,
        totals={verdict: verdicts.count(verdict) for verdict in Verdict},
        columns=tuple(columns[:NAMED]),
    )


def nothing_to_compare(version: str, why: str) -> Finding:
    """A version without a reference that could be read."""
    return Finding(model_version=version, verdict=Verdict.UNKNOWN, why=(why,))


def message(drift: Drift) -> tuple[str, str, list[str]]:
    """Kind, subject and sentences of what people are told."""
    found, before = drift.finding, drift.told.value if drift.told else "not known"
    whole = f"{drift.model_name} {found.model_version}"
    sentences = [
        f"The drift of {whole} is {found.verdict.value} since {drift.since}; it was {before}.",
        f"Compared: {found.live_rows} predictions of {found.live_from or '-'} to {found.live_to or '-'}"
        f" with {found.reference_rows} of the reference.",
        *(_line(one) for one in found.columns if one.verdict in (Verdict.SIGNIFICANT, Verdict.MODERATE)),
        *found.why,
    ]
    return f"drift-{found.verdict.value}", f"drift of {whole}: {found.verdict.value}", sentences


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some."""
    return min(verdicts, key=_WORST_FIRST.index)


def _by(value: float, moderate: float, significant: float) -> Verdict:
    if value >= significant:
        return Verdict.SIGNIFICANT
    return Verdict.MODERATE if value >= moderate else Verdict.NONE


def _reasons(columns: Sequence[ColumnDrift]) -> Iterable[str]:
    if not any(is_prediction(one.column) for one in columns):
        yield "no column is a prediction"
    yield from (f"{one.column}: {one.why}" for one in columns if one.why)


def _line(one: ColumnDrift) -> str:
    distance = "" if one.ks is None else f", KS {one.ks:.3f} (p {one.p_value:.2g})"
    return f"{one.column}: {one.verdict.value}, PSI {one.psi or 0:.3f}{distance}"
