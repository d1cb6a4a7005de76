"""Bringing a sandbox up and taking it down.

Must never leave a process behind: what a failed or interrupted start began, it ends.
"""

import contextlib
import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tradai_sandbox import certificates, cluster, credentials
from tradai_sandbox.buckets import ensure_state_buckets
from tradai_sandbox.control import set_enforced, set_latency
from tradai_sandbox.ending import end, end_strays
from tradai_sandbox.errors import SandboxError
from tradai_sandbox.layout import Layout
from tradai_sandbox.services import FOUNDATION, WORKERS, Context, Service, apiserver, aws, operator
from tradai_sandbox.starter import Starter
from tradai_sandbox.state import SandboxState, load
from tradai_sandbox.variables import script, variables

Say = Callable[[str], None]


def up(
    root: Path,
    say: Say,
    latency: str | None = None,
    with_operator: bool | None = None,
    enforce_iam: bool | None = None,
) -> SandboxState:
    """Start what does not run yet, and give the state; None keeps what the last `up` chose.

    Raises SandboxError; whatever ends it early, Ctrl-C included, ends what it started.
    """
    layout = Layout(root.resolve())
    with _locked(layout):
        before = _recovered(layout, say)
        wanted = before or SandboxState()
        choices = {
            "latency": wanted.latency if latency is None else latency,
            "operator": wanted.operator if with_operator is None else with_operator,
            "enforce_iam": wanted.enforce_iam if enforce_iam is None else enforce_iam,
        }
        starter = Starter(layout, wanted.model_copy(update=choices))
        try:
            _start(starter, say)
        except BaseException:
            say("cleaning up after the failed start")
            end(layout) if before is None else starter.stop_started()
            raise
        return starter.state


def down(root: Path, say: Say) -> None:
    """End every process of the sandbox and remove its data; its logs stay until the next `up`."""
    layout = Layout(root.resolve())
    if not layout.root.exists():
        say(f"no sandbox in {layout.root}")
        return
    with _locked(layout):
        ended = end(layout)
        say(f"sandbox in {layout.root} is down ({ended} processes ended)")


@contextlib.contextmanager
def _locked(layout: Layout) -> Iterator[None]:
    if layout.root.exists() and any(layout.root.iterdir()) and not layout.lock.exists():
        raise SandboxError(f"{layout.root} has other things in it: name a new directory with --dir")
    layout.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    layout.root.chmod(0o700)  # also where it was there before: etcd's sockets are in it
    with layout.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(f"another command is changing the sandbox in {layout.root}") from None
        yield


def _recovered(layout: Layout, say: Say) -> SandboxState | None:
    """The state of a sandbox that was up once; what a killed start left behind is ended first."""
    state = load(layout.state)
    if state and state.complete:
        return state
    if end(layout):
        say("an earlier start was cut off: its processes are ended")
    shutil.rmtree(layout.root / "logs", ignore_errors=True)
    return None


def _start(starter: Starter, say: Say) -> None:
    context = _context(starter)
    behind = starter.behind(FOUNDATION, context)
    # One look decides both: an endpoint that is started anew has forgotten, however late the old one died.
    starter.keep(forgotten=starter.state.forgotten or (starter.state.complete and aws.SERVICE in behind))
    if starter.state.forgotten:
        say("the AWS endpoint had ended, and with it every resource and the state buckets")
        starter.stop(operator.NAME)
        end_strays(starter.layout, starter.state)
    starter.start(behind, context)
    _prepare(starter, behind, context, say)
    if not starter.state.operator:
        starter.stop(operator.NAME)
    wanted = [service for service in WORKERS if starter.state.operator or service.name != operator.NAME]
    starter.start(workers := starter.behind(wanted, context), context)
    behind += workers
    starter.await_ready(wanted, context)
    starter.keep(complete=True)
    names = ", ".join(service.name for service in behind)
    say(f"sandbox in {starter.layout.root} is up ({f'started {names}' if names else 'nothing was amiss'})")


def _context(starter: Starter) -> Context:
    layout = starter.layout
    context = Context(layout, starter.choose_ports(), credentials.ensure(layout.credentials))
    certificates.ensure(layout.certificates)
    apiserver.prepare(context)
    cluster.write_kubeconfigs(context)
    layout.env.unlink(missing_ok=True)
    credentials.write_private(layout.env, script(variables(context)))
    return context


def _prepare(starter: Starter, behind: list[Service], context: Context, say: Say) -> None:
    starter.await_ready([aws.SERVICE], context)
    ensure_state_buckets(context)
    set_latency(context, starter.state.latency)
    set_enforced(context, starter.state.enforce_iam)
    starter.await_ready(behind, context)
    cluster.prepare(context)
    if starter.state.forgotten:
        for name in cluster.forget_environments(context):
            say(f"  {name} starts afresh")
        starter.keep(forgotten=False)
