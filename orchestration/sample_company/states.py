"""Play the weekly latent state of every account, whether it stays or not.

A play can be taken up again from any week, to ask what could have followed.
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from orchestration.sample_company.parameters import Parameters

CAUSES = ("value_lost", "champion_left", "friction", "slow_support", "not_onboarded")
NEVER = 9999
SUCCESSOR_WEEKS = (6, 20)  # after the champion left; the last is exclusive


@dataclass(frozen=True, slots=True)
class Traits:
    """Hold what never changes of each account, in the terms of its weekly play."""

    start_week: np.ndarray
    fit: np.ndarray
    growth: np.ndarray

    def rows(self, chosen: np.ndarray) -> "Traits":
        """Return the traits of chosen accounts, each as often as it is chosen."""
        return Traits(self.start_week[chosen], self.fit[chosen], self.growth[chosen])


@dataclass(frozen=True, slots=True)
class Latent:
    """Hold one week of latent state: all that the weeks after it depend on.

    Week numbers of single happenings use 9999 for never. A successor's week is drawn
    when a champion leaves.
    """

    usage: np.ndarray
    value: np.ndarray
    friction: np.ndarray
    slowness: np.ndarray
    slump: np.ndarray
    wanted: np.ndarray
    left: np.ndarray
    replaced: np.ndarray
    onboarded: np.ndarray

    def rows(self, chosen: np.ndarray) -> "Latent":
        """Return the state of chosen accounts, each as often as it is chosen."""
        return Latent(*(getattr(self, f.name)[chosen] for f in fields(self)))


@dataclass(frozen=True, slots=True)
class States:
    """Hold latent state as arrays of accounts by weeks since the first day.

    `usage`, `value`, `friction` and `slowness` are 0 to about 1, `wanted_users` is
    people who would use the product, `hazard` is per week, `causes` adds a last axis
    in the order of `CAUSES`. Week numbers of single happenings use 9999 for never.
    """

    usage: np.ndarray
    value: np.ndarray
    friction: np.ndarray
    slowness: np.ndarray
    slump: np.ndarray
    champion_present: np.ndarray
    wanted_users: np.ndarray
    hazard: np.ndarray
    causes: np.ndarray
    champion_left_week: np.ndarray
    champion_replaced_week: np.ndarray
    onboarded_week: np.ndarray

    def at(self, week: int) -> Latent:
        """Return the state at the end of `week`, without what happened after it."""
        left, onboarded = self.champion_left_week, self.onboarded_week
        return Latent(
            usage=self.usage[:, week],
            value=self.value[:, week],
            friction=self.friction[:, week],
            slowness=self.slowness[:, week],
            slump=self.slump[:, week],
            wanted=self.wanted_users[:, week],
            left=np.where(left <= week, left, NEVER),
            replaced=np.where(left <= week, self.champion_replaced_week, NEVER),
            onboarded=np.where(onboarded <= week, onboarded, NEVER),
        )


def lagged_mean(history: np.ndarray, week: int, lead: tuple[int, int]) -> np.ndarray:
    """Average the weeks `week - lead[1]` to `week - lead[0]` that exist."""
    begin, end = max(0, week - lead[1]), week - lead[0] + 1
    if end <= begin:
        return np.zeros(history.shape[0])
    return history[:, begin:end].mean(axis=1)


def traits_of(accounts: pd.DataFrame) -> Traits:
    """Read the traits that steer the weekly play."""
    growth = accounts["growth"].map({"low": 0.6, "medium": 1.0, "high": 1.7})
    return Traits(
        start_week=accounts["start"].to_numpy() // 7,
        fit=accounts["fit"].to_numpy(),
        growth=growth.to_numpy(),
    )


def opening(
    accounts: pd.DataFrame, rng: np.random.Generator, parameters: Parameters
) -> Latent:
    """Set the state before the first week."""
    count = len(accounts)
    return Latent(
        usage=np.full(count, 0.25),
        value=np.full(count, 0.35),
        friction=np.zeros(count),
        slowness=np.zeros(count),
        slump=np.zeros(count),
        wanted=accounts["seats"].to_numpy() * rng.uniform(0.62, 0.98, count),
        left=np.full(count, NEVER),
        replaced=np.full(count, NEVER),
        onboarded=np.full(count, NEVER),
    )


def played_week(
    before: Latent,
    week: int,
    traits: Traits,
    rng: np.random.Generator,
    parameters: Parameters,
) -> Latent:
    """Play one week from the state before it."""
    p, count = parameters, len(before.usage)
    age = week - traits.start_week
    alive = age >= 0
    friction = before.friction * p.friction_decay + (
        (rng.random(count) < p.friction_probability) * rng.uniform(0.5, 1.1, count)
    )
    slowness = before.slowness * p.slowness_decay + (
        (rng.random(count) < p.slowness_probability) * rng.uniform(0.5, 1.0, count)
    )
    slump = before.slump * p.slump_decay + (
        alive
        * (rng.random(count) < p.slump_probability)
        * rng.uniform(0.4, 1.0, count)
        * p.slump_depth
    )
    leaves = (
        alive
        & (age > 6)
        & (before.left == NEVER)
        & (rng.random(count) < p.champion_leaves_probability)
    )
    back = np.where(
        rng.random(count) < p.champion_replaced_share,
        week + rng.integers(*SUCCESSOR_WEEKS, count),
        NEVER,
    )
    left = np.where(leaves, week, before.left)
    replaced = np.where(leaves, back, before.replaced)
    gone = (left <= week) & (week < replaced)

    target = (
        traits.fit
        - slump
        - p.champion_usage_loss * gone
        - p.friction_usage_loss * friction
    )
    moved = before.usage + 0.20 * (target - before.usage)
    usage = np.where(
        alive,
        np.clip(moved + 0.035 * rng.normal(size=count), 0.02, 1.0),
        before.usage,
    )
    arrives = (
        alive
        & (before.onboarded == NEVER)
        & (rng.random(count) < p.onboarding_probability * usage * 1.4)
    )
    onboarded = np.where(arrives, week, before.onboarded)
    reach = usage * np.where(onboarded <= week, 1.0, 0.7)
    value = np.where(
        alive,
        before.value + p.value_follows_usage * (reach - before.value),
        before.value,
    )
    drift = 0.011 * traits.growth * (value - 0.42) + 0.008 * rng.normal(size=count)
    wanted = np.where(alive, before.wanted * np.exp(drift), before.wanted)
    return Latent(
        usage, value, friction, slowness, slump, wanted, left, replaced, onboarded
    )


def causes_of(
    now: Latent,
    week: int,
    traits: Traits,
    value: np.ndarray,
    friction: np.ndarray,
    slowness: np.ndarray,
    parameters: Parameters,
) -> np.ndarray:
    """Return what each cause adds to the log hazard of `week`, by account and cause.

    `value`, `friction` and `slowness` are the weeks up to and with this one.
    """
    p, at = parameters, value.shape[1] - 1
    since_left = week - now.left
    first, last = p.champion_lead_weeks
    lost = 0.55 - value[:, max(0, at - p.value_lag_weeks)]
    is_late = (now.onboarded == NEVER) & (
        week - traits.start_week >= p.not_onboarded_after_weeks
    )
    leads = (p.friction_lead_weeks, p.slowness_lead_weeks)
    return np.column_stack(
        [
            p.value_effect * np.maximum(lost, -0.25),
            p.champion_effect
            * ((now.left != NEVER) & (since_left >= first) & (since_left <= last)),
            p.friction_effect * lagged_mean(friction, at, leads[0]),
            p.slowness_effect * lagged_mean(slowness, at, leads[1]),
            p.not_onboarded_effect * is_late,
        ]
    )


def hazard_of(
    causes: np.ndarray, week: int, traits: Traits, parameters: Parameters
) -> np.ndarray:
    """Return the weekly hazard of giving notice; none in the first four weeks."""
    p = parameters
    hazard = np.minimum(p.base_hazard * np.exp(causes.sum(axis=1)), p.highest_hazard)
    return np.where(week - traits.start_week >= 4, hazard, 0.0)


def play_states(accounts: pd.DataFrame, seed: int, parameters: Parameters) -> States:
    """Play all weeks of the window for all `accounts`."""
    p, traits = parameters, traits_of(accounts)
    rng = np.random.default_rng([seed, 2])
    count = len(accounts)
    weeks = ((p.last_day - p.first_day).days + 1 + 6) // 7
    names = ("usage", "value", "friction", "slowness", "slump", "wanted", "hazard")
    grid = {name: np.zeros((count, weeks)) for name in names}
    present = np.ones((count, weeks), dtype=bool)
    causes = np.zeros((count, weeks, len(CAUSES)))
    now = opening(accounts, rng, p)
    for week in range(weeks):
        now = played_week(now, week, traits, rng, p)
        for name in names[:-1]:
            grid[name][:, week] = getattr(now, name)
        present[:, week] = ~((now.left <= week) & (week < now.replaced))
        until = slice(0, week + 1)
        causes[:, week] = causes_of(
            now,
            week,
            traits,
            grid["value"][:, until],
            grid["friction"][:, until],
            grid["slowness"][:, until],
            p,
        )
        grid["hazard"][:, week] = hazard_of(causes[:, week], week, traits, p)
    return States(
        usage=grid["usage"],
        value=grid["value"],
        friction=grid["friction"],
        slowness=grid["slowness"],
        slump=grid["slump"],
        champion_present=present,
        wanted_users=grid["wanted"],
        hazard=grid["hazard"],
        causes=causes,
        champion_left_week=now.left,
        champion_replaced_week=now.replaced,
        onboarded_week=now.onboarded,
    )
