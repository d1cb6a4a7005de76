"""moto's dispatcher, which remembers what it found out, and models that it does not remember.

moto looks for the backend of each call among the folders of its package and a hundred patterns, and lists the
methods of the response class: a quarter of a call's time, under a lock. Both depend on nothing that changes.
Must never remember anything that depends on a request's content.
"""

import functools
from typing import Any

from moto.core import responses
from moto.core.common_models import BaseModel
from moto.core.utils import method_names_from_class
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app


class Dispatcher(DomainDispatcherApplication):
    """The application of every service, found once a host name."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._backend_for_host = functools.cache(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        """The service behind `host`, None where no backend knows it."""
        return self._backend_for_host(host)


_method_names = functools.cache(method_names_from_class)


def remember_methods() -> None:
    """Let moto list the methods of a response class once; calling it twice changes nothing."""
    # moto binds the name where it uses it, hence the assignment there.
    responses.method_names_from_class = _method_names  # type: ignore[attr-defined]


def remember_no_models() -> None:
    """Let what is gone go: moto lists every object that it ever made, for a page that nobody here looks at."""
    BaseModel.__new__ = _make  # type: ignore[method-assign]


def _make(cls: type[BaseModel], *_args: Any, **_kwargs: Any) -> BaseModel:
    return object.__new__(cls)
