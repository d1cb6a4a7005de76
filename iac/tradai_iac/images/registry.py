"""ECR, as far as images are looked up and stand-ins are put: the adapter over boto3.

An image or a repository that is not there is an answer; whatever else goes wrong is a failure with its kind. Must
never create or delete a repository: those are the persistent layer's.
"""

import base64
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from tradai_iac.failure import Failure, classify
from tradai_iac.images.standin import StandIn
from tradai_iac.images.wanted import Registry, Resolution, WantedImage
from tradai_iac.sessions import new_session

#: ECR answers one repository a call: this many at once stay well below its rate of calls.
_AT_ONCE: Final = 8
#: A registry that has not told everything by then is said not to answer.
_TIMEOUT_SECONDS: Final = 20.0
_NO_IMAGE: Final = "ImageNotFoundException"
_NO_REPOSITORY: Final = "RepositoryNotFoundException"


@dataclass(frozen=True)
class Login:
    """What a container engine needs to push; the password lives for hours and is shown nowhere."""

    server: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.server})"


class EcrRegistry:
    """One environment's registry; the client refreshes its own credentials and may be kept."""

    def __init__(self, registry: Registry) -> None:
        self._account = registry.account_id
        self._client = _client(registry)

    def resolve(self, wanted: Sequence[WantedImage], timeout: float = _TIMEOUT_SECONDS) -> Resolution:
        """What becomes of each tag; never raises for what AWS says or does not say."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="ecr")
        asked = {pool.submit(self.digest, image): image for image in wanted}
        try:
            _, late = wait(asked, timeout=timeout, return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if failure := _first_failure(asked):
            return Resolution(failure=failure)
        if late:
            return Resolution(failure=_failure(f"ECR timed out after {timeout:.0f} s"))
        digests = {image: future.result() for future, image in asked.items()}
        return Resolution(
            found={image.component: digest for image, digest in digests.items() if digest},
            missing=tuple(image for image, digest in digests.items() if not digest),
        )

    def digest(self, image: WantedImage) -> str | None:
        """The digest behind the tag, None where there is none; raises ClientError and BotoCoreError."""
        try:
            return self._digest(image)
        except ClientError as error:
            if error.response["Error"]["Code"] in {_NO_IMAGE, _NO_REPOSITORY}:
                return None
            raise

    def has_repository(self, image: WantedImage) -> bool:
        """Whether the image's repository is there; raises ClientError and BotoCoreError.

        Found out by looking for the image, which is all that a role that ships images may do.
        """
        try:
            self._digest(image)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {_NO_IMAGE, _NO_REPOSITORY}:
                raise
            return error.response["Error"]["Code"] == _NO_IMAGE
        return True

    def _digest(self, image: WantedImage) -> str:
        tag = {"imageTag": image.tag}
        answer = self._client.describe_images(registryId=self._account, repositoryName=image.repository, imageIds=[tag])
        found: str = answer["imageDetails"][0]["imageDigest"]
        return found

    def put(self, image: WantedImage, stand_in: StandIn) -> None:
        """Puts a manifest under the tag; the same one twice is no error. Raises ClientError and BotoCoreError."""
        try:
            self._client.put_image(
                registryId=self._account,
                repositoryName=image.repository,
                imageManifest=stand_in.manifest,
                imageManifestMediaType=stand_in.media_type,
                imageTag=image.tag,
                imageDigest=stand_in.digest,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ImageAlreadyExistsException":
                raise

    def login(self) -> Login:
        """A fresh password for this registry; raises ClientError and BotoCoreError."""
        data = self._client.get_authorization_token(registryIds=[self._account])["authorizationData"][0]
        user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        return Login(data["proxyEndpoint"].removeprefix("https://"), user, password)


def _first_failure(asked: dict[Future[str | None], WantedImage]) -> Failure | None:
    ended = (future for future in asked if future.done() and not future.cancelled())
    error = next((error for future in ended if (error := future.exception())), None)
    if error is None:
        return None
    if not isinstance(error, ClientError | BotoCoreError):
        raise error
    return _failure(str(error), error)


def _failure(text: str, error: Exception | None = None) -> Failure:
    failure = classify(text)
    if isinstance(error, ClientError):
        request = error.response.get("ResponseMetadata", {}).get("RequestId", "")
        return failure.model_copy(update={"request_id": request})
    return failure


def _client(registry: Registry) -> Any:
    config = Config(
        connect_timeout=3,
        read_timeout=5,
        retries={"mode": "standard", "max_attempts": 3},
        max_pool_connections=_AT_ONCE,
        proxies={} if registry.is_local else None,
    )
    session: Any = new_session(registry.region)
    if registry.assume_role_arn:
        create = partial(session.create_client, endpoint_url=registry.endpoint_url, config=config)
        # there is no public way to give a session credentials that keep themselves fresh
        session._credentials = _assumed(registry, registry.assume_role_arn, create, session.get_credentials())
    return session.create_client("ecr", endpoint_url=registry.endpoint_url, config=config)


def _assumed(registry: Registry, role_arn: str, create: Any, own: Any) -> DeferredRefreshableCredentials:
    extra = {"RoleSessionName": f"tradai-{registry.environment}"}
    if registry.external_id:
        extra["ExternalId"] = registry.external_id

    def refresh() -> Any:
        if own is None:
            raise NoCredentialsError
        fetcher = AssumeRoleCredentialFetcher(create, own, role_arn, extra_args=extra)
        return fetcher.fetch_credentials()

    return DeferredRefreshableCredentials(refresh_using=refresh, method="assume-role")
