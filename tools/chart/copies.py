"""What the chart has of the operator's own files: the definition, the admission policy, and who may do what.

The definition is kept when the chart goes; nothing else is changed. Must never say anything of its own.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tools.chart.place import CHART, ROOT
from tradai_operator.model.admission import FILE as ADMISSION
from tradai_operator.model.crd import FILE as DEFINITION
from tradai_operator.model.generated import dump

_HEADER: Final = "# Generated: a copy of {}. Change what that is made from, then run `just generate`.\n"
_RIGHTS: Final = (
    *sorted((ROOT / "operator" / "tradai_operator").glob("rbac*.yaml")),
    ROOT / "crds" / "examples" / "rbac.yaml",
)
_ROLES: Final = frozenset({"ClusterRole", "Role"})
#: With the definition all environments would go; neither Helm nor ArgoCD may take it. Nor may ArgoCD apply it: the
#: operator brings it, and a commit that is reverted would put an older one in its place.
KEPT: Final = {
    "helm.sh/resource-policy": "keep",
    "argocd.argoproj.io/hook": "Skip",
    "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
}


def definition() -> str:
    """For the folder `crds`, from which Helm installs what is not there and never changes what is."""
    (document,) = _documents(DEFINITION)
    metadata = document["metadata"]
    kept = {**metadata, "annotations": {**metadata["annotations"], **KEPT}}
    return _HEADER.format(f"crds/{DEFINITION.name}, kept on uninstall") + dump([{**document, "metadata": kept}])


def admission() -> str:
    """Policy and binding; the parameter's content is the release's own."""
    wanted = [document for document in _documents(ADMISSION) if document["kind"] != "ConfigMap"]
    return _HEADER.format(f"crds/{ADMISSION.name}") + dump(wanted)


def rules() -> str:
    """The rules of every role by `<kind>/<name>`; templates make roles of them."""
    found = {
        f"{document['kind']}/{document['metadata']['name']}": document["rules"]
        for path in _RIGHTS
        for document in _documents(path)
        if document["kind"] in _ROLES
    }
    sources = "operator/tradai_operator/rbac*.yaml and of the roles in crds/examples/rbac.yaml"
    return _HEADER.format(sources) + dump([found])


#: File → what it holds.
COPIES: Final[dict[Path, Callable[[], str]]] = {
    CHART / "crds" / DEFINITION.name: definition,
    CHART / "files" / "admission.yaml": admission,
    CHART / "files" / "rules.yaml": rules,
}


def _documents(path: Path) -> Iterator[dict[str, Any]]:
    return (document for document in yaml.safe_load_all(path.read_text()) if document)
