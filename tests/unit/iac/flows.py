"""Every connection that an environment needs, read off its rendered resource graph.

From the addresses in the variables of functions, tasks and the consolidated instance, from target groups, the API's
VPC link, the database's endpoint, placement in the VPC, and the endpoints of AWS's services. Must never look at a
security group's rules or a network ACL's: `reach` does, and a test compares the two.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.unit.iac.instance_script import Script
from tests.unit.iac.pulumi_mocks import ACCOUNT, REGION, Recorded
from tests.unit.iac.whole_graph import Placed
from tradai_iac.arns import arn as spelled

Inputs = Mapping[str, Any]
HTTPS = 443
_ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]+)(?::([0-9]+))?")
_DEFAULT_PORTS = {"http": 80, "https": HTTPS}
#: Addresses that lead to the machine itself, or to what AWS answers on it without a group or an ACL in between.
_ON_THE_MACHINE = ("127.0.0.1", "169.254.169.254")


@dataclass(frozen=True, order=True)
class End:
    """Where traffic starts or ends: ids of its security groups, ids of its subnets; none of either outside the VPC."""

    what: str
    groups: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


INTERNET = End("the internet")


@dataclass(frozen=True, order=True)
class Flow:
    """A TCP connection that must be possible; `via` is the NAT instance where it takes that way."""

    caller: End
    called: End
    port: int
    via: End | None = None

    def __str__(self) -> str:
        return f"{self.caller.what} → {self.called.what} {self.port}"


@dataclass(frozen=True)
class Workload:
    """Something that runs: where, what it was told, and the ports on which it listens."""

    end: End
    text: str
    variables: tuple[Mapping[str, str], ...]
    ports: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Estate:
    """An environment's graph, asked for what runs in it and what that calls."""

    resources: tuple[Placed, ...]

    def of(self, type_: str) -> list[Recorded]:
        """The resources of a type; none is an answer."""
        return [placed.resource for placed in self.resources if placed.resource.type == type_]

    @cached_property
    def functions(self) -> list[Workload]:
        """The Lambda functions, those outside the VPC as well."""
        return [_function(row) for row in self.of("aws:lambda/function:Function")]

    @cached_property
    def definitions(self) -> dict[str, Recorded]:
        """The task definitions, by ARN and by family: services name one, whoever starts a task the other."""
        rows = self.of("aws:ecs/taskDefinition:TaskDefinition")
        return {arn_of(row): row for row in rows} | {row.inputs["family"]: row for row in rows}

    @cached_property
    def services(self) -> dict[str, Workload]:
        """The tasks of each ECS service."""
        return {
            row.name: _tasks(self.definitions[row.inputs["taskDefinition"]], row.inputs["networkConfiguration"])
            for row in self.of("aws:ecs/service:Service")
        }

    @cached_property
    def started(self) -> dict[str, list[Workload]]:
        """The tasks that functions, services, instances and workflows start, by who starts them."""
        found: dict[str, list[Workload]] = {}
        for starter, task in [*self._started_by_workloads(), *self._started_by_workflows()]:
            found.setdefault(starter, []).append(task)
        return found

    def _started_by_workloads(self) -> Iterator[tuple[str, Workload]]:
        """What the variables say: which definition, and where its tasks go."""
        for workload in [*self.functions, *self.services.values(), *self.instances]:
            for told in workload.variables:
                if "ECS_TASK_DEFINITION" in told:
                    family = told["ECS_TASK_DEFINITION"].rsplit("/", 1)[-1]
                    network = {"securityGroups": told["ECS_SECURITY_GROUPS"], "subnets": told["ECS_SUBNETS"]}
                    ids = {key: listed.split(",") for key, listed in network.items()}
                    yield workload.end.what, _tasks(self.definitions[family], ids)

    def _started_by_workflows(self) -> Iterator[tuple[str, Workload]]:
        """A request may name its definition, so the container whose variables are set tells which it is."""
        for machine in self.of("aws:sfn/stateMachine:StateMachine"):
            for state in _within(json.loads(machine.inputs["definition"])):
                if "NetworkConfiguration" in state:
                    network = state["NetworkConfiguration"]["AwsvpcConfiguration"]
                    ids = {"securityGroups": network["SecurityGroups"], "subnets": network["Subnets"]}
                    (override,) = state["Overrides"]["ContainerOverrides"]
                    (definition,) = {row.name: row for row in self._with_container(override["Name"])}.values()
                    yield f"workflow {machine.name}", _tasks(definition, ids, json.dumps(override))

    def _with_container(self, name: str) -> list[Recorded]:
        containers = {arn: json.loads(row.inputs["containerDefinitions"]) for arn, row in self.definitions.items()}
        return [self.definitions[arn] for arn, known in containers.items() if name in [each["name"] for each in known]]

    @cached_property
    def instances(self) -> list[Workload]:
        """The instances of Auto Scaling groups."""
        templates = {f"{row.name}-id": row.inputs for row in self.of("aws:ec2/launchTemplate:LaunchTemplate")}
        return [
            _instance(group, templates[group.inputs["launchTemplate"]["id"]])
            for group in self.of("aws:autoscaling/group:Group")
        ]

    @cached_property
    def workloads(self) -> list[Workload]:
        """All that runs."""
        started = [task for tasks in self.started.values() for task in tasks]
        return [*self.functions, *started, *self.services.values(), *self.instances]

    @cached_property
    def answering(self) -> dict[str, list[Workload]]:
        """Host name in Service Discovery → who answers to it."""
        (namespace,) = self.of("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace")
        entries = self.of("aws:servicediscovery/service:Service")
        hosts = {row.name: f"{row.inputs['name']}.{namespace.inputs['name']}" for row in entries}
        arns = {arn_of(row): row.name for row in entries}
        found: dict[str, list[Workload]] = {host: [] for host in hosts.values()}
        for service in self.of("aws:ecs/service:Service"):
            if registry := service.inputs.get("serviceRegistries"):
                found[hosts[arns[registry["registryArn"]]]].append(self.services[service.name])
        for instance in self.instances:
            for entry in Script(instance.text).registered:
                found[hosts[entry.removesuffix("-id")]].append(instance)
        return found

    @property
    def balancers(self) -> dict[str, End]:
        """ARN of a load balancer → where it stands."""
        return {
            arn_of(row): End("load balancer", tuple(row.inputs["securityGroups"]), tuple(row.inputs["subnets"]))
            for row in self.of("aws:lb/loadBalancer:LoadBalancer")
        }

    @property
    def nat(self) -> End:
        """The NAT instance, known by standing where the public route table leads out."""
        open_tables = {row.inputs["routeTableId"] for row in self.of("aws:ec2/route:Route")}
        public = {
            row.inputs["subnetId"]
            for row in self.of("aws:ec2/routeTableAssociation:RouteTableAssociation")
            if row.inputs["routeTableId"] in open_tables
        }
        (found,) = [instance.end for instance in self.instances if public.issuperset(instance.end.subnets)]
        return found

    def flows(self) -> frozenset[Flow]:
        """All that must be possible."""
        return frozenset([*self._calls(), *self._platform(), *self._balanced(), *self._linked()])

    def _calls(self) -> Iterator[Flow]:
        """What a workload was told to call: services by their names, the database, and what is outside."""
        for workload in self.workloads:
            for host, port in addresses(workload.text):
                for called in self.called(host):
                    if workload.end.subnets and called != workload.end:
                        yield Flow(workload.end, called, port, self._way(workload.end, called))
            for database, endpoint, port in self._databases():
                if workload.end.subnets and endpoint in workload.text:
                    yield Flow(workload.end, database, port)

    def called(self, host: str) -> list[End]:
        """Where a host name leads; what no entry of the environment answers to is outside."""
        return [workload.end for workload in self.answering[host]] if host in self.answering else [INTERNET]

    def _way(self, caller: End, called: End) -> End | None:
        return None if called is not INTERNET or caller == self.nat else self.nat

    def _databases(self) -> Iterator[tuple[End, str, int]]:
        subnets = {row.inputs["name"]: row.inputs["subnetIds"] for row in self.of("aws:rds/subnetGroup:SubnetGroup")}
        for row in self.of("aws:rds/instance:Instance"):
            groups, placed = row.inputs["vpcSecurityGroupIds"], subnets[row.inputs["dbSubnetGroupName"]]
            port = int(row.inputs["port"])
            endpoint = f"{row.inputs['identifier']}.{REGION}.rds.amazonaws.com:{port}"
            yield End("database", tuple(groups), tuple(placed)), endpoint, port

    def _platform(self) -> Iterator[Flow]:
        """What is in the VPC calls AWS: by interface endpoint, gateway endpoint, or the NAT instance; so does that."""
        gateways = [row for row in self.of("aws:ec2/vpcEndpoint:VpcEndpoint") if row.inputs.get("routeTableIds")]
        assert gateways
        for end in (workload.end for workload in self.workloads if workload.end.subnets):
            yield Flow(end, INTERNET, HTTPS)
            if end != self.nat:
                yield Flow(end, INTERNET, HTTPS, self.nat)
                yield from (Flow(end, endpoint, HTTPS) for endpoint in self._endpoints())

    def _endpoints(self) -> set[End]:
        return {
            End("interface endpoint", tuple(row.inputs["securityGroupIds"]), tuple(row.inputs["subnetIds"]))
            for row in self.of("aws:ec2/vpcEndpoint:VpcEndpoint")
            if row.inputs["vpcEndpointType"] == "Interface"
        }

    def _balanced(self) -> Iterator[Flow]:
        """The load balancer sends requests and health checks to what is registered in its target groups."""
        groups = {arn_of(row): row.inputs for row in self.of("aws:lb/targetGroup:TargetGroup")}
        for arn, called, port in self._targets(groups):
            checked = groups[arn]["healthCheck"].get("port", "traffic-port")
            ports = {port, port if checked == "traffic-port" else int(checked)}
            yield from (Flow(balancer, called, each) for balancer in self.balancers.values() for each in ports)

    def _targets(self, groups: Mapping[str, Inputs]) -> Iterator[tuple[str, End, int]]:
        for service in self.of("aws:ecs/service:Service"):
            for behind in service.inputs.get("loadBalancers") or ():
                yield behind["targetGroupArn"], self.services[service.name].end, int(behind["containerPort"])
        scaled = zip(self.of("aws:autoscaling/group:Group"), self.instances, strict=True)
        for group, instance in scaled:
            for arn in group.inputs.get("targetGroupArns") or ():
                yield arn, instance.end, int(groups[arn]["port"])

    def _linked(self) -> Iterator[Flow]:
        """The API's way to the listener of the load balancer."""
        links = {f"{row.name}-id": row.inputs for row in self.of("aws:apigatewayv2/vpcLink:VpcLink")}
        listeners = {arn_of(row): row.inputs for row in self.of("aws:lb/listener:Listener")}
        for row in self.of("aws:apigatewayv2/integration:Integration"):
            if row.inputs.get("connectionType") == "VPC_LINK":
                link, listener = links[row.inputs["connectionId"]], listeners[row.inputs["integrationUri"]]
                end = End("VPC link", tuple(link["securityGroupIds"]), tuple(link["subnetIds"]))
                yield Flow(end, self.balancers[listener["loadBalancerArn"]], int(listener["port"]))


def addresses(text: str) -> set[tuple[str, int]]:
    """Hosts and ports of the addresses in a text that lead off the machine."""
    found = ((host, int(port or _DEFAULT_PORTS[scheme])) for scheme, host, port in _ADDRESS.findall(text))
    return {(host, port) for host, port in found if host not in _ON_THE_MACHINE}


def arn_of(row: Recorded) -> str:
    """The ARN that the mocks gave a resource."""
    name = row.inputs.get("name") or row.inputs.get("bucket") or row.name
    return spelled(row.type, row.inputs, name, f"{row.name}-id", ACCOUNT, REGION)


def _function(row: Recorded) -> Workload:
    network = row.inputs.get("vpcConfig") or {"securityGroupIds": (), "subnetIds": ()}
    end = End(f"function {row.name}", tuple(network["securityGroupIds"]), tuple(network["subnetIds"]))
    return _told(end, (row.inputs["environment"]["variables"],))


def _tasks(definition: Recorded, network: Inputs, overrides: str = "") -> Workload:
    end = End(f"tasks of {definition.name}", tuple(network["securityGroups"]), tuple(network["subnets"]))
    containers = json.loads(definition.inputs["containerDefinitions"])
    variables = tuple({pair["name"]: pair["value"] for pair in each["environment"]} for each in containers)
    ports = frozenset(mapping["containerPort"] for each in containers for mapping in each["portMappings"])
    return _told(end, variables, ports, overrides)


def _told(
    end: End, variables: tuple[Mapping[str, str], ...], ports: frozenset[int] = frozenset(), overrides: str = ""
) -> Workload:
    lines = [f"{name}={value}" for each in variables for name, value in each.items()]
    return Workload(end, "\n".join([*lines, overrides]), variables, ports)


def _instance(group: Recorded, template: Inputs) -> Workload:
    groups = [each for interface in template["networkInterfaces"] for each in interface["securityGroups"]]
    end = End(f"instance {group.name}", tuple(groups), tuple(group.inputs["vpcZoneIdentifiers"]))
    script = Script.of(template["userData"])
    return Workload(end, script.text, script.variables, script.ports)


def _within(value: Any) -> Iterator[Inputs]:
    """Every object in a document, at any depth."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _within(inner)
