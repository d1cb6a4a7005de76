"""The fixtures of ArgoCD's own tests of resource customizations: resources, and what the Lua has to say of them.

Must never ask the Lua: what is expected is said by `verdicts` and here.
"""

import copy
from collections.abc import Callable
from typing import Any, Final

from tools.gitops.resources import DIGEST, Resource, declared, reported
from tools.gitops.verdicts import VERDICTS, Health
from tradai_operator.model import keys
from tradai_operator.status.phases import Checked, Phase

#: What ArgoCD's tests put in the place of a moment, in what an action gives and in what is expected.
MOMENT: Final = "0001-01-01T00:00:00Z"
ACCOUNT: Final = "system:serviceaccount:argocd:argocd-server"
Documents = dict[str, Any]


def file_of(phase: Phase) -> str:
    """Where the fixture of a phase lies."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in phase.value)
    return f"testdata/{words[1:]}.yaml"


def health() -> Documents:
    """Path → document, below the folder of the kind."""
    files: Documents = {}
    tests = []

    def case(path: str, resource: Resource, status: Health, message: str) -> None:
        files[path] = resource
        tests.append({"healthStatus": {"status": status, "message": message}, "inputPath": path})

    for phase, verdict in VERDICTS.items():
        resource = reported(phase)
        case(file_of(phase), resource, verdict, resource["status"]["message"])
    waits = "waits for the operator of TradAI environments to take it up"
    case("testdata/not_seen.yaml", declared(), "Progressing", waits)
    older = "the operator has not taken up this change yet"
    case("testdata/ready_for_an_older_spec.yaml", reported(Phase.READY, observed=1), "Progressing", older)
    case("testdata/failed_for_an_older_spec.yaml", reported(Phase.FAILED, observed=1), "Progressing", older)
    newer = Checked("True", "NewerProgram", "a newer program waits")
    ready = reported(Phase.READY, update=newer)
    told = f"{ready['status']['message']}; UpdateAvailable: a newer program waits"
    case("testdata/ready_with_an_update.yaml", ready, "Healthy", told)
    lowered = Checked("False", "Kept", "approval stays OnDestructive")
    ready = reported(Phase.READY, kept=lowered)
    told = f"{ready['status']['message']}; GuardsKept: approval stays OnDestructive"
    case("testdata/ready_under_former_guards.yaml", ready, "Healthy", told)
    return files | {"health_test.yaml": {"tests": tests}}


#: Input → the words that are disabled for it.
_DISABLED: Final = {
    "ready": {"retry", "resume"},
    "suspended": {"reconcile", "retry", "suspend"},
    "failed": {"resume"},
    "deleting": {"reconcile", "retry", "suspend", "resume"},
}
_ICONS: Final = {"reconcile": "sync", "retry": "redo", "suspend": "pause", "resume": "play"}
_PHASES: Final = {
    "ready": Phase.READY,
    "suspended": Phase.SUSPENDED,
    "failed": Phase.FAILED,
    "deleting": Phase.DELETING,
}


def _annotated(**annotations: str) -> Callable[[Resource], None]:
    return lambda resource: resource["metadata"].setdefault("annotations", {}).update(annotations)


def _suspended(value: bool) -> Callable[[Resource], None]:
    return lambda resource: resource["spec"].update(suspend=value)


#: Action → its input, its output, what it changes.
_CHANGES: Final = {
    "reconcile": ("ready", "reconciled", _annotated(**{keys.RECONCILE: MOMENT})),
    "retry": ("failed", "retried", _annotated(**{keys.RETRY: MOMENT})),
    "suspend": ("ready", "ready_and_suspended", _suspended(value=True)),
    "resume": ("suspended", "resumed", _suspended(value=False)),
}


def actions() -> Documents:
    """The same of the actions that are on by default."""
    files = {_path(name): reported(phase) for name, phase in _PHASES.items()}
    discovery = [
        {"inputPath": _path(name), "result": [_offered(action, action in disabled) for action in _ICONS]}
        for name, disabled in _DISABLED.items()
    ]
    tests = []
    for action, (given, made, change) in _CHANGES.items():
        files[_path(made)] = changed = copy.deepcopy(files[_path(given)])
        change(changed)
        tests.append({"action": action, "inputPath": _path(given), "expectedOutputPath": _path(made)})
    return files | {"action_test.yaml": {"discoveryTests": discovery, "actionTests": tests}}


def approving() -> Documents:
    """The same of the one that has to be turned on."""
    waits, ready = reported(Phase.APPROVAL), reported(Phase.READY)
    approved = copy.deepcopy(waits)
    _annotated(**{keys.APPROVE: DIGEST, keys.APPROVED_BY: ACCOUNT})(approved)
    offered = {
        "name": "approve",
        "disabled": False,
        "iconClass": "fa fa-fw fa-check",
        "displayName": f"Approve {DIGEST}",
    }
    refused = offered | {"disabled": True, "displayName": "Approve"}
    tests = {
        "discoveryTests": [
            {"inputPath": _path("waiting"), "result": [offered]},
            {"inputPath": _path("ready"), "result": [refused]},
        ],
        "actionTests": [{"action": "approve", "inputPath": _path("waiting"), "expectedOutputPath": _path("approved")}],
    }
    files = {_path("waiting"): waits, _path("ready"): ready, _path("approved"): approved}
    return files | {"action_test.yaml": tests}


def _path(name: str) -> str:
    return f"testdata/{name}.yaml"


def _offered(action: str, disabled: bool) -> dict[str, Any]:
    return {"name": action, "disabled": disabled, "iconClass": f"fa fa-fw fa-{_ICONS[action]}"}
