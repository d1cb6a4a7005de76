"""All values of one environment, put together from the sections of 002.

Must never hold a value of its own: each belongs to the module of its section.
"""

from tradai_blueprints.tradai.config.api import API, Api
from tradai_blueprints.tradai.config.consolidated import CONSOLIDATED_INSTANCE, ConsolidatedInstance
from tradai_blueprints.tradai.config.environments import Stage, stage_of
from tradai_blueprints.tradai.config.images import IMAGES, Images
from tradai_blueprints.tradai.config.lambdas import LAMBDAS, LambdaFunction
from tradai_blueprints.tradai.config.messaging import MESSAGING, Messaging
from tradai_blueprints.tradai.config.monitoring import MONITORING, Monitoring
from tradai_blueprints.tradai.config.network import NETWORK, Network
from tradai_blueprints.tradai.config.secrets import SECRETS, SecretsManager
from tradai_blueprints.tradai.config.security import SECURITY, Security
from tradai_blueprints.tradai.config.services import SERVICES, Service
from tradai_blueprints.tradai.config.storage import STORAGE, Storage
from tradai_blueprints.tradai.config.tags import TAGS
from tradai_iac.base import Frozen
from tradai_iac.tags import Tags


class Settings(Frozen):
    """The canonical values as one environment has them; `stage` holds what differs (002 §10)."""

    environment: str
    stage: Stage
    network: Network = NETWORK
    services: tuple[Service, ...] = SERVICES
    consolidated_instance: ConsolidatedInstance = CONSOLIDATED_INSTANCE
    storage: Storage = STORAGE
    security: Security = SECURITY
    api: Api = API
    messaging: Messaging = MESSAGING
    lambdas: tuple[LambdaFunction, ...] = LAMBDAS
    secrets: SecretsManager = SECRETS
    images: Images = IMAGES
    monitoring: Monitoring = MONITORING
    tags: Tags = TAGS

    def service(self, name: str) -> Service:
        """The service of that name; raises KeyError."""
        return {service.name: service for service in self.services}[name]

    def lambda_function(self, name: str) -> LambdaFunction:
        """The Lambda function of that name; raises KeyError."""
        return {function.name: function for function in self.lambdas}[name]

    def unprotected(self) -> "Settings":
        """The same with the deletion protection lifted, and nothing else: data is still kept."""
        return self.model_copy(update={"stage": self.stage.model_copy(update={"deletion_protection": False})})

    def on_instance(self, service: Service) -> bool:
        """Whether a service runs on the consolidated instance and not as tasks of its own (002 §10, 001 §6)."""
        return self.stage.consolidated and service.standing

    def desired_count(self, service: Service, asked: int | None = None) -> int:
        """How many tasks of a service stand: as asked for, else 002 §10 for those that stand at all (002 §2.2).

        Raises ValueError where a number is asked for a service that the consolidated instance runs.
        """
        if asked is None:
            return self.stage.ecs_desired_count if service.standing else 0
        if self.on_instance(service):
            raise ValueError(
                f"services.{service.name}.desiredCount has no meaning in {self.environment}: "
                f"{service.name} runs on the consolidated instance; leave it out"
            )
        return asked


def settings_for(environment: str) -> Settings:
    """The values for `dev`, `staging`, `prod` or `eph-*`; raises ValueError for any other name."""
    return Settings(environment=environment, stage=stage_of(environment))
