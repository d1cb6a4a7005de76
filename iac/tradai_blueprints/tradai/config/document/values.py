"""The configuration as the sections read it: the common values, the environments, and names with `{env}` in them.

Must never hold a value of the configuration.
"""

from collections.abc import Callable
from typing import Final

from tradai_blueprints.tradai.config import Settings, settings_for
from tradai_blueprints.tradai.config.environments import STAGES
from tradai_blueprints.tradai.config.services import Service
from tradai_blueprints.tradai.config.tags import TAGS
from tradai_iac.naming import Naming

#: Every environment that has a row of its own, in the configuration's order.
ENVIRONMENTS: Final = {name: settings_for(name) for name in STAGES}
#: What all environments share is read from the first.
COMMON: Final = next(iter(ENVIRONMENTS.values()))
#: Names as they are spelled in any environment: `tradai-alb-sg-{env}`.
NAMES: Final = Naming(TAGS.application, "{env}")

_WORDS: Final = {"api": "API", "mlflow": "MLflow"}


def title(name: str) -> str:
    """`backend-api` as people write it: `Backend API`."""
    words = (_WORDS.get(word, word.capitalize()) for word in name.split("-"))
    return " ".join(words).replace("Dry Run", "Dry-Run")


def per_environment(value: Callable[[Settings], object]) -> str:
    """A value once where all environments agree, else each value with those that have it: `1 (dev), 2 (prod)`."""
    found: dict[object, list[str]] = {}
    for name, settings in ENVIRONMENTS.items():
        found.setdefault(value(settings), []).append(name)
    if len(found) == 1:
        return str(next(iter(found)))
    return ", ".join(f"{each} ({', '.join(names)})" for each, names in found.items())


def stands(service: Service) -> bool:
    """Whether a service's tasks stand all the time; the others are started when they are needed."""
    return service.standing


def days(seconds: int) -> str:
    """Seconds, and the days that they are."""
    return f"{seconds} ({seconds // 86400} days)"
