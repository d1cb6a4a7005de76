"""The code of functions that go in inline, from their one source in `lambdas/`.

Must never take what running the code leaves behind (caches): equal sources must give equal archives.
"""

from pathlib import Path
from typing import Final

import pulumi

import tradai_iac

#: `lambdas/` lies beside `iac/`, in a checkout and in the operator's image alike.
SOURCES: Final = Path(tradai_iac.__file__).resolve().parents[2] / "lambdas"


def package_of(function: str) -> str:
    """The Python package of a function: `update_nat_routes` for `update-nat-routes`."""
    return function.replace("-", "_")


def handler_of(function: str) -> str:
    """What Lambda calls: `update_nat_routes.handler.handle`."""
    return f"{package_of(function)}.handler.handle"


def archive(function: str, sources: Path = SOURCES) -> pulumi.AssetArchive:
    """The function's package as an archive; raises FileNotFoundError where there is none."""
    package = sources / package_of(function)
    files = sorted(package.rglob("*.py"))
    if not files:
        raise FileNotFoundError(f"no source of {function} in {package}")
    return pulumi.AssetArchive({path.relative_to(sources).as_posix(): pulumi.FileAsset(str(path)) for path in files})
