"""Which image a workload runs: its repository's address and a digest.

Must never refer to a tag: what runs would change without a diff, and two tasks of one definition could differ.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

#: Component name → address of its repository, without tag.
Repositories = pulumi.Input[Mapping[str, pulumi.Input[str]]]


def image_uri(component: str, repositories: Repositories, digests: Mapping[str, str]) -> pulumi.Output[str]:
    """`{repository}@sha256:…` of an image by its component name (`config.images`).

    Raises KeyError, naming the component, where no digest of it was handed in; so does the output's resolution where
    there is no repository.
    """
    if component not in digests:
        raise KeyError(f"no image of {component}: push one to its repository first")
    digest = digests[component]

    def located(known: Mapping[str, Any]) -> str:
        if component not in known:
            raise KeyError(f"no repository of {component} among the exports of persistent")
        return f"{known[component]}@{digest}"

    return pulumi.Output.from_input(repositories).apply(located)
