"""The border of validate-strategy: a request in; out a no with its reasons, or the request whole.

A no is what is known to be wrong. What could not be asked raises, so that the workflow says failed and not refused.
Must never change anything.
"""

from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.configs import Configs
from shared.entry import Entry, RefusedError
from validate_strategy.logic import (
    ACTIVE,
    UNKNOWN,
    Answer,
    ValidateStrategy,
    completed,
    named_config,
    pinned,
    refused,
    shaped,
)
from validate_strategy.registry import Registry
from validate_strategy.settings import ValidateStrategySettings


@dataclass(frozen=True)
class Ground:
    """What the function works on."""

    configs: Configs
    registry: Registry

    @classmethod
    def make(cls) -> "Ground":
        """From the environment; raises SettingsError."""
        settings = ValidateStrategySettings.read()
        return cls(Configs(settings.config_versions, settings.configs), Registry(settings.strategy_service))


ENTRY = Entry("validate-strategy", ValidateStrategy, Ground.make)


@ENTRY
def handle(ground: Ground, event: ValidateStrategy) -> dict[str, Any]:
    """`{"valid", "errors", "request"}`; raises UnansweredError and what AWS's clients raise."""
    answer = _judged(ground, event)
    ENTRY.logger.info("judged", job_id=event.request.get("job_id"), valid=answer.valid, errors=answer.errors)
    return answer.model_dump(mode="json")


def _judged(ground: Ground, event: ValidateStrategy) -> Answer:
    texts = shaped(event, clock.now().date())
    if isinstance(texts, Answer):
        return texts
    strategy = ground.registry.get(texts["strategy"])
    if strategy is None:
        return refused(event.request, UNKNOWN)
    try:
        return completed(texts, event.defaults, strategy, _config(ground.configs, texts))
    except RefusedError as error:
        return refused(event.request, str(error))


def _config(configs: Configs, texts: dict[str, str]) -> str | None:
    """The hash of the registered configuration that a request names. Raises RefusedError."""
    named, strategy = named_config(texts), texts["strategy"]
    if named is None:
        return None
    active = configs.active(strategy) if named == ACTIVE else []
    found = configs.by_hash(strategy, named) if named != ACTIVE else None
    config = pinned(named, active, found)
    if not configs.has_text(config):
        raise RefusedError("config_path: the configuration's text is not in the configs bucket; register it again")
    return config
