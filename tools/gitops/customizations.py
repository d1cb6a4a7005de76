"""The entries of ArgoCD's ConfigMap `argocd-cm` for environments, made from the Lua.

Must never say anything that the Lua does not.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tradai_operator.model import keys
from tradai_operator.model.generated import dump

ROOT: Final = Path(__file__).parents[2] / "charts" / "gitops" / "argocd"
KIND: Final = Path(keys.GROUP) / keys.KIND
BUILT_IN: Final = ROOT / KIND
APPROVING: Final = ROOT / "approve" / KIND
_HEADER: Final = """\
# Generated from charts/gitops/argocd: change the Lua there, then run `just generate`.
#
# Add it to the ConfigMap that ArgoCD has:
#   kubectl patch configmap argocd-cm -n argocd --patch-file {name}
"""
_APPROVE: Final = """\
#
# With the action `approve`, which the other file does not have. It does something once all of this is true:
# - ArgoCD's server may: it has the RBAC verb `approve` (crds/examples/rbac.yaml), and the ConfigMap
#   tradai-system/tradai-approvers lists it under serviceAccounts: system:serviceaccount:argocd:argocd-server.
#   Where ArgoCD acts on another cluster, it is the account there; the Lua of `approve` names it in its second line.
# - The person may: ArgoCD's RBAC permits them `action/tradai.io/TradaiEnvironment/approve`. From then on ArgoCD decides
#   who approves, and the resource names ArgoCD as the author; its event about the Application names the person.
"""


def config_map(*folders: Path) -> dict[str, Any]:
    """The entries of these folders; the health of the first."""
    actions = {"discovery.lua": _discovery(folders), "definitions": _definitions(folders)}
    prefix, kind = "resource.customizations", f"{keys.GROUP}_{keys.KIND}"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "argocd-cm",
            "namespace": "argocd",
            "labels": {"app.kubernetes.io/name": "argocd-cm", "app.kubernetes.io/part-of": "argocd"},
        },
        "data": {
            f"{prefix}.health.{kind}": (folders[0] / "health.lua").read_text(),
            f"{prefix}.actions.{kind}": dump([actions]),
        },
    }


def files() -> dict[str, str]:
    """Name → text of both files."""
    plain, approving = "argocd-cm.yaml", "argocd-cm-with-approve.yaml"
    return {
        plain: _HEADER.format(name=plain) + dump([config_map(BUILT_IN)]),
        approving: _HEADER.format(name=approving) + _APPROVE + dump([config_map(BUILT_IN, APPROVING)]),
    }


def _definitions(folders: Sequence[Path]) -> list[dict[str, str]]:
    scripts = [path for folder in folders for path in sorted((folder / "actions").glob("*/action.lua"))]
    return [{"name": path.parent.name, "action.lua": path.read_text()} for path in scripts]


def _discovery(folders: Sequence[Path]) -> str:
    """One script; where there are several, each keeps its own local names."""
    scripts = [(folder / "actions" / "discovery.lua").read_text() for folder in folders]
    if len(scripts) == 1:
        return scripts[0]
    bodies = ["(function()\n" + script + "end)()" for script in scripts]
    parts = ",\n".join(bodies)
    return (
        f"local all = {{}}\nfor _, actions in ipairs({{\n{parts}\n}}) do\n"
        "  for name, action in pairs(actions) do\n    all[name] = action\n  end\nend\nreturn all\n"
    )
