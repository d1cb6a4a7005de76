"""What CodeArtifact keeps per account and region: domains with their repositories.

Must never format a response: the response class maps these onto the service model.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.utils import utcnow
from moto.utilities.tagging_service import TaggingService
from moto.utilities.utils import get_partition

from .exceptions import ConflictException, ResourceNotFoundException

Tags = list[dict[str, str]]


@dataclass
class Repository:
    """One repository; `upstreams` are names of others in the same domain, first to be asked first."""

    name: str
    domain_name: str
    owner: str
    arn: str
    description: str = ""
    upstreams: list[str] = field(default_factory=list)
    created_time: datetime = field(default_factory=utcnow)


@dataclass
class Domain:
    """One domain and its repositories by name."""

    name: str
    owner: str
    arn: str
    encryption_key: str
    s3_bucket_arn: str
    created_time: datetime = field(default_factory=utcnow)
    repositories: dict[str, Repository] = field(default_factory=dict)


class CodeArtifactBackend(BaseBackend):
    """CodeArtifact of one account in one region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.domains: dict[str, Domain] = {}
        self.tagger = TaggingService(tag_name="tags", key_name="key", value_name="value")

    def _arn(self, kind: str, name: str, service: str = "codeartifact") -> str:
        partition = get_partition(self.region_name)
        return f"arn:{partition}:{service}:{self.region_name}:{self.account_id}:{kind}/{name}"

    def create_domain(self, name: str, encryption_key: str | None, tags: Tags | None) -> Domain:
        """Raises ConflictException when the name is taken."""
        if name in self.domains:
            raise ConflictException(f"Domain '{name}' already exists.", name, "domain")
        self.domains[name] = domain = Domain(
            name=name,
            owner=self.account_id,
            arn=self._arn("domain", name),
            encryption_key=encryption_key or self._arn("key", "codeartifact", "kms"),
            s3_bucket_arn=f"arn:{get_partition(self.region_name)}:s3:::assets-{self.account_id}-{self.region_name}",
        )
        self.tagger.tag_resource(domain.arn, tags)
        return domain

    def describe_domain(self, name: str) -> Domain:
        """Raises ResourceNotFoundException."""
        if name not in self.domains:
            raise ResourceNotFoundException(f"Domain '{name}' was not found.", name, "domain")
        return self.domains[name]

    def delete_domain(self, name: str) -> Domain | None:
        """None when there is no such domain, as in AWS; ConflictException while it has repositories."""
        if self.domains.get(name) and self.domains[name].repositories:
            raise ConflictException(f"Domain '{name}' has repositories.", name, "domain")
        domain = self.domains.pop(name, None)
        if domain:
            self.tagger.delete_all_tags_for_resource(domain.arn)
        return domain

    def create_repository(
        self, domain_name: str, name: str, description: str | None, upstreams: list[str], tags: Tags | None
    ) -> Repository:
        """Raises ConflictException for a taken name, ResourceNotFoundException for its domain or upstreams."""
        domain = self.describe_domain(domain_name)
        if name in domain.repositories:
            raise ConflictException(f"Repository '{name}' already exists.", name, "repository")
        for upstream in upstreams:
            self.describe_repository(domain_name, upstream)
        domain.repositories[name] = repository = Repository(
            name=name,
            domain_name=domain_name,
            owner=self.account_id,
            arn=self._arn("repository", f"{domain_name}/{name}"),
            description=description or "",
            upstreams=upstreams,
        )
        self.tagger.tag_resource(repository.arn, tags)
        return repository

    def describe_repository(self, domain_name: str, name: str) -> Repository:
        """Raises ResourceNotFoundException."""
        repositories = self.describe_domain(domain_name).repositories
        if name not in repositories:
            raise ResourceNotFoundException(
                f"Repository '{name}' was not found in domain '{domain_name}'.", name, "repository"
            )
        return repositories[name]

    def update_repository(
        self, domain_name: str, name: str, description: str | None, upstreams: list[str] | None
    ) -> Repository:
        """Changes just what is given."""
        repository = self.describe_repository(domain_name, name)
        if description is not None:
            repository.description = description
        if upstreams is not None:
            repository.upstreams = upstreams
        return repository

    def delete_repository(self, domain_name: str, name: str) -> Repository:
        """Raises ResourceNotFoundException."""
        repository = self.describe_repository(domain_name, name)
        del self.domains[domain_name].repositories[name]
        self.tagger.delete_all_tags_for_resource(repository.arn)
        return repository

    def endpoint(self, domain_name: str, name: str, package_format: str) -> str:
        """The URL under which clients of one package format reach the repository."""
        self.describe_repository(domain_name, name)
        host = f"{domain_name}-{self.account_id}.d.codeartifact.{self.region_name}.amazonaws.com"
        return f"https://{host}/{package_format}/{name}/"

    def require(self, arn: str) -> None:
        """Raises ResourceNotFoundException for an ARN that names nothing here."""
        found: list[Any] = list(self.domains.values())
        found += [repository for domain in self.domains.values() for repository in domain.repositories.values()]
        if arn not in {resource.arn for resource in found}:
            raise ResourceNotFoundException(f"Resource '{arn}' was not found.", arn, "resource")


codeartifact_backends = BackendDict(CodeArtifactBackend, "codeartifact")
