"""A reference to an image, as a layer's configuration amounts to it before any of it is built.

Must never ask a registry: whether an image is there is for others to find out.
"""

from tradai_iac.base import Frozen


class ImageRef(Frozen):
    """One image: the repository's component name (`naming.path` spells it), its tag, who builds it.

    `folder` is where its Dockerfile is, below the checkout; '' where the kind and the component say it.
    """

    component: str
    tag: str
    kind: str
    folder: str = ""
