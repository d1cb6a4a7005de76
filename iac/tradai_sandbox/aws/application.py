"""moto as one WSGI application, set up the way the sandbox needs it.

Must never start a container: functions echo, and state machines run for real inside moto.
"""

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from tradai_sandbox.moto_ext import gaps, register

from .latency import WsgiApp


def application() -> WsgiApp:
    """moto's dispatcher with the sandbox's backends, repairs and settings."""
    register()
    gaps.apply()
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["batch"] = {"use_docker": False}
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    app: WsgiApp = DomainDispatcherApplication(create_backend_app)
    return app
