"""Digests: canonical, sensitive to everything that matters and to nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tradai_operator.plan.digest import digest, inputs_digest, keyed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def _shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shuffled(value[key]) for key in reversed(list(value))}
    return [_shuffled(item) for item in value] if isinstance(value, list) else value


@given(JSON)
def test_the_order_of_keys_never_matters(value: Any) -> None:
    assert digest(value) == digest(_shuffled(value))


@given(JSON, JSON)
def test_equal_digests_mean_equal_values(left: Any, right: Any) -> None:
    same = repr(_shuffled(_sorted(left))) == repr(_shuffled(_sorted(right)))
    assert (digest(left) == digest(right)) == same


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


BASE: dict[str, Any] = {
    "layer": "compute",
    "identity": {"environment": "dev"},
    "program_version": "1",
    "config": {"skipAlb": False},
    "upstream": {"foundation": {"vpc_id": "vpc-1"}},
    "secrets": {"binance-api": "f00"},
    "images": {"backend": "sha256:f00"},
}


@given(st.sampled_from(sorted(BASE)))
def test_every_part_of_the_inputs_counts(part: str) -> None:
    other = {**BASE, part: {"another": {"value": 1}} if isinstance(BASE[part], dict) else "another"}
    assert inputs_digest(**BASE) != inputs_digest(**other)


@given(st.text(), st.text(min_size=1), st.text(min_size=1))
def test_a_fingerprint_depends_on_its_key(value: str, key: str, other: str) -> None:
    assert keyed(value, key) == keyed(value, key)
    assert (keyed(value, key) == keyed(value, other)) == (key.rstrip("\0") == other.rstrip("\0") or key == other)


def test_a_fingerprint_does_not_show_the_secret() -> None:
    assert "hunter2" not in keyed("hunter2", "key")
