"""Backends for the AWS services that moto lacks, written as moto's own are and registered beside them.

Must never replace a backend that moto has: once moto gains one of these, the row here goes.
"""

import importlib
import re
import sys

from moto import backend_index

#: moto's name of a service, and the package here that holds its models, responses and urls.
EXTENSIONS = {"codeartifact": "tradai_sandbox.moto_ext.codeartifact"}


def register() -> None:
    """Make moto's server find every extension; calling it twice changes nothing.

    moto imports `moto.<service>` and matches hosts against a generated index: both get the extension's row.
    """
    known = {service for service, _ in backend_index.backend_url_patterns}
    for service, package in EXTENSIONS.items():
        if service in known:
            continue
        sys.modules[f"moto.{service}"] = importlib.import_module(f"{package}.models")
        bases = importlib.import_module(f"{package}.urls").url_bases
        backend_index.backend_url_patterns.extend((service, re.compile(base)) for base in bases)
