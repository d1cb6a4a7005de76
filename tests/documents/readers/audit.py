"""Trail, flow logs and how long logs are kept (002 §10; 000 cloudtrail.py, vpc_flow_logs.py); reads only."""

from __future__ import annotations

from tests.documents.live import Facts, Live, of_environment, one, tags_of
from tests.documents.readers.network import vpc_id


def trail(live: Live, name: str) -> Facts:
    """Bucket, log group, management events and state of the environment's one trail."""
    cloudtrail = live.clients("cloudtrail")
    trails = cloudtrail.describe_trails()["trailList"]
    found = one([item for item in trails if of_environment(item["Name"], live.env)], f"trails of {live.env}")
    arn = found["TrailARN"]
    selectors = cloudtrail.get_event_selectors(TrailName=arn).get("EventSelectors", [])
    tags = cloudtrail.list_tags(ResourceIdList=[arn])["ResourceTagList"][0]["TagsList"]
    return {
        "bucket": found["S3BucketName"],
        "logs to CloudWatch": bool(found.get("CloudWatchLogsLogGroupArn")),
        "management events": not selectors or any(item.get("IncludeManagementEvents") for item in selectors),
        "logging": cloudtrail.get_trail_status(Name=arn)["IsLogging"],
        "tags": tags_of(tags),
    }


def flow_logs(live: Live, name: str) -> Facts:
    """Where the traffic of the VPC called `name` is logged to, and which traffic."""
    arguments = {"Filters": [{"Name": "resource-id", "Values": [vpc_id(live, name)]}]}
    found = one(live.pages("ec2", "describe_flow_logs", "FlowLogs", **arguments), f"flow logs of {name}")
    return {
        "destination": found.get("LogDestinationType"),
        "traffic": found.get("TrafficType"),
        "has a log group": bool(found.get("LogGroupName") or found.get("LogDestination")),
        "tags": tags_of(found.get("Tags", [])),
    }


def log_groups(live: Live, name: str) -> Facts:
    """The days that the environment's log groups keep, each number once; 0 is for ever."""
    groups = live.pages("logs", "describe_log_groups", "logGroups")
    ours = [group for group in groups if _belongs(group["logGroupName"], live.env)]
    return {"retention days": sorted({group.get("retentionInDays", 0) for group in ours}), "count": len(ours)}


def _belongs(name: str, env: str) -> bool:
    return any(of_environment(part, env) for part in name.split("/")) or f"/tradai/{env}/" in f"{name}/"
