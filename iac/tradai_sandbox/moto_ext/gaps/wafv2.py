"""WAF v2: what may be associated and logged where, updates that replace, capacities, and rules that AWS refuses.

Must never let a web ACL go that still protects something, or protect a resource twice.
"""

from typing import Any, Final

from moto.elbv2.models import elbv2_backends
from moto.wafv2 import models
from moto.wafv2.exceptions import WAFNonexistentItemException, WAFv2ClientError

from tradai_sandbox.moto_ext.gaps import waf_rules
from tradai_sandbox.moto_ext.gaps.patching import add_property, wrap

#: What the names of log destinations begin with, after the last colon of their ARN (or the slash, for streams).
_LOG_PREFIX: Final = "aws-waf-logs-"
#: The settings of a web ACL, in the order of its update, that an update without them takes away.
_OPTIONAL: Final = (
    "custom_response_bodies",
    "captcha_config",
    "challenge_config",
    "token_domains",
    "association_config",
)


class InvalidParameterError(WAFv2ClientError):
    """WAF cannot take a value."""

    def __init__(self, reason: str) -> None:
        super().__init__("WAFInvalidParameterException", f"Error reason: {reason}")


class AssociatedItemError(WAFv2ClientError):
    """A web ACL is still in use."""

    def __init__(self) -> None:
        super().__init__(
            "WAFAssociatedItemException",
            "AWS WAF couldn't perform the operation because your resource is being used by another resource.",
        )


def repair() -> None:
    """Check what moto takes unseen."""
    wrap(
        models.WAFV2Backend,
        create_web_acl=_checked_at_create,
        update_web_acl=_checked_at_update,
        delete_web_acl=_unused,
        associate_web_acl=_one_of_each,
        put_logging_configuration=_logged,
    )
    wrap(models.FakeWebACL, update=_replacing)
    add_property(models.FakeWebACL, capacity=property(_capacity, lambda *_: None))


def _capacity(acl: Any) -> int:
    return waf_rules.capacity(rule.to_dict() for rule in acl.rules)


def _check(rules: list[dict[str, Any]] | None) -> None:
    if reason := waf_rules.complaint(rules or []):
        raise InvalidParameterError(reason)
    if waf_rules.unknown_groups(rules or []):
        raise WAFNonexistentItemException


def _checked_at_create(original: Any) -> Any:
    def create_web_acl(self: Any, *args: Any) -> Any:
        _check(args[6])
        return original(self, *args)

    return create_web_acl


def _checked_at_update(original: Any) -> Any:
    def update_web_acl(self: Any, *args: Any) -> Any:
        _check(args[3])
        return original(self, *args)

    return update_web_acl


def _replacing(original: Any) -> Any:
    """UpdateWebACL replaces everything; moto keeps what is not given."""

    def update(self: Any, action: Any, rules: Any, description: Any, visibility: Any, *rest: Any) -> None:
        original(self, action, rules or [], description or "", visibility, *rest)
        vars(self).update(zip(_OPTIONAL, rest, strict=True))

    return update


def _unused(original: Any) -> Any:
    """DeleteWebACL: refused while in use; where it logged goes with it."""

    def delete_web_acl(self: Any, name: str, scope: str, _id: str, lock_token: str) -> None:
        acl = self.get_web_acl(None, name, _id)
        if any(_exists(self, resource) for resource in acl.associated_resources):
            raise AssociatedItemError
        original(self, name, scope, _id, lock_token)
        self.logging_configurations.pop(acl.arn, None)

    return delete_web_acl


def _one_of_each(original: Any) -> Any:
    """AssociateWebACL: the resource exists, is of a kind that WAF protects, and has one web ACL at a time."""

    def associate_web_acl(self: Any, web_acl_arn: str, resource_arn: str) -> None:
        if ":apigateway:" in resource_arn and "/restapis/" not in resource_arn:
            raise InvalidParameterError(f"the ARN {resource_arn} is of no resource that a web ACL can protect")
        if web_acl_arn not in self.wacls or not _exists(self, resource_arn):
            raise WAFNonexistentItemException
        self.disassociate_web_acl(resource_arn)
        original(self, web_acl_arn, resource_arn)

    return associate_web_acl


def _exists(backend: Any, resource: str) -> bool:
    """Whether a resource is there, as far as the endpoint can know: load balancers."""
    if ":elasticloadbalancing:" not in resource:
        return True
    return resource in elbv2_backends[backend.account_id][backend.region_name].load_balancers


def _logged(original: Any) -> Any:
    """PutLoggingConfiguration: the web ACL exists, and destinations are named as WAF wants them."""

    def put_logging_configuration(self: Any, arn: str, destinations: list[str], *more: Any) -> Any:
        if arn not in self.wacls:
            raise WAFNonexistentItemException
        for destination in destinations:
            if not destination.removesuffix(":*").rpartition(":")[2].rpartition("/")[2].startswith(_LOG_PREFIX):
                raise InvalidParameterError(f"the log destination {destination} is not named {_LOG_PREFIX}*")
        return original(self, arn, destinations, *more)

    return put_logging_configuration
