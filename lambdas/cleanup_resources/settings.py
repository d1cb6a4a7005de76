"""What cleanup-resources is given by its deployment: nothing beside the environment, since its event names the cluster.

Must never have a cluster of its own: it would hide that an event names another one.
"""

from shared.settings import Settings


class CleanupResourcesSettings(Settings):
    """The environment alone."""
