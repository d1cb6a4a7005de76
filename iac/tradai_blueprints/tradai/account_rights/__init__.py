"""What the role that deploys an environment may do, a row each (001 §9 prerequisites).

A row names the modules of pulumi_aws whose resources need it; a topic is a module here. Must never grant a wildcard
action on every resource.
"""

from typing import Final

from tradai_blueprints.tradai.account_rights import data, identity, lookups, network, tasks, watch, work
from tradai_iac.rights import Right as Right

#: Topic → its rights: a managed policy each, because one takes 6144 characters and all of them have more.
RIGHTS: Final = {
    "data": data.RIGHTS,
    "identity": identity.RIGHTS,
    "network": network.RIGHTS,
    "work": work.RIGHTS,
    "tasks": tasks.RIGHTS,
    "watch": watch.RIGHTS,
    "lookups": lookups.RIGHTS,
}
