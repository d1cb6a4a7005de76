"""The sample as everybody else knows it.

Must never hold logic: whatever differs between systems is declared here and read by everyone else.
"""

from typing import Final

from tradai_blueprints.sample.config import StoreConfig, WorkConfig
from tradai_blueprints.sample.contracts import StoreInputs, StoreOutputs, WorkInputs, WorkOutputs
from tradai_blueprints.sample.settings import IMMUTABLE, QUOTAS, STAGES, settings_for
from tradai_iac.blueprint import Blueprint, Layer
from tradai_iac.safeguards import SAFEGUARDS

SAMPLE: Final = Blueprint(
    name="sample",
    project="sample",
    package="tradai_blueprints.sample",
    stages=("dev", "staging", "prod"),
    protected=frozenset(name for name, stage in STAGES.items() if stage.deletion_protection),
    layers=(
        Layer("store", StoreConfig, StoreInputs, StoreOutputs, shown=("bucket_name", "table_name")),
        Layer("work", WorkConfig, WorkInputs, WorkOutputs, secret_outputs=frozenset({"token"}), shown=("topic_arn",)),
    ),
    settings=settings_for,
    teardown={
        "Retain": frozenset(),
        "Soft": frozenset({"work"}),
        "All": frozenset({"work"}),
        "Everything": frozenset({"work", "store"}),
    },
    data_bearing=frozenset({"aws:s3/bucket:Bucket", "aws:dynamodb/table:Table"}),
    safeguards=SAFEGUARDS,
    immutable=IMMUTABLE,
    quotas=QUOTAS,
)
