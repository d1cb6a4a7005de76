"""docs/CONFORMANCE.md out of verdicts: text that is the same in every run, whatever ids and ports AWS gave out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from tests.documents.checks import ENVIRONMENTS
from tests.documents.readback import Reading
from tests.documents.transcription import DOCUMENTS, Decision, Table
from tests.documents.verdicts import Verdict, counted

TITLES = {
    "002": "002: canonical configuration 9.3.0",
    "001": "001: infrastructure as code 9.2.1",
    "000": "000: module reference",
}
MOST_VALUES = 24
MOST_SUBJECTS = 3
HEAD = """\
<!-- Written by `just conformance`: deploy dev, staging and prod, and run it again. -->

# Conformance

Every row of every table in the three documents, and of their lists that state values: what the document has, what plain
AWS calls read back in `dev`, `staging` and `prod` as the documents want them, and whether they agree. The fixture is
`tests/documents`; it imports nothing of what it judges.

- **decision**: the documents contradict each other there, or leave a hole; both are quoted, and
  [DECISIONS.md](DECISIONS.md) says under that head what was settled. What was read is what was settled.
- Names that stand without environment are read under the name that 002 §9.1 gives them
  (`{project}-{component}-{environment}[-{suffix}]`, "tradai-backtest-queue-staging.fifo"): "yes, named by 002 §9.1".
- A row that states no value of AWS has the place in this tree instead.
- "as dev": the same with the environment's own name. "left open": the documents ask for nothing there. Outputs are read
  from the stacks' states in their bucket, and shown by what they name.
"""


def page(found: Sequence[Verdict]) -> str:
    """The whole document."""
    parts = [HEAD, "\n".join(_summary(found))]
    for document in reversed(DOCUMENTS):
        parts.append(f"## {TITLES[document]}")
        mine = [verdict for verdict in found if verdict.document == document]
        for table, of_table in groupby(mine, key=lambda verdict: verdict.table):
            parts.append("\n".join(_table(table, list(of_table))))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _summary(found: Sequence[Verdict]) -> Iterator[str]:
    yield "| document | tables | rows | agree | named by 002 §9.1 | in the tree alone | by decision | disagree |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, some in [(d, [v for v in found if v.document == d]) for d in reversed(DOCUMENTS)] + [
        ("all", list(found))
    ]:
        number = counted(some)
        agree = [verdict for verdict in some if verdict.result == "agrees"]
        tables = len({id(verdict.table) for verdict in some})
        named, prose = sum(v.named_by_pattern for v in agree), sum(v.row.kind == "prose" for v in agree)
        cells = (name, tables, number["rows"], len(agree), named, prose, number["decision"], number["disagrees"])
        yield f"| {' | '.join(map(str, cells))} |"
    yield ""
    yield from _settled(found)


def _settled(found: Sequence[Verdict]) -> Iterator[str]:
    decided = [verdict.row.decision for verdict in found if verdict.result == "decision" and verdict.row.decision]
    rows = Counter(decision.title for decision in decided)
    yield f"The {len(decided)} rows by decision name {len(rows)} decisions:"
    yield ""
    for decision in {decision.title: decision for decision in decided}.values():
        yield f"- **{decision.title}** ({rows[decision.title]}): {_quoted(decision)}"


def _quoted(decision: Decision) -> str:
    said = " against ".join(f"{section} “{quote}”" for section, quote in decision.quotes.items())
    return f"{said}; {decision.hole}." if decision.hole else f"{said}."


def _table(table: Table, rows: Sequence[Verdict]) -> Iterator[str]:
    about = " / ".join(table.columns[: table.label])
    value = " / ".join(table.columns[table.label :])
    yield f"### {table.section}: {table.title}"
    yield ""
    heads = [about, *([value] if value else []), *ENVIRONMENTS, "agrees"]
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---' for _ in heads)} |"
    for verdict in rows:
        label = [" ".join(verdict.row.cells[: table.label])]
        rest = [" / ".join(verdict.row.cells[table.label :])] if value else []
        cells = [*label, *rest, *_read(verdict), _agrees(verdict)]
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _agrees(verdict: Verdict) -> str:
    if not verdict.stands:
        return f"**NO**{': not in the tree: ' + ', '.join(verdict.lost) if verdict.lost else ''}"
    if verdict.row.decision:
        return f"decision: {verdict.row.decision.title}"
    return "yes, named by 002 §9.1" if verdict.named_by_pattern else "yes"


def _read(verdict: Verdict) -> list[str]:
    """What was read in dev, staging and prod."""
    if verdict.row.kind == "prose":
        return [", ".join(f"`{place.partition('#')[0]}`" for place in verdict.row.places), "as dev", "as dev"]
    texts = {env: _values(verdict.readings[env]) for env in ENVIRONMENTS}
    first, *others = ENVIRONMENTS
    same = {env: texts[env].replace(env, first) == texts[first] for env in others}
    return [texts[first], *("as dev" if same[env] and texts[first] != LEFT_OPEN else texts[env] for env in others)]


LEFT_OPEN = "left open"


def _values(read: Sequence[Reading]) -> str:
    """Values that are alike stand once, with all that have them."""
    if not read:
        return LEFT_OPEN
    alike = _alike(read)
    wrong = _alike([reading for reading in read if not reading.agrees])
    told = alike if len(alike) <= MOST_VALUES else wrong
    agreeing = sum(reading.agrees for reading in read)
    counted_only = [] if told is alike else [f"{agreeing} of {len(read)} values"]
    alone = len({reading.check.subject for reading in read}) == 1
    return "; ".join([*counted_only, *(_said(key, [] if alone else of) for key, of in told.items())])


def _alike(read: Sequence[Reading]) -> dict[tuple[str, str, str], list[str]]:
    """(kind, fact, value) → subjects."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for reading in read:
        key = (reading.check.kind, reading.check.fact, _shown(reading))
        alike.setdefault(key, []).append(reading.check.subject)
    return alike


def _said(key: tuple[str, str, str], subjects: Sequence[str]) -> str:
    kind, fact, shown = key
    about = ", ".join(subjects) if len(subjects) <= MOST_SUBJECTS else f"{len(subjects)} of kind {kind},"
    return f"{about} {fact}: {shown}".strip()


def _shown(reading: Reading) -> str:
    """The value read; of one that was only asked for a part of, that part."""
    value = reading.value
    match reading.check.expected:
        case {"includes": dict() as wanted} if reading.agrees:
            return _text({key: value[key] for key in wanted}) if isinstance(value, Mapping) else str(value)
        case {"includes": list() as wanted} if reading.agrees:
            return _text(wanted)
        case {"ends with": end} if reading.agrees:
            return f"…{end}"
        case {"at least": least} if reading.agrees:
            return f"at least {least}"
        case _:
            return _text(value)


def _text(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_text, value)) or "none"
        case dict():
            return ", ".join(_item(key, of) for key, of in value.items()) or "none"
        case _:
            return str(value)


def _item(key: object, value: object) -> str:
    return f"{key} ({_text(value)})" if isinstance(value, dict) else f"{key} {_text(value)}"
