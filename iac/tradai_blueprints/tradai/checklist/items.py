"""The eight items of 002 §11, a row each: who demands, plans and lives it.

Must never judge: `tradai_iac.checklist` does.
"""

from typing import Any, Final

from tradai_blueprints.tradai.checklist import demanded, live, planned
from tradai_blueprints.tradai.checklist.document import stale_sections
from tradai_blueprints.tradai.checklist.subject import Subject
from tradai_iac.checklist import Checklist, Item, no_faults


def _item(title: str, sections: tuple[str, ...], demanded: Any, faults: Any, planned: Any, live: Any) -> Item[Subject]:
    return Item(title, sections, demanded, faults, planned, live, stale_sections)


ITEMS: Final[tuple[Item[Subject], ...]] = (
    _item(
        "All subnet CIDRs match the document",
        ("1.1 VPC", "1.2 Subnets"),
        demanded.subnets, demanded.subnet_faults, planned.subnets, live.subnets,
    ),
    _item(
        "All service ports match the document",
        ("2.1 Service Ports", "2.3 Service Discovery"),
        demanded.ports, demanded.port_faults, planned.ports, live.ports,
    ),
    _item(
        "All S3 bucket names follow the pattern",
        ("3.1 S3 Buckets",),
        demanded.buckets, demanded.bucket_faults, planned.buckets, live.buckets,
    ),
    _item(
        "Security groups reference correct CIDRs",
        ("4.1 Security Groups",),
        demanded.group_cidrs, demanded.group_faults, planned.group_cidrs, live.group_cidrs,
    ),
    _item(
        "All 12 DynamoDB tables match section 3.2",
        ("3.2 DynamoDB Tables",),
        demanded.tables, demanded.table_faults, planned.tables, live.tables,
    ),
    _item(
        "All resources have required tags",
        ("9.2 Tag Requirements",),
        demanded.tags, demanded.tag_faults, planned.tags, live.tags,
    ),
    _item(
        "Secrets exist in Secrets Manager",
        ("8. Secrets Manager",),
        demanded.secrets, no_faults, planned.secrets, live.secrets,
    ),
    _item(
        "SSL enforcement enabled on RDS",
        ("3.3 RDS Configuration",),
        demanded.ssl, demanded.ssl_faults, planned.ssl, live.ssl,
    ),
)  # fmt: skip

CHECKLIST: Final = Checklist(ITEMS, Subject)
