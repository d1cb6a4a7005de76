"""Lambda: functions from container images, which moto neither finds in nested repositories nor holds to a digest.

Must never accept an image that is not in the registry: AWS refuses the function, and so does this.
"""

import json
import re
from typing import Any, Final

from moto.awslambda import models
from moto.awslambda.exceptions import InvalidParameterValueException
from moto.ecr.models import ecr_backends

from tradai_sandbox.moto_ext.gaps.patching import wrap

_IMAGE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_FOR_ARCHIVES: Final = ("Handler", "Runtime", "Layers")


def repair() -> None:
    """Take images from the registry by tag or digest, and say which digest it came to."""
    wrap(
        models.LambdaFunction,
        __init__=_refuses_what_archives_have,
        _set_function_code=_from_the_registry,
        get_code=_resolved,
        get_configuration=_without_empty_image_config,
        update_configuration=_with_image_config,
    )


def _refuses_what_archives_have(original: Any) -> Any:
    def init(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        if spec.get("PackageType") == "Image" and any(spec.get(key) for key in _FOR_ARCHIVES):
            raise InvalidParameterValueException(
                "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
            )
        original(self, account_id, spec, *args, **kwargs)

    return init


def _from_the_registry(original: Any) -> Any:
    def _set_function_code(self: Any, spec: dict[str, Any]) -> None:
        if "ImageUri" not in spec:
            original(self, spec)
            return
        digest = _digest(spec["ImageUri"], self.region)
        if not spec.get("DryRun"):
            self.code_sha_256 = digest.removeprefix("sha256:")
            self.code_size = 0
            self.code["ImageUri"] = spec["ImageUri"]

    return _set_function_code


def _digest(uri: str, region: str) -> str:
    """The digest of an image in the registry; raises what Lambda answers for one that it cannot take."""
    found = _IMAGE.fullmatch(uri)
    if found is None or found["region"] != region or not (found["tag"] or found["digest"]):
        raise InvalidParameterValueException(f"Source image {uri} is not valid. Provide a valid source image.")
    repository = ecr_backends[found["account"]][region].repositories.get(found["repository"])
    for image in repository.images if repository else ():
        if image.get_image_digest() == found["digest"] or (not found["digest"] and found["tag"] in image.image_tags):
            _check_kind(uri, image)
            return str(image.get_image_digest())
    raise InvalidParameterValueException(f"Source image {uri} does not exist. Provide a valid source image.")


def _check_kind(uri: str, image: Any) -> None:
    """Lambda takes no image index (what a build for several platforms pushes), only a single image."""
    if "config" not in json.loads(image.image_manifest):
        raise InvalidParameterValueException(
            f"The image manifest, config or layer media type for the source image {uri} is not supported."
        )


def _resolved(original: Any) -> Any:
    def get_code(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = original(self)
        if uri := self.code.get("ImageUri"):
            repository = uri.partition("@")[0].partition(":")[0]
            answer["Code"]["ResolvedImageUri"] = f"{repository}@sha256:{self.code_sha_256}"
        return answer

    return get_code


def _without_empty_image_config(original: Any) -> Any:
    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = original(self, on_create)
        told = answer.pop("ImageConfigResponse", {}).get("ImageConfig", {})
        says = {key: value for key, value in told.items() if value}
        return {**answer, **({"ImageConfigResponse": {"ImageConfig": says}} if says else {})}

    return get_configuration


def _with_image_config(original: Any) -> Any:
    def update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        if "ImageConfig" in updates:
            self.image_config = models.ImageConfig(updates["ImageConfig"])
        answer: dict[str, Any] = original(self, updates)
        return answer

    return update_configuration
