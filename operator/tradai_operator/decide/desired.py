"""What a run of a layer would be given now, as one digest: where it equals the last success, nothing has to run.

Pure. Must never leave out anything that a run depends on, nor take in what it does not.
"""

from collections.abc import Mapping
from typing import Any

from tradai_iac.blueprint import Layer
from tradai_operator.decide.facts import Facts
from tradai_operator.decide.program import version_for
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.plan.digest import inputs_digest


def desired_digest(
    env: Environment,
    status: EnvironmentStatus,
    facts: Facts,
    layer: Layer,
    images: Mapping[str, str],
    version: str | None = None,
) -> str:
    """The digest of what a run of this layer would be given now; `images` maps component → digest.

    `version` is that of the stack programs, by default the one that the environment is on.
    """
    return inputs_digest(
        layer=layer.name,
        identity=identity(env, facts),
        program_version=version or version_for(env, facts),
        config=env.spec.layer(layer.name).overrides,
        upstream={name: consumed(status, name, outputs) for name, outputs in layer.reads.items()},
        secrets=facts.secrets.layers.get(layer.name, {}),
        images=images,
    )


def identity(env: Environment, facts: Facts) -> dict[str, Any]:
    """Where a run happens; a change of any of it is a change for every layer."""
    return {
        "environment": env.spec.environment,
        "aws": env.spec.aws.model_dump(mode="json"),
        "backend": env.spec.state.backend_url,
        "state": facts.secrets.state,
    }


def consumed(status: EnvironmentStatus, upstream: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The outputs of an upstream layer that are read; absent ones are None."""
    outputs = status.outputs.get(upstream, {})
    return {name: outputs.get(name) for name in names}
