"""How AWS says that a call is not allowed, in the form that the call's protocol has.

Must never say more than AWS does: who, which action, on which resource, and why.
"""

import json
from collections.abc import Mapping
from typing import Any, Final
from xml.sax.saxutils import escape

from tradai_iac.iam.evaluate import Decision, Verdict

Answer = tuple[str, list[tuple[str, str]], bytes]

_BECAUSE: Final = {
    Verdict.DENIED: "with an explicit deny in an identity-based policy",
    Verdict.NOT_ALLOWED: "because no identity-based policy allows the {action} action",
    Verdict.OUT_OF_BOUNDS: "because no permissions boundary allows the {action} action",
}
_FORBIDDEN: Final = "403 Forbidden"
_XML: Final = "text/xml"
_REST_JSON: Final = frozenset({"apigateway", "codeartifact", "lambda"})


def because(who: str, decision: Decision) -> str:
    """The sentence of AWS's own errors."""
    action = decision.call.action
    why = _BECAUSE[decision.verdict].format(action=action)
    return f"User: {who} is not authorized to perform: {action} on resource: {decision.call.resource} {why}"


def refusal(environ: Mapping[str, Any], service: str, message: str) -> Answer:
    """Status, headers and body of the answer."""
    if environ.get("HTTP_X_AMZ_TARGET"):
        body = {"__type": "AccessDeniedException", "Message": message, "message": message}
        return "400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")], json.dumps(body).encode()
    if service in _REST_JSON:
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", "AccessDeniedException")]
        return _FORBIDDEN, headers, json.dumps({"Message": message, "message": message}).encode()
    return _FORBIDDEN, [("Content-Type", _XML)], _in_xml(service, escape(message)).encode()


def _in_xml(service: str, message: str) -> str:
    code = "UnauthorizedOperation" if service == "ec2" else "AccessDenied"
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "s3":
        return f"<Error>{error}</Error>"
    if service == "ec2":
        return f"<Response><Errors><Error>{error}</Error></Errors><RequestID>sandbox</RequestID></Response>"
    return f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error><RequestId>sandbox</RequestId></ErrorResponse>"
