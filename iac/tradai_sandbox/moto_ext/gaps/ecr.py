"""ECR: an image's digest is that of its manifest, and a push needs a repository.

Must never change an image that is there.
"""

import hashlib
from typing import Any

from moto.ecr import models
from moto.ecr.exceptions import RepositoryNotFoundException

from tradai_sandbox.moto_ext.gaps.patching import wrap


def repair() -> None:
    """Name images by what they are, as registries do."""
    wrap(models.Image, _create_digest=_of_the_manifest)
    wrap(models.ECRBackend, put_image=_into_a_repository)


def _of_the_manifest(_original: Any) -> Any:
    def _create_digest(self: Any) -> None:
        self._image_digest = f"sha256:{hashlib.sha256(self.image_manifest.encode()).hexdigest()}"

    return _create_digest


def _into_a_repository(original: Any) -> Any:
    def put_image(self: Any, repository_name: str, *args: Any, **kwargs: Any) -> Any:
        if repository_name not in self.repositories:
            raise RepositoryNotFoundException(repository_name, self.account_id)
        return original(self, repository_name, *args, **kwargs)

    return put_image
