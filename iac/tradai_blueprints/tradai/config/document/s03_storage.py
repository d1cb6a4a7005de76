"""Section 3: buckets, tables and the database (002 §3).

Must never say a retention or a key of its own: both are read from the configuration.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.markdown import blocks, code, codes, table
from tradai_blueprints.tradai.config.document.values import COMMON, ENVIRONMENTS, NAMES
from tradai_blueprints.tradai.config.storage import Bucket, Index, Table

_STORAGE: Final = COMMON.storage
_ENCRYPTION: Final = {"AES256": "SSE-S3"}
_ENGINES: Final = {"postgres": "PostgreSQL"}


def storage() -> str:
    """The whole section."""
    return blocks(
        "## 3. Storage Configuration",
        "### 3.1 S3 Buckets",
        _buckets(),
        _state_bucket(),
        "### 3.2 DynamoDB Tables",
        _about_tables(),
        _tables(),
        "### 3.3 RDS Configuration",
        _rds(),
    )


def _state_bucket() -> str:
    old = _STORAGE.old_states
    return (
        f"Pulumi's state is in a bucket of its own, {code(NAMES.name(_STORAGE.state_bucket, kind='s3-bucket'))}. Old "
        f"versions of what it keeps go after {old.days} days, but for the newest {old.newest} of each object."
    )


def _buckets() -> str:
    rows = (
        (
            code(NAMES.name(bucket.name, kind="s3-bucket")),
            bucket.purpose,
            "Enabled" if bucket.versioned else "Disabled",
            _ENCRYPTION[bucket.encryption],
            _lifecycle(bucket),
        )
        for bucket in _STORAGE.buckets
    )
    return table(("Bucket Name", "Purpose", "Versioning", "Encryption", "Lifecycle"), rows)


def _lifecycle(bucket: Bucket) -> str:
    steps = (("Glacier", bucket.glacier_after_days), ("Delete", bucket.delete_after_days))
    return ", ".join(f"{what} after {after}d" for what, after in steps if after) or "None"


def _about_tables() -> str:
    without = codes(each.name for each in _STORAGE.tables if not each.point_in_time_recovery)
    protected = codes(name for name, settings in ENVIRONMENTS.items() if settings.stage.deletion_protection)
    return (
        f"All {len(_STORAGE.tables)} tables use PAY_PER_REQUEST billing, server-side encryption, and point-in-time "
        f"recovery (except {without}). Tables of {protected} have deletion protection enabled."
    )


def _tables() -> str:
    rows = (
        (
            number,
            code(NAMES.name(each.name, kind="dynamodb-table")),
            f"{code(each.hash_key)} (S)",
            f"{code(each.range_key)} (S)" if each.range_key else None,
            ", ".join(map(_index, each.indexes)),
            code(each.ttl) if each.ttl else "-- (none)",
            _purpose(each),
        )
        for number, each in enumerate(_STORAGE.tables, start=1)
    )
    return table(("#", "Table Name", "Partition Key", "Sort Key", "GSIs", "TTL Attr", "Purpose"), rows)


def _purpose(each: Table) -> str:
    return each.purpose if each.point_in_time_recovery else f"{each.purpose} (no PITR)"


def _index(index: Index) -> str:
    keys = f"hash: {index.hash_key}" + (f", range: {index.range_key}" if index.range_key else "")
    included = f": {', '.join(index.included)}" if index.included else ""
    return f"{code(index.name)} ({keys}, {index.projection}{included})"


def _rds() -> str:
    rds = _STORAGE.rds
    stages = [settings.stage for settings in ENVIRONMENTS.values()]
    same = len(stages)
    rows = (
        ("Instance Class", *(stage.rds_instance_class for stage in stages)),
        ("Engine", *[f"{_ENGINES[rds.engine]} {rds.engine_version}"] * same),
        ("Storage", *(f"{stage.rds_storage_gb} GB {rds.storage_type}" for stage in stages)),
        ("Multi-AZ", *(stage.rds_multi_az for stage in stages)),
        ("Backup Retention", *(f"{stage.rds_backup_retention_days} days" for stage in stages)),
        ("SSL Enforcement", *[code(f"rds.force_ssl={rds.force_ssl}")] * same),
        ("Publicly Accessible", *[rds.publicly_accessible] * same),
        ("Port", *[rds.port] * same),
        ("Database", *[code(rds.database_name)] * same),
    )
    return table(("Parameter", *(f"{name.capitalize()} Value" for name in ENVIRONMENTS)), rows)
