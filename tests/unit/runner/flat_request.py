"""What a runner of the version before understands: one flat request, whose rules say which fields go together.

A copy, kept as it was. Must never follow the contract: it stands for images that are out there.
"""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from tradai_runner.contract import Owner, PlanRef
from tradai_runner.contract.drift import DriftLook


class FlatRequest(BaseModel):
    """Everything that one layer run needs to know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    blueprint: str = "tradai"
    layer: str
    environment: str
    operation: Literal["up", "preview", "refresh", "destroy"]
    account_id: str
    region: str
    endpoint_url: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None
    backend_url: str
    config: dict[str, Any] = {}
    passphrase_file: str | None = None
    secret_files: dict[str, str] = {}
    images: dict[str, str] = {}
    lift_protection: bool = False
    migrations: tuple[str, ...] = ()
    keep_plan: bool = False
    plan: PlanRef | None = None
    only_if_new: bool = False
    unknown: tuple[str, ...] = ()
    teardown: bool = False
    confirmed: tuple[str, ...] | None = None
    owner: Owner | None = None
    handover: str | None = None
    fence: int = 0
    clear_pending: tuple[str, ...] = ()
    owned_only: bool = False
    survey: str = ""
    refresh: bool = False
    kept_runs: int = 50
    drift: DriftLook | None = None
    stood: bool = False
    durability: Literal["Sync", "Group"] = "Sync"

    @model_validator(mode="after")
    def _lifts_only_by_an_update(self) -> Self:
        if self.lift_protection and self.operation != "up":
            raise ValueError("lift_protection goes with operation up")
        return self

    @model_validator(mode="after")
    def _plans_are_made_by_previews_and_bind_what_they_plan(self) -> Self:
        if self.keep_plan and self.operation != "preview":
            raise ValueError("keep_plan goes with operation preview")
        if self.only_if_new and self.operation != "up":
            raise ValueError("only_if_new goes with operation up")
        if self.plan and self.operation not in {"up", "destroy"}:
            raise ValueError("plan goes with operation up or destroy")
        if self.unknown and self.operation != "preview":
            raise ValueError("unknown goes with operation preview")
        if self.teardown and not self.keep_plan:
            raise ValueError("teardown goes with operation preview and keep_plan")
        if self.confirmed is not None and self.operation != "destroy":
            raise ValueError("confirmed goes with operation destroy")
        return self

    @model_validator(mode="after")
    def _reads_anew_where_that_is_not_all(self) -> Self:
        if self.refresh and self.operation not in {"up", "preview"}:
            raise ValueError("refresh goes with operations up and preview")
        if self.drift and (self.operation != "preview" or self.keep_plan):
            raise ValueError("drift goes with operation preview, without keep_plan")
        return self
