"""The private registry of Python packages (001 §4 codeartifact.py): its components' names are in no document.

Must never format a name: `naming` spells domain and repository.
"""

from typing import Final

from tradai_iac.base import Frozen


class Packages(Frozen):
    """Components of the CodeArtifact domain and of the one repository in it."""

    domain: str = "packages"
    repository: str = "python"


PACKAGES: Final = Packages()
