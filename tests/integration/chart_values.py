"""Values of the chart: sets that people would choose, something else for each value, and what must be refused.

Data only. A test demands a row for every value that there is.
"""

from collections.abc import Mapping
from typing import Any, Final

ECS: Final[Mapping[str, Any]] = {
    "aws": {"region": "eu-central-1"},
    "executor": {
        "kind": "ecs",
        "ecs": {
            "cluster": "tradai",
            "taskDefinition": "tradai-runner",
            "subnets": ["subnet-0a"],
            "securityGroups": ["sg-0a"],
        },
    },
}
RULE: Final = {"namespaces": ["tradai"], "backends": ["s3://tradai-pulumi-state-*"], "ownIdentity": True}
MONITORED: Final = {
    "metrics": {
        "serviceMonitor": {"enabled": True},
        "alerts": {"enabled": True},
        "dashboard": {"enabled": True},
    }
}
ACCOUNT: Final = "system:serviceaccount:argocd:promoter"

#: What people would choose.
MATRIX: Final[Mapping[str, Mapping[str, Any]]] = {
    "defaults": {},
    "one operator": {"replicas": 1},
    "ECS tasks": ECS,
    "local runs": {"executor": {"kind": "local", "memoryMib": 2048}, "replicas": 1},
    "from jobs to ECS": {**ECS, "executor": {**ECS["executor"], "follows": ["job"]}},
    "Secrets of some namespaces": {"secrets": {"namespaces": ["tradai", "team-a"]}},
    "IRSA": {"aws": {"roleArn": "arn:aws:iam::123456789012:role/tradai-operator", "region": "eu-central-1"}},
    "allowlist and approvers": {
        "allowlist": {"rules": [RULE, {"namespaces": ["team-*"], "roles": ["arn:aws:iam::*:role/x"]}]},
        "approvers": {"serviceAccounts": [ACCOUNT], "operators": ["break-glass"]},
    },
    "monitored": MONITORED,
    "traced": {
        "tracing": {"endpoint": "http://collector.observability:4317"},
        "aws": {"endpointUrl": "http://aws.local:4566"},
        "logFormat": "text",
    },
    "pinned image from a closed registry": {
        "image": {"digest": "sha256:" + "a" * 64, "pullSecrets": ["registry"], "pullPolicy": "Always"}
    },
    "chosen nodes": {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "x", "operator": "Exists"}]}]
                }
            }
        },
        "priorityClassName": "system-cluster-critical",
        "spread": {"whenUnsatisfiable": "DoNotSchedule", "topologyKeys": ["topology.kubernetes.io/zone"]},
        "podAnnotations": {"a": "b"},
        "podLabels": {"team": "platform"},
        "commonLabels": {"cost": "platform"},
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy:3128"}],
    },
    "bounded network": {
        "networkPolicy": {
            "apiServerPorts": [16443],
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "extraEgress": [{"ports": [{"protocol": "TCP", "port": 4566}]}],
        }
    },
    "nothing that others bring": {
        "admission": {"create": False},
        "approvers": {"create": False},
        "definition": {"keep": False},
        "rbac": {"create": False, "people": False},
        "serviceAccount": {"create": False, "name": "mine"},
        "executor": {"job": {"serviceAccount": {"create": False, "name": "theirs"}}},
        "networkPolicy": {"enabled": False},
        "podDisruptionBudget": {"enabled": False},
    },
}

#: Value → something else for it, and what has to be set besides for it to count.
OTHERS: Final[Mapping[str, tuple[Any, Mapping[str, Any]]]] = {
    "replicas": (3, {}),
    "image.repository": ("mirror/tradai", {}),
    "image.tag": ("9", {}),
    "image.digest": ("sha256:" + "b" * 64, {}),
    "image.pullPolicy": ("Never", {}),
    "image.pullSecrets": (["a"], {}),
    "executor.kind": ("local", {}),
    "executor.follows": (["local"], {}),
    "executor.memoryMib": (512, {}),
    "executor.job.image": ("mirror/runner:1", {}),
    "executor.job.cpu": ("1", {}),
    "executor.job.serviceAccount.create": (False, {}),
    "executor.job.serviceAccount.name": ("x", {}),
    "executor.job.serviceAccount.annotations": ({"a": "b"}, {}),
    "executor.ecs.cluster": ("other", ECS),
    "executor.ecs.taskDefinition": ("other", ECS),
    "executor.ecs.subnets": (["subnet-1", "subnet-2"], ECS),
    "executor.ecs.securityGroups": (["sg-1"], ECS),
    "executor.ecs.container": ("other", ECS),
    "executor.local.resources": ({"limits": {"memory": "8Gi"}}, {"executor": {"kind": "local"}}),
    "executor.local.workSize": ("9Gi", {"executor": {"kind": "local"}}),
    "aws.region": ("us-east-1", {}),
    "aws.roleArn": ("arn:aws:iam::123456789012:role/x", {}),
    "aws.endpointUrl": ("http://aws.local", {}),
    "secrets.namespaces": (["a"], {}),
    "allowlist.rules": ([RULE], {}),
    "approvers.create": (False, {}),
    "approvers.serviceAccounts": ([ACCOUNT], {}),
    "approvers.operators": (["x"], {}),
    "admission.create": (False, {}),
    "definition.keep": (False, {}),
    "rbac.create": (False, {}),
    "rbac.people": (False, {}),
    "rbac.aggregate": (False, {}),
    "serviceAccount.create": (False, {}),
    "serviceAccount.name": ("x", {}),
    "serviceAccount.annotations": ({"a": "b"}, {}),
    "resources": ({"limits": {"memory": "1Gi"}}, {}),
    "workSize": ("9Gi", {}),
    "terminationGracePeriodSeconds": (60, {}),
    "podDisruptionBudget.enabled": (False, {}),
    "spread.topologyKeys": (["x"], {}),
    "spread.whenUnsatisfiable": ("DoNotSchedule", {}),
    "networkPolicy.enabled": (False, {}),
    "networkPolicy.apiServerPorts": ([16443], {}),
    "networkPolicy.metricsFrom": ([{"podSelector": {}}], {}),
    "networkPolicy.extraEgress": ([{"ports": [{"port": 1}]}], {}),
    "metrics.port": (9090, {}),
    "metrics.names": (True, {}),
    "metrics.serviceMonitor.enabled": (True, {}),
    "metrics.serviceMonitor.interval": ("1m", MONITORED),
    "metrics.serviceMonitor.labels": ({"a": "b"}, MONITORED),
    "metrics.alerts.enabled": (True, {}),
    "metrics.alerts.runbookBase": ("https://example.com/runbooks", MONITORED),
    "metrics.alerts.labels": ({"a": "b"}, MONITORED),
    "metrics.dashboard.enabled": (True, {}),
    "metrics.dashboard.labels": ({"a": "b"}, MONITORED),
    "metrics.dashboard.annotations": ({"a": "b"}, MONITORED),
    "tracing.endpoint": ("http://c:4317", {}),
    "logFormat": ("text", {}),
    "extraEnv": ([{"name": "A", "value": "b"}], {}),
    "podAnnotations": ({"a": "b"}, {}),
    "podLabels": ({"a": "b"}, {}),
    "commonLabels": ({"a": "b"}, {}),
    "nodeSelector": ({"a": "b"}, {}),
    "tolerations": ([{"operator": "Exists"}], {}),
    "affinity": ({"nodeAffinity": {}}, {}),
    "priorityClassName": ("x", {}),
    "check.patienceSeconds": (7, {}),
}

#: What must be refused: the values, and what the refusal says.
WRONG: Final[tuple[tuple[Mapping[str, Any], str], ...]] = (
    ({"replicas": 0}, "'/replicas': minimum"),
    ({"replicas": "two"}, "'/replicas': got string, want integer"),
    ({"replica": 2}, "additional properties 'replica' not allowed"),
    ({"executor": {"kind": "kubernetes"}}, "'/executor/kind': value must be one of 'job', 'ecs', 'local'"),
    ({"image": {"digest": "latest"}}, "'/image/digest'"),
    ({"aws": {"roleArn": "tradai-operator"}}, "'/aws/roleArn'"),
    ({"allowlist": {"rules": [{"backends": ["s3://x"]}]}}, "missing property 'namespaces'"),
    ({"allowlist": {"rules": [{"namespaces": ["a"], "bucket": "x"}]}}, "additional properties 'bucket' not allowed"),
    ({"approvers": {"serviceAccounts": ["promoter"]}}, "'/approvers/serviceAccounts/0'"),
    ({"terminationGracePeriodSeconds": 5}, "'/terminationGracePeriodSeconds': minimum"),
    ({"executor": {"kind": "ecs"}}, "executor.kind is ecs: set executor.ecs.cluster"),
    ({**ECS, "aws": {"region": ""}}, "executor.kind is ecs: set aws.region, where the ECS cluster is"),
)
