"""Random sequences of edits, kills and restarts over the real engine end as the last spec alone; seeds are printed."""

import random
from dataclasses import dataclass, field

import pytest

from tests.faults.budget import timed
from tests.faults.proxy import Rule, shaky
from tests.faults.sample import abreast, converged, manifest
from tests.faults.site import Site

SEEDS = tuple(range(4100, 4120))
ABREAST = 4
_STEPS = 4
NOTES = ("first", "second", "third")


@dataclass
class Play:
    """One environment and what happens to it."""

    site: Site
    seed: int
    told: list[str] = field(default_factory=list)
    trouble: Rule | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - so that a seed tells the same story again
        self.stage = f"eph-{self.seed}"
        self.last = (1, "first")

    def edit(self) -> None:
        self.last = (self.chance.randint(0, 3), self.chance.choice(NOTES))
        self.site.deployed.apply(manifest(self.stage, queues=self.last[0], note=self.last[1]))

    def kill_engine(self) -> None:
        self.site.kill_engine(self.stage)

    def kill_run(self) -> None:
        self.site.kill_run(self.stage)

    def kill_operator(self) -> None:
        self.site.operators[-1].kill()
        self.site.start()

    def shake(self) -> None:
        """AWS fails every third call until the next step of this environment."""
        self.trouble = shaky(self.seed)
        self.site.proxy.rules.append(self.trouble)

    def wait_for_a_run(self) -> None:
        self.site.until(
            f"a run of {self.stage}",
            lambda: self.site.engines(self.stage) or self.site.deployed.status(self.stage).get("phase") == "Ready",
        )

    def step(self) -> None:
        """One thing that happens, told by name."""
        self.calm()
        acts = (self.edit, self.edit, self.kill_engine, self.kill_run, self.kill_operator, self.shake)
        weights = (2, 2, 3, 3, 1, 2)
        self.wait_for_a_run()
        act = self.chance.choices(acts, weights)[0]
        self.told.append(act.__name__)
        act()

    def calm(self) -> None:
        """AWS answers again."""
        if self.trouble:
            self.site.proxy.rules.remove(self.trouble)
            self.trouble = None


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seeds", abreast(SEEDS, ABREAST), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_a_random_sequence_ends_as_the_last_spec_alone(site: Site, seeds: tuple[int, ...]) -> None:
    if not site.operators:
        site.start()
    plays = [Play(site, seed) for seed in seeds]
    with timed(f"random sequences, seeds {seeds[0]} to {seeds[-1]}"):
        for play in plays:
            play.edit()
        for _ in range(_STEPS):
            for play in plays:
                play.step()
        for play in plays:
            play.calm()
            play.edit()
            print(f"seed {play.seed}: {', '.join(play.told)}, at last {play.last}")
        for play in plays:
            site.deployed.tradai("retry", play.stage)
            converged(site, play.stage, queues=play.last[0], note=play.last[1])
