"""Spells the state backend: its address for the engine, its bucket and folder, and the full names of stacks in it.

Pure. Must never talk to AWS, nor know what anybody keeps in the bucket.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

#: Pulumi's name for the only organisation of a self-managed backend (001 §10).
ORGANIZATION = "organization"


def engine_url(backend_url: str, region: str, endpoint_url: str | None) -> str:
    """The backend's URL as the engine needs it: with the region, and with the endpoint where AWS is elsewhere.

    The manifest stays the same on a laptop and in production; what a person wrote in the query wins.
    """
    parts = urlsplit(backend_url)
    if parts.scheme != "s3":
        return backend_url
    query = {"region": region}
    if endpoint_url:
        endpoint = urlsplit(endpoint_url)
        query |= {"endpoint": endpoint_url, "s3ForcePathStyle": "true"}
        if endpoint.scheme == "http":
            query["disableSSL"] = "true"
    query |= dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=urlencode(query, safe=":/")))


def bucket_of(backend_url: str) -> str | None:
    """The bucket of an s3:// backend, None for any other."""
    parts = urlsplit(backend_url)
    return parts.netloc if parts.scheme == "s3" else None


def prefix_of(backend_url: str) -> str:
    """The key prefix of an s3:// backend that lives in a folder of its bucket, '' or 'folder/'."""
    path = urlsplit(backend_url).path.strip("/")
    return f"{path}/" if path else ""


def stack_reference(project: str, stack: str) -> str:
    """The full name of a stack (001 §10), `organization/tradai-persistent/dev`."""
    return f"{ORGANIZATION}/{project}/{stack}"
