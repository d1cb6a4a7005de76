"""Which images a layer's configuration refers to, before any of it is built.

Must never ask a registry: whether an image is there is for others to find out.
"""

from tradai_blueprints.tradai.config.lambdas import LAMBDAS
from tradai_blueprints.tradai.config.overrides import ComputeConfig
from tradai_blueprints.tradai.config.services import SERVICES
from tradai_iac.images.reference import ImageRef


def compute_images(config: ComputeConfig) -> tuple[ImageRef, ...]:
    """The images of compute, each component once: 17 functions (002 §7) and the services' (001 §3 ECR_REPOS).

    Raises ValueError where two services share an image and are given different tags.
    """
    tags: dict[str, str] = {}
    first: dict[str, str] = {}
    for service in SERVICES:
        first.setdefault(service.image, service.name)
        tag = config.services.of(service.name).image_tag or config.image_tag
        if tags.setdefault(service.image, tag) != tag:
            raise ValueError(
                f"{service.name} shares image {service.image} with another service: give both one imageTag"
            )
    functions = (ImageRef(component=f.name, tag=config.image_tag, kind="lambda") for f in LAMBDAS if not f.inline)
    services = (
        ImageRef(component=component, tag=tag, kind="service", folder=f"services/{first[component]}")
        for component, tag in tags.items()
    )
    return (*functions, *services)
