"""Section 11 and the end: what to verify, what changed, what to change where (002 §11, Changelog, Dependencies).

Must never hold a value of the configuration: counts are read from it.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, bullets, code, table
from tradai_blueprints.tradai.config.document.values import COMMON
from tradai_iac.base import Frozen


class Version(Frozen):
    """One row of the changelog; `date` as year-month-day."""

    version: str
    date: str
    changes: str


#: The newest first.
VERSIONS: Final = (
    Version(
        version="9.4.0",
        date="2026-11-21",
        changes="Added what services and functions use, the retraining queue and its consumer's mapping, the rules "
        "that needed flows lacked, auto scaling in prod, alarms and their thresholds, the stacks' outputs. Names carry "
        "their environment.",
    ),
    Version(
        version="9.3.0",
        date="2026-03-28",
        changes="Added all 12 DynamoDB tables with keys/GSIs/TTL (was 1 of 12). Fixed ownership: the configuration "
        "is the source of truth, this document mirrors it. Added Compute Mode row to environment differences. Added "
        "UDP note to NAT SG. Fixed validation checklist.",
    ),
    Version(
        version="9.2.1",
        date="2026-03-28",
        changes="Fixed region, health check paths, RDS version, Lambda table, log retention",
    ),
)

#: What changes, the module that holds it, the section that shows it.
_SOURCES: Final = (
    ("VPC, subnet, route or network ACL", "network.py", "Section 1 (Network Configuration)"),
    ("ECS service", "services.py", "Section 2 (Service Configuration)"),
    ("Image repository", "images.py", "Section 2.6 (Image Repositories)"),
    ("Bucket, DynamoDB table or database", "storage.py", "Section 3 (Storage Configuration)"),
    ("Security group, user pool or WAF rule", "security.py", "Section 4 (Security Configuration)"),
    ("Route or throttling", "api.py", "Section 5 (API Gateway Configuration)"),
    ("Queue or topic", "messaging.py", "Section 6 (SQS Configuration)"),
    ("Lambda function", "lambdas.py", "Section 7 (Lambda Functions)"),
    ("Secret", "secrets.py", "Section 8 (Secrets Manager)"),
    ("Tag", "tags.py", "Section 9.2 (Tag Requirements)"),
    ("Difference between environments", "environments.py", "Section 10 (Environment Differences)"),
    ("Quota of AWS", "quotas.py", "Section 10.1 (Quotas)"),
)


def checklist() -> str:
    """What to verify before a deployment."""
    return blocks("## 11. Validation Checklist", "Before deployment, verify:", bullets(_checks()))


def _checks() -> tuple[str, ...]:
    return (
        "[ ] All subnet CIDRs match this document",
        "[ ] All service ports match this document",
        "[ ] All S3 bucket names follow the pattern",
        "[ ] Security groups reference correct CIDRs",
        f"[ ] All {len(COMMON.storage.tables)} DynamoDB tables match Section 3.2 (names, keys, GSIs, TTL)",
        "[ ] All resources have required tags",
        "[ ] Secrets exist in Secrets Manager",
        "[ ] SSL enforcement enabled on RDS",
    )


def changelog() -> str:
    """The versions of the canonical values."""
    rows = ((each.version, each.date, each.changes) for each in VERSIONS)
    return blocks("## Changelog", table(("Version", "Date", "Changes"), rows))


def dependencies() -> str:
    """Which module holds what, and where the document shows it."""
    rows = (
        (what, code(f"iac/tradai_blueprints/tradai/config/{module}"), section) for what, module, section in _SOURCES
    )
    return blocks(
        "## Dependencies",
        "Change the module, then run `just generate`.",
        table(("If This Changes", "Change This Module", "Shown In"), rows),
    )
