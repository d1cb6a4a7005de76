"""The shell script that prepares an account for an environment (001 §9 prerequisites), for people to read and run.

Must never run a command itself, nor decide what anybody may do: `accounts` and `own_rights` say that.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

import jinja2

from tradai_iac.accounts import Account, document, key_policy, managed_policies, own_policy, trust_policy
from tradai_iac.own_rights import SID, bucket_statements, foreigners, holders
from tradai_iac.state_bucket import OLD_STATES

_TEMPLATE: Final = "bootstrap_account.sh.j2"


def bootstrap_text(account: Account, external_id: str, operator_arns: Sequence[str] = ()) -> str:
    """The script, which people run with their own rights.

    `operator_arns` are the identities that operator and runners have; without any the account's own administrators
    decide who may assume the role, and open the states. Raises ValueError for an ARN or an external id that AWS would
    not take.
    """
    trust = trust_policy(operator_arns or [f"arn:aws:iam::{account.account_id}:root"], external_id)
    return (
        _templates()
        .get_template(_TEMPLATE)
        .render(
            account=account,
            external_id=external_id,
            old=OLD_STATES,
            lifecycle=_beside_others(account),
            no_lifecycle=_compact({"Bucket": account.state_bucket, "LifecycleConfiguration": OLD_STATES.in_s3}),
            tags=account.settings.tags.required(account.environment),
            policies={name: _compact(policy) for name, policy in managed_policies(account).items()},
            trust=json.dumps(trust, indent=2),
            **_own(account, operator_arns),
        )
    )


def _own(account: Account, operator_arns: Sequence[str]) -> dict[str, Any]:
    """What the script says of the operator's own identity; the key is only known where it runs."""
    foreign = foreigners(operator_arns, account.account_id)
    return {
        "holders": holders(operator_arns, account.account_id),
        "foreign": foreign,
        "own": _compact(own_policy(account)),
        "own_key": _compact(key_policy("$key_arn")).replace('"', '\\"'),
        "sid": SID,
        "bucket_policy": _compact(document(bucket_statements(account.state_bucket, foreign))),
    }


def _beside_others(account: Account) -> str:
    """What makes of a bucket's lifecycle the one that is put: every rule but an older one of ours, then ours.

    For the AWS command's `--query`; a put without the minimal size would set that to S3's default.
    """
    rules = f"[Rules[?ID != `{json.dumps(OLD_STATES.rule)}`], `{_compact(OLD_STATES.in_s3['Rules'])}`][]"
    size = "TransitionDefaultMinimumObjectSize"
    return (
        f'merge({{Bucket: `"{account.state_bucket}"`, LifecycleConfiguration: {{Rules: {rules}}}}}, '
        f"{size} && {{{size}: {size}}} || `{{}}`)"
    )


def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("tradai_iac", "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - a shell script, not a page
        keep_trailing_newline=True,
        trim_blocks=True,
    )


def _compact(said: Any) -> str:
    return json.dumps(said, separators=(",", ":"))
