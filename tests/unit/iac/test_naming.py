"""The spelling of names: short codes."""

import pytest

from tradai_iac.naming import Naming


@pytest.mark.parametrize(
    ("environment", "short"), [("dev", "d"), ("staging", "s"), ("prod", "p"), ("eph-pr12", "eph-pr12")]
)
def test_an_environment_has_a_short_code_of_its_own(environment: str, short: str) -> None:
    assert Naming(project="tradai", environment=environment).short == short
