"""The twelve tables (002 §3.2): on demand, encrypted, recoverable.

Must never change a partition key: that replaces a table, and 002 calls it immutable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.storage import Index, Table
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class TablesArgs:
    """The rows, how they are called, and whether AWS refuses to delete them."""

    tables: Sequence[Table]
    naming: Naming
    deletion_protection: bool


class Tables(Component):
    """The tables by their component name."""

    def __init__(self, name: str, args: TablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:Tables", name, opts)
        self.tables = {row.name: self._table(row, args) for row in args.tables}
        self.register_outputs({"names": self.names})

    @property
    def names(self) -> Mapping[str, pulumi.Output[str]]:
        """Component name → table name."""
        return {row: table.name for row, table in self.tables.items()}

    @property
    def arns(self) -> Mapping[str, pulumi.Output[str]]:
        """Component name → ARN."""
        return {row: table.arn for row, table in self.tables.items()}

    @property
    def outputs(self) -> dict[str, pulumi.Output[str]]:
        """The 24 exports of 001 §4: `dynamodb_<table>_table_name` and `..._arn`."""
        by_key = {row.replace("-", "_"): table for row, table in self.tables.items()}
        names = {f"dynamodb_{key}_table_name": table.name for key, table in by_key.items()}
        return names | {f"dynamodb_{key}_table_arn": table.arn for key, table in by_key.items()}

    def _table(self, row: Table, args: TablesArgs) -> aws.dynamodb.Table:
        return aws.dynamodb.Table(
            row.name,
            name=args.naming.name(row.name, kind="dynamodb-table"),
            billing_mode="PAY_PER_REQUEST",
            hash_key=row.hash_key,
            range_key=row.range_key,
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in row.key_attributes],
            global_secondary_indexes=[_index(index) for index in row.indexes] or None,
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=row.ttl, enabled=True) if row.ttl else None,
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=row.point_in_time_recovery),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True),
            deletion_protection_enabled=args.deletion_protection,
            opts=self.child(),
        )


def _index(row: Index) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    key = aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs
    schema = [key(attribute_name=row.hash_key, key_type="HASH")]
    if row.range_key:
        schema.append(key(attribute_name=row.range_key, key_type="RANGE"))
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=row.name,
        key_schemas=schema,
        projection_type=row.projection,
        non_key_attributes=list(row.included) or None,
    )
