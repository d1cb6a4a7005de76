"""The eight items of 002 §11, a row each, and how a column's facts are judged.

Must never judge by itself what an item means: its row names who demands, plans and lives it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tradai_cli.checklist import demanded, live, planned
from tradai_cli.checklist.live import Live
from tradai_cli.checklist.planned import Graph
from tradai_cli.checklist.subject import Facts, Subject


@dataclass(frozen=True)
class Item:
    """One line of the checklist; `sections` are headings of the canonical document, without their marks."""

    title: str
    sections: tuple[str, ...]
    demanded: Callable[[Subject], Facts]
    faults: Callable[[Subject], list[str]]
    planned: Callable[[Graph, Subject], Facts]
    live: Callable[[Live, Subject], Facts]


def no_faults(_: Subject) -> list[str]:
    """Nothing in the configuration could be wrong by itself."""
    return []


ITEMS: Final = (
    Item(
        "All subnet CIDRs match the document",
        ("1.1 VPC", "1.2 Subnets"),
        demanded.subnets, demanded.subnet_faults, planned.subnets, live.subnets,
    ),
    Item(
        "All service ports match the document",
        ("2.1 Service Ports", "2.3 Service Discovery"),
        demanded.ports, demanded.port_faults, planned.ports, live.ports,
    ),
    Item(
        "All S3 bucket names follow the pattern",
        ("3.1 S3 Buckets",),
        demanded.buckets, demanded.bucket_faults, planned.buckets, live.buckets,
    ),
    Item(
        "Security groups reference correct CIDRs",
        ("4.1 Security Groups",),
        demanded.group_cidrs, demanded.group_faults, planned.group_cidrs, live.group_cidrs,
    ),
    Item(
        "All 12 DynamoDB tables match section 3.2",
        ("3.2 DynamoDB Tables",),
        demanded.tables, demanded.table_faults, planned.tables, live.tables,
    ),
    Item(
        "All resources have required tags",
        ("9.2 Tag Requirements",),
        demanded.tags, demanded.tag_faults, planned.tags, live.tags,
    ),
    Item(
        "Secrets exist in Secrets Manager",
        ("8. Secrets Manager",),
        demanded.secrets, no_faults, planned.secrets, live.secrets,
    ),
    Item(
        "SSL enforcement enabled on RDS",
        ("3.3 RDS Configuration",),
        demanded.ssl, demanded.ssl_faults, planned.ssl, live.ssl,
    ),
)  # fmt: skip


def differences(wanted: Facts, found: Facts) -> list[str]:
    """Sentences about every fact in which two columns differ, by name."""
    names = sorted({*wanted, *found})
    return [
        f"{name}: {found.get(name, 'missing')}" + (f", not {wanted[name]}" if name in wanted else ", not demanded")
        for name in names
        if wanted.get(name) != found.get(name)
    ]
