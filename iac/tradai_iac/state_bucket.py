"""The bucket that keeps the states of an environment: its name's component, and what stays of old versions in it.

Must never hold what a blueprint keeps in AWS: every system's states lie in such a bucket.
"""

from typing import Any, Final

from tradai_iac.base import Frozen

#: Component of the bucket that holds Pulumi's state (001 §10); `naming` spells its name.
COMPONENT: Final = "pulumi-state"


class OldVersions(Frozen):
    """What stays of a bucket's old versions: the `newest` of each object for good, the others so many days.

    `rule` names the rule by which S3 removes the rest, so that it is found among those of others.
    """

    rule: str = "tradai-old-versions"
    days: int = 30
    newest: int = 20

    @property
    def in_s3(self) -> dict[str, Any]:
        """A bucket's lifecycle that is this rule alone, as S3 takes it."""
        expiration = {"NoncurrentDays": self.days, "NewerNoncurrentVersions": self.newest}
        rule = {"ID": self.rule, "Status": "Enabled", "Filter": {"Prefix": ""}}
        return {"Rules": [{**rule, "NoncurrentVersionExpiration": expiration}]}


#: Said to a new account, by the persistent layer and to the sandbox, which must agree.
OLD_STATES: Final = OldVersions()
