"""For each foundation kind: make it by hand as the documents have it, then spoil one value."""

from __future__ import annotations

import json

from tests.unit.documents.handmade import (
    ENV,
    PAIRS,
    TAGS,
    client,
    function,
    group,
    nat,
    network,
    role,
    rule,
    tagged,
    tcp,
)

QUEUE = f"tradai-backtest-queue-{ENV}.fifo"
ROUTER = f"tradai-update-nat-routes-{ENV}"
ROUTER_ACTIONS = ["ec2:CreateRoute", "ec2:ReplaceRoute", "autoscaling:CompleteLifecycleAction"]
INTERFACES = ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "sqs", "ssm", "sts")


def places() -> None:
    network()


def no_hostnames() -> None:
    vpc = _vpc()
    client("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})


def _vpc() -> str:
    filters = [{"Name": "tag:Name", "Values": [f"tradai-vpc-{ENV}"]}]
    return str(client("ec2").describe_vpcs(Filters=filters)["Vpcs"][0]["VpcId"])


def route_from_the_database() -> None:
    ec2 = client("ec2")
    filters = [{"Name": "tag:Name", "Values": ["database"]}]
    table = ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["RouteTableId"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


def default_acl() -> None:
    ec2 = client("ec2")
    acls = ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [_vpc()]}])["NetworkAcls"]
    default = next(acl["NetworkAclId"] for acl in acls if acl["IsDefault"])
    subnets = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["10.0.21.0/24"]}])["Subnets"]
    mine = next(s["SubnetId"] for s in subnets if s["VpcId"] == _vpc())
    held = [item for acl in acls for item in acl["Associations"] if item["SubnetId"] == mine]
    ec2.replace_network_acl_association(AssociationId=held[0]["NetworkAclAssociationId"], NetworkAclId=default)


def endpoints() -> None:
    ids, ec2 = network(), client("ec2")
    own = group(ids["vpc"], f"tradai-endpoints-sg-{ENV}")
    tags = tagged("vpc-endpoint")
    for service in ("s3", "dynamodb"):
        ec2.create_vpc_endpoint(
            VpcId=ids["vpc"], ServiceName=f"com.amazonaws.eu-central-1.{service}", TagSpecifications=tags
        )
    for service in INTERFACES:
        ec2.create_vpc_endpoint(
            VpcId=ids["vpc"],
            ServiceName=f"com.amazonaws.eu-central-1.{service}",
            VpcEndpointType="Interface",
            TagSpecifications=tags,
            SubnetIds=[ids["10.0.11.0/24"]],
            SecurityGroupIds=[own],
        )


def one_endpoint_less() -> None:
    ec2 = client("ec2")
    found = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    gone = next(item["VpcEndpointId"] for item in found if item["ServiceName"].endswith(".sqs"))
    ec2.delete_vpc_endpoints(VpcEndpointIds=[gone])


def database_group() -> None:
    vpc, ec2 = network()["vpc"], client("ec2")
    made = {use: group(vpc, f"tradai-{use}-sg-{ENV}") for use in ("rds", "ecs", "lambda")}
    for use in ("ecs", "lambda"):
        ec2.authorize_security_group_ingress(GroupId=made["rds"], IpPermissions=tcp(5432, 5432, peer=made[use]))


def world_may_ask_the_database() -> None:
    ec2 = client("ec2")
    filters = [{"Name": "group-name", "Values": [f"tradai-rds-sg-{ENV}"]}]
    found = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=found, IpPermissions=tcp(5432, 5432, cidr="0.0.0.0/0"))


def nat_instance() -> None:
    nat(network()["10.0.1.0/24"])


def two_nat_instances() -> None:
    client("autoscaling").update_auto_scaling_group(AutoScalingGroupName="nat", MaxSize=2)


def router() -> None:
    rule("launching", "aws.autoscaling", function(ROUTER, ROUTER_ACTIONS))


def hasty_router() -> None:
    client("lambda").update_function_configuration(FunctionName=ROUTER, Timeout=30)


def flow_logs() -> None:
    vpc = network()["vpc"]
    client("logs").create_log_group(logGroupName=f"/aws/vpc/tradai-flow-logs-{ENV}")
    client("logs").put_retention_policy(logGroupName=f"/aws/vpc/tradai-flow-logs-{ENV}", retentionInDays=30)
    client("ec2").create_flow_logs(
        ResourceIds=[vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="cloud-watch-logs",
        LogGroupName=f"/aws/vpc/tradai-flow-logs-{ENV}",
        DeliverLogsPermissionArn=role("flow", "vpc-flow-logs.amazonaws.com", ["logs:PutLogEvents"]),
        TagSpecifications=tagged("vpc-flow-log"),
    )


def no_flow_logs() -> None:
    ec2 = client("ec2")
    ec2.delete_flow_logs(FlowLogIds=[ec2.describe_flow_logs()["FlowLogs"][0]["FlowLogId"]])


def logs_for_ever() -> None:
    client("logs").delete_retention_policy(logGroupName=f"/aws/vpc/tradai-flow-logs-{ENV}")


def database() -> None:
    ids, rds = network(), client("rds")
    members = [ids["10.0.21.0/24"], ids["10.0.22.0/24"]]
    rds.create_db_subnet_group(DBSubnetGroupName="db", DBSubnetGroupDescription="db", SubnetIds=members)
    rds.create_db_parameter_group(DBParameterGroupName="db", DBParameterGroupFamily="postgres15", Description="db")
    forced = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="db", Parameters=[forced])
    rds.create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        EngineVersion="15.13",
        AllocatedStorage=20,
        StorageType="gp3",
        BackupRetentionPeriod=7,
        MultiAZ=False,
        PubliclyAccessible=False,
        StorageEncrypted=True,
        MasterUsername="mlflow",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="db",
        DBParameterGroupName="db",
        VpcSecurityGroupIds=[group(ids["vpc"], f"tradai-rds-sg-{ENV}")],
        Tags=PAIRS,
    )


def public_database() -> None:
    client("rds").modify_db_instance(DBInstanceIdentifier="db", PubliclyAccessible=True)


def queues() -> None:
    dead = _queue(f"tradai-backtest-dlq-{ENV}.fifo", {"MessageRetentionPeriod": "1209600"})
    redrive = {"deadLetterTargetArn": dead, "maxReceiveCount": 3}
    _queue(
        QUEUE,
        {
            "ContentBasedDeduplication": "true",
            "VisibilityTimeout": "900",
            "MessageRetentionPeriod": "345600",
            "ReceiveMessageWaitTimeSeconds": "20",
            "RedrivePolicy": json.dumps(redrive),
        },
    )


def _queue(name: str, attributes: dict[str, str]) -> str:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true", **attributes}, tags=TAGS)["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def forgetful_queue() -> None:
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "86400"})


def topics() -> None:
    sns = client("sns")
    arns = [sns.create_topic(Name=f"tradai-{use}-{ENV}", Tags=PAIRS)["TopicArn"] for use in ("alerts", "registration")]
    rule("rotated", "aws.secretsmanager", arns[0])


def deaf_topic() -> None:
    client("events").remove_targets(Rule="rotated", Ids=["one"])
