"""The private registry of Python packages: a CodeArtifact domain and repository (001 §4; 000 SR003).

Must never reach a public registry on its own: what is not pushed here is not served from here.
"""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.packages import PACKAGES
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class PackagesArgs:
    """How the domain and the repository are called."""

    naming: Naming


class Packages(Component):
    """Domain, repository and the endpoint that pip is pointed at."""

    def __init__(self, name: str, args: PackagesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:Packages", name, opts)
        self.domain = aws.codeartifact.Domain(
            "packages",
            domain=args.naming.name(PACKAGES.domain, kind="codeartifact-domain"),
            opts=self.child(),
        )
        self.repository = aws.codeartifact.Repository(
            "python",
            domain=self.domain.domain,
            repository=args.naming.name(PACKAGES.repository),
            description="Python packages of the platform",
            opts=self.child(),
        )
        self.endpoint: pulumi.Output[str] = aws.codeartifact.get_repository_endpoint_output(
            domain=self.domain.domain,
            repository=self.repository.repository,
            format="pypi",
            opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[self.repository]),
        ).repository_endpoint
        self.register_outputs({"domain": self.domain.domain, "endpoint": self.endpoint})
