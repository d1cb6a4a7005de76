"""`stacks`: each layer of each environment through its life, and what that costs in time, CPU and AWS calls.

One sandbox without operator; the runner does each layer by itself, one after the other. Must never count the images
that are pushed in between, nor what the endpoint itself spends.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rich.console import Console

from tools.bench.bed import Bed, bed, manifest, say
from tools.bench.calls import over
from tools.bench.figures import Report
from tools.bench.layer_run import run_layer
from tools.bench.step import AIMS, Step, figures, type_costs
from tools.bench.step_tables import runs_table, types_table
from tradai_cli.by_hand import request_for, secret_files
from tradai_cli.manifest import read_spec
from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.model import EnvironmentSpec
from tradai_operator.reconcile.secrets import secret_names
from tradai_runner.contract import Destroy, Plan, Refresh, RunRequest, Unprotect, Update
from tradai_runner.teardown.contents import empty, found_contents
from tradai_runner.teardown.protection import obstacles
from tradai_sandbox.control import take_calls

#: What is done to each layer that stands as declared: the step's name, and what it is for the runner.
_STANDING: Final[Mapping[str, type[Update | Plan | Refresh]]] = {
    "unchanged": Update,
    "preview": Plan,
    "refresh": Refresh,
}
#: An edit of each layer's configuration that people really make; compute gets new images besides.
EDITS: Final[Mapping[str, Mapping[str, Any]]] = {
    "persistent": {"callbackUrls": ["https://bench.example/callback"]},
    "foundation": {"alertEmails": ["bench@example.com"]},
    "compute": {"schedules": {"health-check": "rate(7 minutes)"}},
    "edge": {"corsAllowedOrigins": ["https://bench.example"], "alarms": {"lambdaErrors": 2}},
}


@dataclass(frozen=True)
class _Stack:
    """One layer of one environment in one sandbox."""

    place: Bed
    spec: EnvironmentSpec
    layer: str

    @property
    def edited(self) -> dict[str, Any]:
        """The layer's configuration after its edit."""
        return {**self.spec.layer(self.layer).overrides, **EDITS[self.layer]}

    def run(self, step: str, kind: type[Update | Unprotect | Plan | Refresh | Destroy], **more: Any) -> Step:
        """One measured run; `more` are fields of the request."""
        before = self._types()
        request = request_for(kind, self.layer, self.spec).model_copy(update=more)
        names = secret_names(self.spec, self.layer) if issubclass(kind, Update | Plan) else frozenset[str]()
        with tempfile.TemporaryDirectory(prefix="tradai-bench-") as name:
            folder = Path(name)
            _write_secrets(folder, names)
            with secret_files(names, folder) as files:
                return self._measured(step, folder / "run", request.model_copy(update={"secret_files": files}), before)

    def _measured(self, step: str, folder: Path, request: RunRequest, before: Mapping[str, int]) -> Step:
        port = urlsplit(self.place.env["AWS_ENDPOINT_URL"]).port or 0
        take_calls(port)
        measured = run_layer(folder, request, self.place.env)
        calls, counts = take_calls(port), measured.result.resources
        return Step(
            environment=self.spec.environment,
            layer=self.layer,
            step=step,
            types=before or self._types(),
            changed=counts.created + counts.updated + counts.replaced + counts.deleted,
            wall=measured.wall,
            cpu=measured.cpu,
            calls=calls,
        )

    def prepare_destroy(self) -> None:
        """Takes away what refuses deletion, and what lies in buckets and repositories."""
        recorded = self.place.checkpoint(self.layer, self.spec.environment)
        if obstacles(recorded):
            self.run("lift", Unprotect)
        for content in found_contents(self.place.client, recorded):
            empty(self.place.client, content)

    def _types(self) -> dict[str, int]:
        recorded = self.place.checkpoint(self.layer, self.spec.environment)
        return dict(Counter(found.type for found in recorded.resources if found.type.startswith("aws:")))


def stacks(_: float) -> Report:
    """All environments in one account, from nothing to nothing."""
    return lives(BLUEPRINTS["tradai"].stages)


def lives(environments: tuple[str, ...]) -> Report:
    """The same of some environments."""
    steps: list[Step] = []
    try:
        with bed(latency="0ms", operator=False) as place:
            for name in environments:
                for step in _life(place, name):
                    say(f"{name} {step.layer} {step.step}: {step.wall:.1f} s, {step.provider_calls} calls")
                    steps.append(step)
    finally:
        _show(steps)
    return figures(steps), {"runs": [asdict(step) for step in steps]}


def _show(steps: list[Step]) -> None:
    """What was measured is shown, also when a later run fails."""
    console = Console(width=180)
    console.print(runs_table(steps))
    for step, aim in AIMS.items():
        console.print(types_table(step, aim, over(type_costs(steps, step), aim)))


def _life(place: Bed, name: str) -> Iterator[Step]:
    spec = _spec(place, name)
    built = [_Stack(place, spec, layer) for layer in BLUEPRINTS["tradai"].layer_names]
    for stack in built:
        yield stack.run("create", Update, images=place.digests(stack.layer, name))
    for stack in built:
        images = place.digests(stack.layer, name)
        for step, operation in _STANDING.items():
            yield stack.run(step, operation, images=images)
    for stack in built:
        images = place.digests(stack.layer, name, content="changed")
        yield stack.run("update", Update, images=images, config=stack.edited)
    for stack in reversed(built):
        stack.prepare_destroy()
        yield stack.run("destroy", Destroy)


def _spec(place: Bed, name: str) -> EnvironmentSpec:
    """The example of an environment, with this sandbox as AWS."""
    spec = read_spec(name, manifest(name))
    here = spec.aws.model_copy(update={"endpoint_url": place.env["AWS_ENDPOINT_URL"]})
    return spec.model_copy(update={"aws": here})


def _write_secrets(folder: Path, names: frozenset[str]) -> None:
    for name in names:
        (folder / name).write_text("benchmark")
