"""moto as one WSGI application, set up the way the sandbox needs it.

Must never start a container: functions and tasks run as plain processes (`workloads`), an image that nobody has said
anything about answers that it cannot start, and state machines run for real inside moto.
"""

from moto.core.config import default_user_config

from tradai_sandbox.moto_ext import gaps, register

from .dispatch import Dispatcher, remember_methods, remember_no_models
from .latency import WsgiApp


def application() -> WsgiApp:
    """moto's dispatcher with the sandbox's backends, repairs and settings."""
    register()
    gaps.apply()
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["batch"] = {"use_docker": False}
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    remember_methods()
    remember_no_models()
    return Dispatcher()
