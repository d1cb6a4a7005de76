"""CodeArtifact's operations: parameters in, service-model shapes out.

Must never keep state: the backend does.
"""

from typing import Any

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from .models import CodeArtifactBackend, Domain, Repository, codeartifact_backends


def _domain(domain: Domain) -> dict[str, Any]:
    return {
        "name": domain.name,
        "owner": domain.owner,
        "arn": domain.arn,
        "status": "Active",
        "createdTime": domain.created_time,
        "encryptionKey": domain.encryption_key,
        "repositoryCount": len(domain.repositories),
        "assetSizeBytes": 0,
        "s3BucketArn": domain.s3_bucket_arn,
    }


def _repository(repository: Repository) -> dict[str, Any]:
    return {
        "name": repository.name,
        "administratorAccount": repository.owner,
        "domainName": repository.domain_name,
        "domainOwner": repository.owner,
        "arn": repository.arn,
        "description": repository.description,
        "upstreams": [{"repositoryName": name} for name in repository.upstreams],
        "externalConnections": [],
        "createdTime": repository.created_time,
    }


class CodeArtifactResponse(BaseResponse):
    """One method an operation, named as moto derives it from the service model."""

    def __init__(self) -> None:
        super().__init__(service_name="codeartifact")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> CodeArtifactBackend:
        """The backend of the caller's account and region."""
        backend: CodeArtifactBackend = codeartifact_backends[self.current_account][self.region]
        return backend

    def _names(self) -> tuple[str, str]:
        return self._get_param("domain"), self._get_param("repository")

    def _upstreams(self) -> list[str] | None:
        given = self._get_param("upstreams")
        return None if given is None else [upstream["repositoryName"] for upstream in given]

    def create_domain(self) -> ActionResult:
        """CreateDomain."""
        domain = self.backend.create_domain(
            self._get_param("domain"), self._get_param("encryptionKey"), self._get_param("tags")
        )
        return ActionResult({"domain": _domain(domain)})

    def describe_domain(self) -> ActionResult:
        """DescribeDomain."""
        return ActionResult({"domain": _domain(self.backend.describe_domain(self._get_param("domain")))})

    def delete_domain(self) -> ActionResult:
        """DeleteDomain."""
        domain = self.backend.delete_domain(self._get_param("domain"))
        return ActionResult({"domain": _domain(domain) | {"status": "Deleted"}} if domain else {})

    def list_domains(self) -> ActionResult:
        """ListDomains."""
        return ActionResult({"domains": [_domain(domain) for domain in self.backend.domains.values()]})

    def create_repository(self) -> ActionResult:
        """CreateRepository."""
        repository = self.backend.create_repository(
            *self._names(), self._get_param("description"), self._upstreams() or [], self._get_param("tags")
        )
        return ActionResult({"repository": _repository(repository)})

    def describe_repository(self) -> ActionResult:
        """DescribeRepository."""
        return ActionResult({"repository": _repository(self.backend.describe_repository(*self._names()))})

    def update_repository(self) -> ActionResult:
        """UpdateRepository."""
        repository = self.backend.update_repository(*self._names(), self._get_param("description"), self._upstreams())
        return ActionResult({"repository": _repository(repository)})

    def delete_repository(self) -> ActionResult:
        """DeleteRepository."""
        return ActionResult({"repository": _repository(self.backend.delete_repository(*self._names()))})

    def list_repositories(self) -> ActionResult:
        """ListRepositories."""
        return self._listed(list(self.backend.domains.values()))

    def list_repositories_in_domain(self) -> ActionResult:
        """ListRepositoriesInDomain."""
        return self._listed([self.backend.describe_domain(self._get_param("domain"))])

    def _listed(self, domains: list[Domain]) -> ActionResult:
        prefix = self._get_param("repositoryPrefix") or ""
        found = [repository for domain in domains for repository in domain.repositories.values()]
        return ActionResult({"repositories": [_repository(r) for r in found if r.name.startswith(prefix)]})

    def get_repository_endpoint(self) -> ActionResult:
        """GetRepositoryEndpoint."""
        endpoint = self.backend.endpoint(*self._names(), self._get_param("format"))
        return ActionResult({"repositoryEndpoint": endpoint})

    def list_tags_for_resource(self) -> ActionResult:
        """ListTagsForResource."""
        arn = self._get_param("resourceArn")
        self.backend.require(arn)
        return ActionResult(self.backend.tagger.list_tags_for_resource(arn))

    def tag_resource(self) -> ActionResult:
        """TagResource."""
        arn = self._get_param("resourceArn")
        self.backend.require(arn)
        self.backend.tagger.tag_resource(arn, self._get_param("tags"))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """UntagResource."""
        arn = self._get_param("resourceArn")
        self.backend.require(arn)
        self.backend.tagger.untag_resource_using_names(arn, self._get_param("tagKeys"))
        return EmptyResult()
