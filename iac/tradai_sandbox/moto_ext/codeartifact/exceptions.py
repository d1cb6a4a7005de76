"""The errors of CodeArtifact, spelled as its service model spells them.

Must never carry a code that botocore's model does not know: clients could not catch it by name.
"""

from moto.core.exceptions import ServiceException


class ConflictException(ServiceException):
    """The name is taken, or the resource still holds others."""

    code = "ConflictException"

    def __init__(self, message: str, resource_id: str, resource_type: str) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.resource_type = resource_type


class ResourceNotFoundException(ServiceException):
    """No such domain, repository or resource."""

    code = "ResourceNotFoundException"

    def __init__(self, message: str, resource_id: str, resource_type: str) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.resource_type = resource_type
