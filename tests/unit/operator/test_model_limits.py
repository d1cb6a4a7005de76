"""The longest environment name still tells environments apart, whatever AWS allows for a name."""

import pytest

from tradai_blueprints.tradai.config import settings_for
from tradai_iac.naming import LIMITS, Naming
from tradai_operator.model.spec import ENVIRONMENT_LIMIT

SERVICES = [service.name for service in settings_for("dev").services if service.behind_load_balancer]
LONGEST = [f"eph-pr{number:06}" for number in range(0, 300_000, 1000)]


@pytest.mark.parametrize("service", SERVICES)
def test_target_groups_of_the_longest_environments_fit_and_differ(service: str) -> None:
    assert {len(environment) for environment in LONGEST} == {ENVIRONMENT_LIMIT}
    names = {Naming("tradai", environment).name(service, kind="target-group") for environment in LONGEST}
    assert len(names) == len(LONGEST)
    assert max(map(len, names)) <= LIMITS["target-group"]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("stage", ["dev", "staging", "prod"])
def test_the_fixed_environments_are_spelled_out(service: str, stage: str) -> None:
    assert Naming("tradai", stage).name(service, kind="target-group") == f"tradai-{service}-{stage}"
