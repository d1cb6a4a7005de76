"""Asks services how they are, all at once. Must never follow a redirect, read a body, or wait for longer than told."""

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, NameResolutionError

from health_check.logic import Answer
from shared.deployed import DEPLOYED

_TIMEOUT: Final = float(DEPLOYED.watching.health_timeout_seconds)
#: What a resolver says of a name that is not there; anything else says that it could not be asked.
_NO_SUCH_NAME: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def ask_all(urls: Mapping[str, str]) -> dict[str, Answer]:
    """Service → what asking came to."""
    with ThreadPoolExecutor(max_workers=max(len(urls), 1)) as threads:
        return dict(zip(urls, threads.map(ask, urls.values()), strict=True))


def ask(url: str) -> Answer:
    """One request, of which the status line counts."""
    timeout = urllib3.Timeout(total=_TIMEOUT)
    try:
        with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
            answer = pool.request("GET", url, redirect=False, preload_content=False)
            answer.close()
            return Answer(kind="answered", code=answer.status)
    except NameResolutionError as error:
        return _nameless(error)
    except LocationParseError as error:
        return Answer(kind="unasked", why=str(error))
    except (HTTPError, OSError) as error:
        return Answer(kind="silent", why=_short(error))


def _nameless(error: NameResolutionError) -> Answer:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME:
        return Answer(kind="nameless")
    return Answer(kind="unasked", why=_short(error))


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
