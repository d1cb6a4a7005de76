"""Spells the state backend: its address for the engine, its bucket, and where things lie inside it.

Must never talk to AWS: `store` does.
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


def locks_prefix(project: str, stack: str) -> str:
    """Where the engine keeps the locks of one stack."""
    return f".pulumi/locks/{ORGANIZATION}/{project}/{stack}/"


def state_key(project: str, stack: str) -> str:
    """Where the engine keeps the state of one stack."""
    return f".pulumi/stacks/{project}/{stack}.json"


def run_key(project: str, stack: str, run_id: str, file: str) -> str:
    """Where we keep what a run leaves behind."""
    return f".tradai/runs/{project}/{stack}/{run_id}/{file}"


def plan_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep the plan that a preview run made, for people to read."""
    return run_key(project, stack, run_id, "plan.json")


def engine_plan_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep what binds the engine to that plan; its secrets are encrypted with the state's passphrase."""
    return run_key(project, stack, run_id, "update-plan.json")


def latest_run_key(project: str, stack: str) -> str:
    """Where we keep the id of the newest finished run of one stack."""
    return f".tradai/runs/{project}/{stack}/latest"


def owner_key(project: str, stack: str) -> str:
    """Where we keep whose a stack is."""
    return f".tradai/owner/{project}/{stack}.json"


def stood_key(project: str, stack: str) -> str:
    """Where our runs keep whether a stack stands."""
    return f".tradai/stood/{project}/{stack}.json"


def fence_prefix(project: str, stack: str, cluster: str) -> str:
    """Where we keep which leaderships of a cluster's operator have worked on a stack."""
    return f".tradai/fences/{project}/{stack}/{cluster}/"


def drift_key(project: str, stack: str, kind: str) -> str:
    """Where we keep what the newest look for drift found: its report (`json`) and its log (`log`)."""
    return f".tradai/drift/{project}/{stack}.{kind}"


def repair_key(project: str, stack: str) -> str:
    """Where we keep what a repair set out to do."""
    return f".tradai/repairs/{project}/{stack}.json"


def looks_key(project: str, stack: str) -> str:
    """Where we keep since when a repair has looked in vain."""
    return f".tradai/repairs/{project}/{stack}.looks.json"


def opened_key(project: str, stack: str, run_id: str) -> str:
    """Where it is noted that a run has begun to write a state, until it says that all of it is there."""
    return f"{opened_prefix(project, stack)}{run_id}.json"


def opened_prefix(project: str, stack: str) -> str:
    """Where all of those lie."""
    return f".tradai/repairs/{project}/{stack}.opened/"


def backup_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep the state as it was before a run mended it."""
    return f".tradai/backups/{project}/{stack}/{run_id}.json"


def unsaved_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep the state that a run could not save, since somebody else had written it meanwhile."""
    return f".tradai/unsaved/{project}/{stack}/{run_id}.json"


def preflight_key(project: str, stack: str) -> str:
    """Where a pre-flight tries to write; what a run that died there left is the next one's to take away."""
    return f".tradai/preflight/{project}/{stack}"


def history_prefix(system: str, environment: str) -> str:
    """Where we keep what an environment was: the manifest and images of each success of the whole."""
    return f".tradai/history/{system}/{environment}/"


def stack_reference(project: str, stack: str) -> str:
    """The full name of a stack (001 §10), `organization/tradai-persistent/dev`."""
    return f"{ORGANIZATION}/{project}/{stack}"


def journal_key(project: str, stack: str, run_id: str, file: str) -> str:
    """Where a run elsewhere and whoever started it meet; gone once its result was taken."""
    return run_key(project, stack, run_id, f"journal/{file}")


def journal_prefix(project: str, stack: str, run_id: str) -> str:
    """Where all of that lies."""
    return journal_key(project, stack, run_id, "")


def deaths_prefix(project: str, stack: str) -> str:
    """Where we keep which runs of one stack were proven dead."""
    return f".tradai/dead/{project}/{stack}/"
