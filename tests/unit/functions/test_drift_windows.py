"""Bins of the reference, and what is read of windows."""

import gzip
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.bins import FEW, Column, Learner, edges, read
from drift_monitor.packed import COLUMNS, UNPACKED_BYTES, MalformedError, counted, unpacked
from drift_monitor.windows import ROWS, Window, day_of, live, live_prefix, reference, reference_key

CELL = st.floats().map(repr) | st.integers().map(str) | st.text(max_size=5) | st.sampled_from(["", " ", "nan", "-inf"])
ANY = st.lists(CELL, min_size=1, max_size=200)


def learnt(cells: Iterable[object]) -> Column:
    learner = Learner()
    for cell in cells:
        learner.add(str(cell))
    found = learner.learnt()
    assert found
    return found


def packed(*lines: str) -> bytes:
    return gzip.compress("\n".join(lines).encode())


@given(ANY, ANY)
def test_every_cell_of_any_live_window_falls_into_one_bin_of_the_reference(first: list[str], then: list[str]) -> None:
    learner = Learner()
    for cell in first:
        learner.add(cell)
    found = learner.learnt()
    if found:
        assert sum(found.counts) == len(first)
        live_column = Column(found.bins)
        for cell in then:
            live_column.add(cell)
        assert sum(live_column.counts) == len(then)


@given(ANY)
def test_the_reference_counted_in_its_own_bins_is_itself(cells: list[str]) -> None:
    learner = Learner()
    for cell in cells:
        learner.add(cell)
    found = learner.learnt()
    if found:
        again = Column(found.bins)
        for cell in cells:
            again.add(cell)
        assert (again.counts, sorted(again.numbers)) == (found.counts, sorted(found.numbers))


@given(st.dictionaries(st.integers(-50, 50), st.integers(1, 300), min_size=FEW + 1, max_size=2 * FEW))
def test_a_bin_of_numbers_is_never_empty_in_the_reference(times: dict[int, int]) -> None:
    found = learnt(value for value, count in times.items() for _ in range(count))
    assert found.bins.numeric and all(found.counts[:-1])


@pytest.mark.parametrize("far", ["1e300", "-1e300"])
def test_bins_are_open_at_both_ends(far: str) -> None:
    column = Column(learnt(range(1000)).bins)
    column.add(far)
    assert sum(column.counts[:-1]) == 1


def test_tenths_of_a_heap_of_equal_values_leave_what_is_beside_it_a_bin() -> None:
    assert edges([0.0] * 990 + [float(value) for value in range(1, 11)]) == [1.0]


def test_numbers_of_few_values_are_categories_however_they_are_written() -> None:
    found = learnt(["1", "1.0", "1e0", "0", "-0"] * 100)
    assert not found.bins.numeric and sorted(found.bins.labels) == ["0.0", "1.0"]


def test_rare_categories_are_one_bin_and_new_ones_fall_into_it() -> None:
    found = learnt(["buy"] * 600 + ["sell"] * 395 + ["a", "b", "c", "d", "e"])
    assert found.counts == [600, 395, 5, 0]
    column = Column(found.bins)
    for cell in ("hold", "a", "buy", "", "NaN"):
        column.add(cell)
    assert column.counts == [1, 0, 2, 2]


@pytest.mark.parametrize("cells", [[f"note {at}" for at in range(5000)], ["", "nan"] * 300, [*range(5000), "x"]])
def test_what_is_neither_of_numbers_nor_of_categories_has_no_bins(cells: list[object]) -> None:
    learner = Learner()
    for cell in cells:
        learner.add(str(cell))
    assert learner.learnt() is None


@pytest.mark.parametrize("cell", ["", "  ", "nan", "inf", "-Infinity"])
def test_what_is_no_finite_number_is_missing(cell: str) -> None:
    assert read(cell) == ("", None)


def test_a_reference_says_its_lines_and_its_columns() -> None:
    found = reference(packed("rsi,note,prediction", *(f"{at},text {at},0.{at}" for at in range(2000))))
    assert (found.rows, sorted(found.columns), found.unclear) == (2000, ["prediction", "rsi"], ["note"])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no gzip", "no whole gzip file"),
        (packed("a", "1")[:-4], "no whole gzip file"),
        (gzip.compress(b"a,b\n\xff,1"), "no CSV in UTF-8"),
        (packed('a,b\n"1,2'), "no CSV in UTF-8"),
        (packed("a,b", "1,2", "1"), "line 3 has 1 cells, its header 2"),
        (packed("a,a"), "each once"),
        (packed(""), "needs names"),
        (packed(",".join(f"c{at}" for at in range(COLUMNS + 1))), "columns"),
        (packed("a", *["1"] * (ROWS + 1)), f"it has {ROWS + 1} lines"),
        (gzip.compress(b"a\n" + b"1" * UNPACKED_BYTES), "unpacks to more"),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",  # packed ones bear the time
)
def test_an_object_that_is_no_window_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        reference(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_window_or_refused(data: bytes) -> None:
    for given_bytes in (data, gzip.compress(data)):
        try:
            counted(unpacked(given_bytes))
        except MalformedError as error:
            assert str(error)


KNOWN = reference(packed("rsi,prediction", *(f"{at},0.{at}" for at in range(1000))))


def days(*found: tuple[str, bytes]) -> Window:
    return live(KNOWN, iter((live_prefix("m", "1") + key, data) for key, data in found))


def test_a_live_window_is_made_of_days_and_writers() -> None:
    window = days(("2026-11-29/b.csv.gz", packed("rsi,prediction", "1,2")), ("2026-11-28/a.csv.gz", packed("rsi", "3")))
    assert (window.rows, window.first_day, window.last_day) == (2, "2026-11-28", "2026-11-29")
    assert {name: sum(column.counts) for name, column in window.columns.items()} == {"rsi": 2, "prediction": 1}


def test_an_object_that_a_container_left_half_written_is_left_out_whole_and_named() -> None:
    window = days(("2026-11-29/a.csv.gz", packed("rsi,prediction", "1,2", "1")), ("2026-11-28/b.csv.gz", packed("rsi")))
    assert window.rows == 0 and not any(sum(column.counts) for column in window.columns.values())
    assert window.skipped == ["monitoring/m/1/live/2026-11-29/a.csv.gz: line 3 has 1 cells, its header 2"]


def test_columns_that_the_reference_lacks_are_named() -> None:
    assert days(("2026-11-29/a.csv.gz", packed("rsi,macd", "1,2"))).strange == {"macd"}


def test_no_more_lines_are_looked_at_than_memory_holds_the_newest_first() -> None:
    full = packed("rsi", *["1"] * ROWS)
    window = days(("2026-11-29/a.csv.gz", packed("rsi", "5")), ("2026-11-28/a.csv.gz", full), ("2026-11-27/a", full))
    assert (window.rows, window.first_day) == (ROWS, "2026-11-28")


def test_keys_say_model_version_day_and_writer() -> None:
    assert reference_key("pascal", "7") == "monitoring/pascal/7/reference.csv.gz"
    assert day_of("monitoring/pascal/7/live/2026-11-29/pascal-btc.csv.gz") == "2026-11-29"
