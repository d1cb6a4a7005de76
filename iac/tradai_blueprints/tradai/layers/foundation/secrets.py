"""The secrets of Secrets Manager that people fill (002 §8).

Must never hold a value in clear: one that was given passes through as a secret output, and one that was not leaves
its secret empty, to be filled by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.secrets import Secret
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class SecretsArgs:
    """`values` by name of the secret; a deleted secret can be recovered for `recovery_days` (0: not at all)."""

    naming: Naming
    secrets: Sequence[Secret]
    values: Mapping[str, pulumi.Output[str]]
    recovery_days: int


class Secrets(Component):
    """The secrets by name."""

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("foundation:Secrets", name, opts)
        self.secrets = {row.name: self._secret(row, args) for row in args.secrets}
        self.register_outputs({"arns": self.arns})

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Name → ARN."""
        return {name: secret.arn for name, secret in self.secrets.items()}

    def _secret(self, row: Secret, args: SecretsArgs) -> aws.secretsmanager.Secret:
        secret = aws.secretsmanager.Secret(
            row.name,
            name=args.naming.path(row.name),
            description=row.contents,
            recovery_window_in_days=args.recovery_days,
            opts=self.child(),
        )
        value: pulumi.Output[str] | None = args.values.get(row.name)
        if value is not None:
            aws.secretsmanager.SecretVersion(
                row.name,
                secret_id=secret.id,
                secret_string=value,
                opts=self.child(),
            )
        return secret
