"""`tradai infra drift`: a look at one layer by hand, without any Kubernetes.

The same look as the operator's, with the manifest's ignore rules. Must never change anything in AWS or in a state.
"""

from pathlib import Path
from typing import Annotated

import typer

from tradai_cli.by_hand import EXIT, request_for, run_layer
from tradai_cli.digests import WithoutImages, digests_for
from tradai_cli.drift import Full, read_report, show
from tradai_cli.manifest import Of, read_spec
from tradai_cli.order import Env, Layer, in_order
from tradai_runner.contract import DriftCheck
from tradai_runner.contract.drift import DriftLook


def drift(
    layer: Layer,
    env: Env,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="the manifest; by default env-ENV.yaml")] = None,
    blueprint: Of = None,
    secrets_dir: Annotated[Path | None, typer.Option(help="a folder with one file a secret")] = None,
    without_images: WithoutImages = False,
    full: Full = False,
) -> None:
    """Show where AWS is not as the manifest declares; exit status 2 where anything drifted."""
    layer, env = in_order(layer, env)
    spec = read_spec(env, file, blueprint, layer)
    look = DriftLook(ignore=tuple(rule.for_runner for rule in spec.drift.ignore))
    request = request_for(DriftCheck, layer, spec, drift=look)
    images = digests_for(layer, spec, without_images=without_images)
    if images is None:
        raise typer.Exit(1)
    outcome = run_layer(request.model_copy(update={"images": images}), spec, secrets_dir)
    report = read_report(spec, layer) if outcome == "succeeded" else None
    if report is None:
        raise typer.Exit(EXIT[outcome])
    show(report, full=full)
    if report.summary().drifted:
        raise typer.Exit(2)
