"""The application behind the evaluator of policies, which can be put there and taken away while it runs.

Must never ask moto whether a call is allowed: it asks for every action on `*`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from tradai_iac.iam.calls import Request, rights_of
from tradai_iac.iam.evaluate import Call, Decision, decide, trusts
from tradai_iac.iam.policies import Statement
from tradai_sandbox.aws.enforced.asked import SCOPE, asked
from tradai_sandbox.aws.enforced.callers import Caller, Callers
from tradai_sandbox.aws.enforced.refusal import because, refusal
from tradai_sandbox.aws.enforced.resources import Resources
from tradai_sandbox.aws.enforced.words import CONTROL_PATH, WORDS, word
from tradai_sandbox.aws.latency import WsgiApp

_OWN: Final = ("/_sandbox/", "/moto-api/")
_ASSUME: Final = "AssumeRole"


class Enforced:
    """An application that answers an assumed role what its policies allow."""

    def __init__(self, app: WsgiApp, callers: Callers, resources: Resources, *, on: bool = False) -> None:
        self._app = app
        self._callers = callers
        self._resources = resources
        self._on = on

    def __call__(self, environ: dict[str, Any], start_response: Any, /) -> Iterable[bytes]:
        """Answer as the application does, or refuse."""
        if environ["PATH_INFO"] == CONTROL_PATH:
            return self._control(environ, start_response)
        message = self._against(environ) if self._judges(environ) else None
        if message is None:
            return self._app(environ, start_response)
        service = SCOPE.search(environ["HTTP_AUTHORIZATION"])
        status, headers, body = refusal(environ, service[3] if service else "", message)
        start_response(status, headers)
        return [body]

    def _judges(self, environ: Mapping[str, Any]) -> bool:
        """Everybody where policies count, workloads always; what is no call of AWS is nobody's right."""
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        return (self._on or bool(scope and self._callers.bound(scope[1]))) and not environ["PATH_INFO"].startswith(_OWN)

    def _against(self, environ: dict[str, Any]) -> str | None:
        """Why the call is refused, None where it is not."""
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        caller = self._callers.caller(scope[1]) if scope else None
        if scope and caller is None and self._callers.bound(scope[1]):
            return "The security token included in the request is expired"
        request = asked(environ, self._callers.account) if caller or _assumes(environ) else None
        if request is None:
            return None
        if caller and (refused := self._judged(caller, request)):
            return refused
        return self._trusted(caller, request) if request.operation == _ASSUME else None

    def _judged(self, caller: Caller, request: Request) -> str | None:
        try:
            rights = rights_of(self._resources.completed(request))
        except LookupError as error:
            return f"User: {caller.arn} is not authorized to perform: {request.operation}: {error}"
        decisions = (decide(caller.policies, self._told(call, caller)) for call in rights)
        return next((because(caller.arn, decision) for decision in decisions if not decision.allowed), None)

    def _told(self, call: Call, caller: Caller) -> Call:
        """The call with what its caller's calls come with and the tags of its resource among its keys."""
        tags = self._resources.tags(call.resource) if call.resource.startswith("arn:") else {}
        prefix = call.action.partition(":")[0]
        keys = {f"{whose}:ResourceTag/{key}": [value] for key, value in tags.items() for whose in ("aws", prefix)}
        return replace(call, context={**call.context, **caller.context, **keys})

    def _trusted(self, caller: Caller | None, request: Request) -> str | None:
        """The sandbox's own credentials are whoever a role trusts, but they too bring the word that it wants."""
        role = next(request.named("RoleArn"), "")
        trust = self._callers.trust(role)
        if trust is None:
            return None
        who = caller.arn if caller else f"arn:aws:iam::{self._callers.account}:root"
        decision = _let_in(trust, caller, request, role)
        return None if decision.allowed else because(who, decision)

    def _control(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        status = "200 OK"
        if environ["REQUEST_METHOD"] == "PUT":
            said = environ["wsgi.input"].read().decode()
            self._on = WORDS.get(said, self._on)
            status = status if said in WORDS else "400 Bad Request"
        start_response(status, [("Content-Type", "text/plain")])
        return [word(self._on).encode()]


def _assumes(environ: Mapping[str, Any]) -> bool:
    return "/sts/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")


def _let_in(trust: tuple[Statement, ...], caller: Caller | None, request: Request, role: str) -> Decision:
    said = next(request.named("ExternalId"), None)
    call = Call("sts:AssumeRole", role, {"sts:ExternalId": [said]} if said else {})
    return trusts(trust, "AWS", _role_of(caller.arn), call) if caller else decide(trust, call)


def _role_of(session: str) -> str:
    """`arn:aws:sts::1:assumed-role/r/s` → `arn:aws:iam::1:role/r`."""
    account, role = session.split(":")[4], session.split("/")[1]
    return f"arn:aws:iam::{account}:role/{role}"
