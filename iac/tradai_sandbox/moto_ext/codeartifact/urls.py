"""The addresses of CodeArtifact's API, for moto's dispatcher.

Must never decide anything: one handler takes all, and the service model tells the operation.
"""

from .responses import CodeArtifactResponse

url_bases = [r"https?://codeartifact\.(.+)\.amazonaws\.com"]

url_paths = {
    f"{{0}}/v1/{path}$": CodeArtifactResponse.dispatch
    for path in (
        "domain",
        "domains",
        "repository",
        "repositories",
        "domain/repositories",
        "repository/endpoint",
        "tag",
        "tags",
        "untag",
    )
}
