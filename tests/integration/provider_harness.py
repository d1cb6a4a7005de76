"""Drives all provider cases through the real engine, in one stack, and records what happened in each phase.

Runs as a process of its own (`python -m tests.integration.provider_harness RESULT [service ...]`), because the
SDK keeps global state. Phases: first up, up without change, refresh, update, meddling and refresh, repair, replacement,
destroy. It records; the tests judge.
"""

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pulumi
from botocore.exceptions import ClientError
from pulumi import automation as auto

from tests.integration.provider_cases.case import Case, Given, resolved
from tests.integration.provider_cases.collected import SERVICES, cases, given
from tradai_sandbox.provider import lifecycle
from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.diff import differences
from tradai_sandbox.provider.settings import settings_from
from tradai_sandbox.provider.table import rows

ACCOUNT = "123456789012"
REGION = "eu-central-1"


def aws(service: str) -> Any:
    """A plain boto3 client against the local endpoint, the usual environment variables."""
    client: Any = boto3.client
    return client(service, region_name=REGION)


def class_of(token: str) -> Callable[..., pulumi.Resource]:
    """The class of pulumi_aws for a token."""
    _, module, name = token.split(":")
    module = module.partition("/")[0].replace("lambda", "lambda_")
    found: Callable[..., pulumi.Resource] = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
    return found


class Phases:
    """One stack of all cases; each phase's operations, states and readings by case name."""

    def __init__(self, wanted: tuple[Case, ...], before: tuple[Given, ...], folder: str) -> None:
        self._before = {each.name: replace(each, arn=each.make(aws)) for each in before}
        self._cases, self._phase, self.results = wanted, "first", dict[str, Any]()
        settings = auto.ProjectSettings("cases", "python", backend=auto.ProjectBackend(f"file://{folder}"))
        self._stack = auto.create_or_select_stack(
            "dev",
            "cases",
            self._program,
            opts=auto.LocalWorkspaceOptions(work_dir=folder, project_settings=settings),
        )
        self._stack.set_config("aws:region", auto.ConfigValue(REGION))
        self._stack.set_config("aws:allowedAccountIds", auto.ConfigValue(json.dumps([ACCOUNT])))

    def _program(self) -> None:
        made: dict[str, pulumi.Resource | Given] = {**self._before}
        for case in self._cases:
            arguments = resolved(case.arguments(self._phase), made)
            options = pulumi.ResourceOptions(retain_on_delete=case.retained)
            made[case.name] = class_of(case.token)(case.name, opts=options, **arguments)

    def run(self, name: str, operation: str, phase: str, look: bool = True) -> None:
        """Runs one operation of the stack with the arguments of `phase`, and records it as `name`."""
        self._phase, seen = phase, dict[str, Any]()
        error = ""
        try:
            getattr(self._stack, operation)(on_event=lambda event: _note(event, seen))
        except auto.CommandError as failure:
            error = str(failure)
        self.results[name] = {"seen": seen, "error": error, "looks": {}}
        states = {r["urn"].rpartition("::")[2]: r for r in self._resources()}
        for case in self._cases if look else ():
            if case.name in states:
                self.results[name]["looks"][case.name] = _look(case, _state(states[case.name]))
        self.results[name]["states"] = states
        if error:
            raise RuntimeError(f"{name}: {error}")

    def _resources(self) -> list[dict[str, Any]]:
        resources: list[dict[str, Any]] = (self._stack.export_stack().deployment or {}).get("resources", [])
        return [_without_contents(r) for r in resources if r["type"].startswith("aws:")]

    def prepare(self) -> None:
        """Puts there what no stack makes."""
        for case in self._cases:
            if case.prepare is not None:
                case.prepare(aws)

    def meddle(self) -> None:
        """Changes what can be changed behind the engine's back."""
        for case in self._cases:
            if case.meddle is not None:
                case.meddle(aws, _state(self.results["updated"]["states"][case.name]))

    def import_all(self) -> None:
        """What an import by id alone finds of each resource, and how that differs from what the program wants."""
        cloud = Cloud(settings_from({"region": REGION}))
        found: dict[str, Any] = {}
        for case in self._cases:
            resource, row = self.results["repaired"]["states"][case.name], rows()[case.token]
            if case.import_id is None:
                continue
            seen = lifecycle.read(row, cloud, case.import_id(_state(resource)), {}, {})
            wanted = _plain(resource["inputs"])
            names = [d.name for d in differences(row, seen.inputs, seen.state, wanted)] if seen else []
            found[case.name] = {"id": seen.id if seen else None, "differs": names}
        self.results["imported"] = found

    def look_for_the_dead(self) -> None:
        """What AWS says, after the destroy, of what was there before."""
        for case in self._cases:
            found = _look(case, _state(self.results["replaced"]["states"][case.name]))
            self.results["destroyed"]["looks"][case.name] = found


def _without_contents(value: Any) -> Any:
    """An exported value with archives told by their hash alone: the engine forgets their contents at times."""
    if isinstance(value, list):
        return [_without_contents(item) for item in value]
    if not isinstance(value, dict):
        return value
    archive = {"assets", "hash"} <= set(value)
    return {k: _without_contents(v) for k, v in value.items() if not (archive and k == "assets")}


def _state(resource: dict[str, Any]) -> dict[str, Any]:
    return {**resource["outputs"], "id": resource["id"]}


def _plain(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs with secrets opened, as the exported stack shows them."""
    secret = {k: v for k, v in inputs.items() if isinstance(v, dict) and "plaintext" in v}
    return {**inputs, **{k: json.loads(v["plaintext"]) for k, v in secret.items()}}


def _look(case: Case, state: dict[str, Any]) -> Any:
    try:
        return case.look(aws, state)
    except (ClientError, KeyError, IndexError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def _note(event: Any, seen: dict[str, Any]) -> None:
    """Keeps the operation and the changed properties of each resource's events."""
    for part in (event.resource_pre_event, event.res_outputs_event):
        if part is None or not part.metadata.type.startswith("aws:"):
            continue
        name = part.metadata.urn.rpartition("::")[2]
        entry = seen.setdefault(name, {"ops": [], "diff": []})
        entry["ops"].append(str(getattr(part.metadata.op, "value", part.metadata.op)))
        entry["diff"] = sorted({*entry["diff"], *(part.metadata.detailed_diff or {}), *(part.metadata.diffs or [])})


def main(result: Path, services: tuple[str, ...]) -> None:
    """Runs all phases and writes the record, also when a phase fails."""
    phases = Phases(cases(services), given(services), tempfile.mkdtemp(prefix="provider-cases-"))
    try:
        phases.prepare()
        phases.run("created", "up", "first")
        phases.run("unchanged", "up", "first", look=False)
        phases.run("looked at", "refresh", "first", look=False)
        phases.run("updated", "up", "updated")
        phases.run("quiet", "refresh", "updated", look=False)
        phases.meddle()
        phases.run("refreshed", "refresh", "updated", look=False)
        phases.run("repaired", "up", "updated")
        phases.import_all()
        phases.run("replaced", "up", "replaced")
        phases.run("destroyed", "destroy", "replaced", look=False)
        phases.look_for_the_dead()
    except RuntimeError as error:
        phases.results["failure"] = str(error)
    result.write_text(json.dumps(phases.results, default=str, indent=1))


if __name__ == "__main__":
    os.environ.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or SERVICES)
