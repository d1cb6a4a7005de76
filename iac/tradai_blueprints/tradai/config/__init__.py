"""The single source of truth of 002: every value of the platform, one place a fact, as frozen data.

`settings_for(environment)` resolves them for one environment. Must never import Pulumi, format a name or read
anything outside: what people may change is in `overrides`, everything else is written here.
"""

from tradai_blueprints.tradai.config.settings import Settings, settings_for

__all__ = ["Settings", "settings_for"]
