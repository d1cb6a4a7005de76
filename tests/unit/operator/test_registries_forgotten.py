"""An operator knows the registries that it asked last, however many environments came and went."""

from typing import Any

import pytest

from tradai_iac.images import registry as registries
from tradai_iac.images.wanted import Registry, Resolution
from tradai_operator.adapters.aws.ecr import EcrImages


def registry(number: int) -> Registry:
    return Registry(
        account_id="123456789012", region="eu-central-1", environment="dev", external_id=f"tradai/env-{number}"
    )


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Registry]:
    found: list[Registry] = []

    class Client:
        def __init__(self, asked: Registry) -> None:
            found.append(asked)

        def resolve(self, wanted: Any) -> Resolution:
            return Resolution()

    monkeypatch.setattr(registries, "EcrRegistry", Client)
    return found


async def test_the_oldest_make_room_and_who_is_asked_again_and_again_stays(made: list[Registry]) -> None:
    images = EcrImages(kept=3)
    for number in range(10):
        await images.resolve(registry(number), ())
        await images.resolve(registry(0), ())
    assert len(images._known) == 3
    assert made.count(registry(0)) == 1
    assert len(made) == 10


async def test_who_was_forgotten_is_asked_all_the_same(made: list[Registry]) -> None:
    images = EcrImages(kept=1)
    for number in (1, 2, 1):
        assert (await images.resolve(registry(number), ())).failure is None
    assert made == [registry(1), registry(2), registry(1)]
