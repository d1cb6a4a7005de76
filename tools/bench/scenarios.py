"""The scenarios, each a function from nothing to figures and samples.

Must never judge: a figure knows its target, the report shows both.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tools.bench.bed import MANIFEST, Bed, bed
from tools.bench.figures import Figure, critical_path, percentile
from tools.bench.watch import RunMemory
from tradai_iac.blueprints import TRADAI
from tradai_iac.runner.contract import RunResult
from tradai_iac.runner.journal import RunJournal
from tradai_sandbox import lifecycle
from tradai_sandbox.layout import CHECKOUT

Report = tuple[list[Figure], dict[str, Any]]
_MEBIBYTE = 1024 * 1024
_READS: Final = {layer.name: frozenset(layer.reads) for layer in TRADAI.layers}
_EDITS: Final = 12
_PATIENCE_SECONDS: Final = 120.0


def converge_at_80ms(_: float) -> Report:
    """From apply to Ready against the bare engine, with the latency of a region."""
    return _converge("80ms", 1.15, 0.85)


def converge_without_latency(_: float) -> Report:
    """The same with an endpoint that answers as fast as it can."""
    return _converge("0ms", None, None)


def _converge(latency: str, path_target: float | None, serial_target: float | None) -> Report:
    scenario = f"converge {latency}"
    with bed(latency=latency, operator=True) as place, RunMemory() as memory:
        began = time.monotonic()
        place.run("kubectl", "apply", "-f", str(MANIFEST))
        place.wait_ready()
        wall = time.monotonic() - began
        runs = {result.layer: result.finished_at - result.started_at for result in _results(place)}
        ours, resident = place.resources(), place.operator().memory_info().rss / _MEBIBYTE
    with bed(latency=latency, operator=False) as place:
        bare = {layer: place.bare(layer)[0] for layer in TRADAI.layer_names}
        theirs = place.resources()
    path, serial = critical_path(bare, _READS), sum(bare.values())
    figures = [
        Figure(scenario, "apply to Ready", wall, "s"),
        Figure(scenario, "critical path of the bare runs", path, "s"),
        Figure(scenario, "over the bare critical path", wall / path, "x", path_target),
        Figure(scenario, "over the bare runs one after the other", wall / serial, "x", serial_target),
        Figure(scenario, "added by the operator per layer of the path", (wall - critical_path(runs, _READS)) / 3, "s"),
        Figure(scenario, "AWS resources, ours", ours, ""),
        Figure(scenario, "AWS resources, bare", theirs, ""),
        Figure(scenario, "operator resident, one environment", resident, "MiB", 150),
        *[Figure(scenario, f"peak resident, {kind}", peak, "MiB") for kind, peak in memory.peaks.items()],
    ]
    return figures, {"runs": runs, "bare": bare, "wall": wall}


def _results(place: Bed) -> list[RunResult]:
    return [result for journal in place.journals() if (result := journal.result())]


def unchanged(minutes: float) -> Report:
    """What a Ready environment costs while nothing changes, over a restart; and that it is not blind."""
    with bed(latency="0ms", operator=True) as place:
        place.run("kubectl", "apply", "-f", str(MANIFEST))
        place.wait_ready()
        runs, writes = len(place.journals()), place.writes()
        idle = _idle_cpu(place, minutes * 60)
        restart = _restarted_cpu(place)
        figures = [
            Figure("unchanged", f"runs in {minutes:g} minutes and a restart", len(place.journals()) - runs, "", 0),
            Figure("unchanged", f"API writes in {minutes:g} minutes and a restart", place.writes() - writes, "", 0),
            Figure("unchanged", f"operator CPU in {minutes:g} minutes", idle, "s"),
            Figure("unchanged", "operator CPU of a restart", restart, "s"),
        ]
        seen = _not_blind(place)
        figures += [Figure("not blind", name, seconds, "s", 5.0) for name, seconds in seen.items()]
        place.run("kubectl", "delete", "tradaienv", "dev", "-n", "tradai", "--wait=false")
    with bed(latency="0ms", operator=False) as place:
        for layer in TRADAI.layer_names:
            place.bare(layer)
        engine = sum(place.bare(layer)[1] for layer in TRADAI.layer_names)
    figures += [
        Figure("unchanged", "CPU of four no-change runs of the bare engine", engine, "s"),
        Figure("unchanged", "less CPU than one such round", engine / max(idle, 0.01), "x", 200, "at least"),
    ]
    return figures, {"idle": idle, "restart": restart, "engine": engine, "not blind": seen}


def _idle_cpu(place: Bed, seconds: float) -> float:
    operator = place.operator()
    before = operator.cpu_times()
    time.sleep(seconds)
    after = operator.cpu_times()
    return float(after.user + after.system - before.user - before.system)


def _restarted_cpu(place: Bed) -> float:
    old = place.operator()
    old.terminate()
    old.wait(30)
    lifecycle.up(place.layout.root, lambda _: None)
    time.sleep(20)
    spent = place.operator().cpu_times()
    return float(spent.user + spent.system)


def _not_blind(place: Bed) -> dict[str, float]:
    """Seconds from a change to the first journal entry of the run that it causes."""

    def spec(**layers: Any) -> Callable[[], None]:
        configured = {name: {"config": config} for name, config in layers.items()}
        return lambda: place.patch("tradaienv", "dev", {"spec": {"layers": configured}})

    def secret() -> None:
        place.patch("secret", "tradai-secrets", {"stringData": {"jwt-secret": "another"}})

    seen = {"a changed Secret": _acted(place, "foundation", secret)}
    place.wait_ready()
    seen["a changed config"] = _acted(place, "edge", spec(edge={"corsAllowedOrigins": ["https://a.example"]}))
    place.wait_ready()
    seen["a changed spec"] = _acted(place, "persistent", spec(persistent={"strategyRepositories": ["momentum"]}))
    place.wait_ready()
    upstream = next(run for run in reversed(place.journals()) if run.path.parent.name == "persistent").result()
    reader = next(run for run in reversed(place.journals()) if run.path.parent.name == "compute")
    ended = upstream.finished_at if upstream else 0.0
    seen["a changed upstream output"] = (reader.path / "request.json").stat().st_mtime - ended
    return seen


def _acted(place: Bed, layer: str, change: Callable[[], None]) -> float:
    known = {run.path for run in place.journals()}
    began = time.time()
    change()
    run: RunJournal = _await(lambda: _new_run(place, layer, known))
    return (run.path / "request.json").stat().st_mtime - began


def _new_run(place: Bed, layer: str, known: set[Path]) -> RunJournal | None:
    return next((run for run in place.journals() if run.path not in known and run.path.parent.name == layer), None)


def _await(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := look()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("waited in vain")
        time.sleep(0.02)
    return found


def edit_to_engine(_: float) -> Report:
    """From an edit of the spec to the engine's first event."""
    with bed(latency="0ms", operator=True) as place:
        place.run("kubectl", "apply", "-f", str(MANIFEST))
        place.wait_ready()
        samples = [_first_event(place, number) for number in range(_EDITS)]
    return [
        Figure("edit", "spec edit to first engine event, median", percentile(samples, 0.5), "s"),
        Figure("edit", "spec edit to first engine event, p95", percentile(samples, 0.95), "s", 3.0),
    ], {"samples": samples}


def _first_event(place: Bed, number: int) -> float:
    known = {run.path for run in place.journals()}
    began = time.time()
    origins = {"corsAllowedOrigins": [f"https://a{number}.example"]}
    place.patch("tradaienv", "dev", {"spec": {"layers": {"edge": {"config": origins}}}})
    run = _await(lambda: _new_run(place, "edge", known))
    at: float = _await(lambda: _running_at(run))
    place.wait_ready()
    return at - began


def _running_at(run: RunJournal) -> float | None:
    progress = run.progress()
    return progress.at if progress and progress.phase == "running" else None


def demo(_: float) -> Report:
    """`make demo` in a fresh clone, binaries cached."""
    with tempfile.TemporaryDirectory(prefix="tradai-bench-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
        began = time.monotonic()
        ran = subprocess.run(["make", "demo"], cwd=clone, capture_output=True, text=True, check=False)
        wall = time.monotonic() - began
        subprocess.run(["make", "down"], cwd=clone, capture_output=True, check=False)
    print(ran.stdout[-3000:], file=sys.stderr)
    if ran.returncode:
        raise RuntimeError(f"make demo failed: {ran.stderr[-2000:]}")
    return [Figure("demo", "make demo, binaries cached", wall, "s", 90)], {"output": ran.stdout.splitlines()[-60:]}


SCENARIOS: Final[dict[str, Callable[[float], Report]]] = {
    "converge": converge_at_80ms,
    "converge-0": converge_without_latency,
    "edit": edit_to_engine,
    "demo": demo,
    "unchanged": unchanged,
}
