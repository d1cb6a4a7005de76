"""The ValidatingAdmissionPolicy, generated from `guards`: `python -m tradai_operator.model.admission [--check]`.

Must never match a subresource (through /status the API server changes nothing but the status), nor hold a rule that
is not a row of `guards`.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tradai_operator.model import keys
from tradai_operator.model.generated import dump, write_or_check
from tradai_operator.model.guard_rows import Fact, Guard
from tradai_operator.model.guards import FACTS, GUARDS, LADDERS, PROTECTED

FILE: Final = Path(__file__).parents[3] / "crds" / f"{keys.GROUP}_admission.yaml"
NAME: Final = f"guards.{keys.GROUP}"
#: Where the parameter lies: the operator's namespace, where users of environments may write nothing.
PARAMETER_NAMESPACE: Final = "tradai-system"
PARAMETER: Final = "tradai-approvers"
#: The operator's user name where the parameter names none.
OPERATOR: Final = f"system:serviceaccount:{PARAMETER_NAMESPACE}:tradai-operator"

_HEADER: Final = f"""\
# Generated from operator/tradai_operator/model/guards.py: change the rows there, then run `just generate`.
#
# Who has the RBAC verb `approve` on {keys.PLURAL} approves plans and lowers guards; nobody else does
# (examples/rbac.yaml). A service account with the verb counts only if the ConfigMap {PARAMETER} lists it, so that
# `verbs: ["*"]` makes none an approver. Under `data` the ConfigMap has user names, one a line:
#   serviceAccounts: service accounts that may approve, like system:serviceaccount:argocd:promoter
#   operators: the operator's own, which may take its finalizer off and never approves;
#     when absent: {OPERATOR}
# Without the ConfigMap every change of an environment is refused: a deleted parameter must not open anything.
# Whoever may write that ConfigMap, this policy or its binding, or may impersonate an approver, can approve: grant those
# with the same care.
"""


def documents() -> list[dict[str, Any]]:
    """The parameter (its content is the cluster's own), the policy and its binding, in the order of applying."""
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": PARAMETER, "namespace": PARAMETER_NAMESPACE},
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": NAME},
            "spec": _policy(),
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": NAME},
            "spec": _binding(),
        },
    ]


def _policy() -> dict[str, Any]:
    matched = {
        "apiGroups": [keys.GROUP],
        "apiVersions": ["*"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [keys.PLURAL],
    }
    return {
        "failurePolicy": "Fail",
        "paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
        "matchConstraints": {"resourceRules": [matched]},
        "variables": [{"name": name, "expression": expression} for name, expression in _variables().items()],
        "validations": [_validation(guard) for guard in GUARDS],
    }


def _binding() -> dict[str, Any]:
    parameter = {"name": PARAMETER, "namespace": PARAMETER_NAMESPACE, "parameterNotFoundAction": "Deny"}
    return {"policyName": NAME, "paramRef": parameter, "validationActions": ["Deny"]}


def _variables() -> dict[str, str]:
    """What the guards' expressions speak of; each is worked out only where one of them needs it."""
    return {
        "user": "request.userInfo.username",
        "serviceAccount": "variables.user.startsWith('system:serviceaccount:')",
        "operator": _listed("operators", OPERATOR),
        "approver": "!variables.operator\n"
        f"&& (!variables.serviceAccount || {_listed('serviceAccounts', '')})\n"
        f"&& authorizer.group('{keys.GROUP}').resource('{keys.PLURAL}').namespace(request.namespace)"
        ".name(object.metadata.name).check('approve').allowed()",
        "ask": f"'; ask someone for whom `kubectl auth can-i approve {keys.PLURAL}/' + object.metadata.name + ' -n ' "
        "+ request.namespace + '` says yes' + (variables.serviceAccount ? '; a service account may only if the "
        f"ConfigMap {PARAMETER_NAMESPACE}/{PARAMETER} lists it' : '')",
        "protected": f"object.spec.?environment.orValue('') in {list(PROTECTED)}",
        "steps": _map((ladder.name, str(list(ladder.steps))) for ladder in LADDERS),
        "now": _map((fact.name, fact.read.format("object")) for fact in FACTS),
        "was": f"oldObject == null ?\n{_map((fact.name, fact.at_creation) for fact in FACTS)} :\n{_before(FACTS)}",
    }


def _before(facts: Iterable[Fact]) -> str:
    return _map((fact.name, fact.read.format("oldObject")) for fact in facts)


def _map(entries: Iterable[tuple[str, str]]) -> str:
    return "{\n" + ",\n".join(f"  '{name}': {expression}" for name, expression in entries) + "\n}"


def _listed(key: str, default: str) -> str:
    """CEL: whether the parameter has the user among the lines of `key`."""
    return f"params.?data.?{key}.orValue('{default}').split('\\n').exists(line, line.trim() == variables.user)"


def _validation(guard: Guard) -> dict[str, str]:
    sentence = guard.sentence.replace("'", "\\'")
    message = {"messageExpression": f"'{sentence}' + {guard.then}"} if guard.then else {"message": guard.sentence}
    return {"expression": f"!({guard.lowers})\n|| {guard.unless}", **message, "reason": "Forbidden"}


def render() -> str:
    """The file's whole text."""
    return _HEADER + dump(documents())


def main(arguments: list[str]) -> int:
    """Writes the file, or with `--check` fails where it is not what the guards say."""
    return write_or_check(FILE, render(), "tradai_operator.model.admission", arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
