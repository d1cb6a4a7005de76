"""What CloudTrail and the load balancers need in the policy of the logs bucket (002 §3.1).

Must never let another account's trail or load balancer write there.
"""

from dataclasses import dataclass

import pulumi

from tradai_blueprints.tradai.config.storage import LogPrefixes
from tradai_iac.core.policy import PolicyBuilder

_TRAIL = "cloudtrail.amazonaws.com"
_LOAD_BALANCERS = "logdelivery.elasticloadbalancing.amazonaws.com"


@dataclass(frozen=True)
class LogDelivery:
    """Who delivers: the trail of that ARN, and every load balancer of the account and region."""

    account_id: str
    region: str
    trail_arn: str
    prefixes: LogPrefixes

    def allow(self, policy: PolicyBuilder, bucket_arn: pulumi.Output[str]) -> None:
        """Add the statements of both writers."""
        self._allow_trail(policy, bucket_arn)
        balancers = f"arn:aws:elasticloadbalancing:{self.region}:{self.account_id}:loadbalancer/*"
        policy.allow(
            ["s3:PutObject"],
            [self._objects(bucket_arn, self.prefixes.alb)],
            principals={"Service": _LOAD_BALANCERS},
            conditions={"ArnLike": {"aws:SourceArn": balancers}},
            sid="AllowLoadBalancerLogs",
        )

    def _allow_trail(self, policy: PolicyBuilder, bucket_arn: pulumi.Output[str]) -> None:
        ours = {"aws:SourceArn": self.trail_arn}
        policy.allow(
            ["s3:GetBucketAcl"],
            [bucket_arn],
            principals={"Service": _TRAIL},
            conditions={"StringEquals": ours},
            sid="AllowTrailAclCheck",
        )
        policy.allow(
            ["s3:PutObject"],
            [self._objects(bucket_arn, self.prefixes.cloudtrail)],
            principals={"Service": _TRAIL},
            conditions={"StringEquals": {**ours, "s3:x-amz-acl": "bucket-owner-full-control"}},
            sid="AllowTrailWrite",
        )

    def _objects(self, bucket_arn: pulumi.Output[str], prefix: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(bucket_arn, f"/{prefix}/AWSLogs/{self.account_id}/*")
