"""Section 2: the services and the contract with their images (002 §2).

Must never hold a task's environment: it says what an image reads, the layer says what a task gets.
"""

from typing import Final

from tradai_blueprints.tradai.config.document.interface import (
    BOOTSTRAP,
    CONSUMER,
    INFRASTRUCTURE,
    MODES,
    bootstrap_examples,
    infrastructure_defaults,
)
from tradai_blueprints.tradai.config.document.markdown import NOTHING, blocks, code, codes, table
from tradai_blueprints.tradai.config.document.values import COMMON, ENVIRONMENTS, NAMES, per_environment, stands, title
from tradai_blueprints.tradai.config.services import SCALING, Service

_SERVICES: Final = COMMON.services
_INTERFACE: Final = "What the images read from their environment: their contract with the platform."


def services() -> str:
    """The whole section."""
    return blocks(
        "## 2. Service Configuration",
        "### 2.1 Service Ports",
        _ports(),
        "### 2.2 ECS Task Definitions",
        _tasks(),
        _placement(),
        _instance(),
        _scaling(),
        "### 2.3 Service Discovery",
        _discovery(),
        "### 2.4 Backtest Execution Modes",
        _modes(),
        "### 2.5 Strategy Container Environment Variables",
        _variables(),
        "### 2.6 Image Repositories",
        _repositories(),
    )


def _ports() -> str:
    rows = (
        (title(service.name), service.port, code(service.health_check_path), "HTTP", codes(service.path_patterns))
        for service in _SERVICES
        if service.behind_load_balancer
    )
    return table(("Service", "Port", "Health Check Path", "Protocol", "Load Balancer Paths"), rows)


def _tasks() -> str:
    rows = (
        (service.name, service.cpu, f"{service.memory_mb} MB", _count(service), service.launch_type)
        for service in _SERVICES
    )
    return table(("Service", "CPU", "Memory", "Desired Count", "Launch Type"), rows)


def _count(service: Service) -> str:
    if not stands(service):
        return f"{service.desired_count} (on-demand)"
    return per_environment(lambda settings: settings.desired_count(service))


def _placement() -> str:
    consolidated = [name for name, settings in ENVIRONMENTS.items() if settings.stage.consolidated]
    standing = codes(service.name for service in _SERVICES if stands(service))
    return (
        f"In {codes(consolidated)} the standing services ({standing}) run on the consolidated EC2 instance instead "
        "(section 10); the others have the launch type above everywhere."
    )


def _instance() -> str:
    row = COMMON.consolidated_instance
    rows = (
        ("Instance Type", code(row.instance_type), f"{row.architecture}, in an Auto Scaling group of {row.size}"),
        ("AMI", code(row.image_parameter), "Taken at each launch; `consolidatedImageParameter` names another"),
        ("Volume", f"{row.volume_gb} GB gp3", "Encrypted"),
        ("Memory", f"{row.memory_mb} MB", f"{row.reserved_mb} MB for the system, the rest shared as the tasks' is"),
        ("Swap", f"{row.swap_mb} MB", "Holds what the tasks have beyond their share"),
        ("Metadata", f"Session tokens, {row.metadata_hops} hops", "Containers act as the instance's role"),
        ("Launch", f"{row.launch_timeout}s", "Held until the services are healthy and registered"),
    )
    return table(("Consolidated Instance", "Value", "Notes"), rows)


def _scaling() -> str:
    scaled = [name for name, settings in ENVIRONMENTS.items() if settings.stage.autoscaling_max_factor]
    return (
        f"In {codes(scaled)} the standing services scale between their desired count and a multiple of it "
        f"(section 10), to hold CPU at {SCALING.cpu_percent} % and memory at {SCALING.memory_percent} %."
    )


def _discovery() -> str:
    namespace = NAMES.dns_namespace
    rows = (
        (title(service.name), code(f"{service.name}.{namespace}"), service.port, code(namespace))
        for service in _SERVICES
        if service.discoverable
    )
    return table(("Service", "DNS Name", "Port", "Namespace"), rows)


def _modes() -> str:
    modes = ((mode, code(f"BACKEND_EXECUTOR_MODE={mode}"), what, use) for mode, what, use in MODES)
    return blocks(
        _INTERFACE,
        table(("Mode", "Environment Variable", "Description", "Use Case"), modes),
        "**SQS Consumer Lambda Environment:**",
        table(
            ("Variable", "Values", "Default", "Description"),
            ((code(name), values, default, what) for name, values, default, what in CONSUMER),
        ),
    )


def _variables() -> str:
    examples, defaults = bootstrap_examples(), infrastructure_defaults()
    return blocks(
        "**Required (Minimal Bootstrap):**",
        table(
            ("Variable", "Description", "Example"),
            ((code(name), what, examples[name]) for name, what in BOOTSTRAP),
        ),
        "**Optional (Infrastructure):**",
        table(
            ("Variable", "Description", "Default"),
            ((code(name), what, defaults.get(name, NOTHING)) for name, what in INFRASTRUCTURE),
        ),
    )


def _repositories() -> str:
    images = COMMON.images
    rows = [(name, code(NAMES.path(name)), "Service") for name in images.services]
    rows += [(name, code(NAMES.path(name)), "Lambda function") for name in images.lambdas]
    return blocks(
        f"{len(images.fixed)} fixed repositories, and those of strategies that an environment configures. An image "
        f"without a tag is deleted after {images.untagged_days} days.",
        table(("Image", "Repository", "Kind"), rows),
    )
