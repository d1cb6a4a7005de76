"""The document's head: what it is generated from, and what must never change (002, preface).

Must never repeat a section: it points at them.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, bullets, code, codes
from tradai_blueprints.tradai.config.document.s11_closing import VERSIONS
from tradai_blueprints.tradai.config.document.values import COMMON, ENVIRONMENTS, NAMES
from tradai_iac.stages import EPHEMERAL_PREFIX

_GENERATED: Final = (
    "<!-- Generated from iac/tradai_blueprints/tradai/config: change the configuration, then run `just generate`. -->"
)
_PURPOSE: Final = (
    "This document is generated from `iac/tradai_blueprints/tradai/config`, the single source of truth that the stacks "
    "deploy. "
    "Never edit it: change the configuration, then run `just generate`. `just check-generated` fails where the two "
    "differ."
)
_OVERRIDES: Final = (
    "What differs between environments follows from the environment's name, which is also the stack's name: {names}. "
    "What people may set for a layer beside that is in `iac/tradai_blueprints/tradai/config/overrides.py`. "
    "An environment whose name starts with {prefix} has the values of {default}. Section 10 shows all "
    "differences. Names with `{{env}}` carry the environment's name in its place."
)


def preface() -> str:
    """Title, version, purpose, immutable values and how environments differ."""
    newest = VERSIONS[0]
    return blocks(
        _GENERATED,
        "# TradAI Canonical Configuration",
        f"**Version:** {newest.version} | **Date:** {newest.date}",
        "## Purpose",
        _PURPOSE,
        "Where sources contradicted each other, [DECISIONS.md](DECISIONS.md) says what was settled and why.",
        "### Immutable Values",
        "These values must never change after the first deployment without a full migration plan: changing them "
        "loses data or interrupts the service.",
        bullets(_immutable()),
        "### Environment Overrides",
        _OVERRIDES.format(names=codes(ENVIRONMENTS), prefix=code(EPHEMERAL_PREFIX), default=code(COMMON.environment)),
    )


def _immutable() -> tuple[str, ...]:
    network = COMMON.network
    return (
        f"VPC CIDR ({code(network.vpc.cidr)})",
        f"Subnet CIDRs ({codes(subnet.cidr for subnet in network.subnets)})",
        "DynamoDB partition keys (per table, see section 3.2)",
        f"S3 bucket naming pattern ({code(NAMES.name('{component}', kind='s3-bucket'))})",
        "Cognito User Pool ID",
    )
