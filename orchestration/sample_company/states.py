"""Play the weekly latent state of every account, whether it stays or not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.sample_company.parameters import Parameters

CAUSES = ("value_lost", "champion_left", "friction", "slow_support", "not_onboarded")
NEVER = 9999


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
    champion_present: np.ndarray
    wanted_users: np.ndarray
    hazard: np.ndarray
    causes: np.ndarray
    champion_left_week: np.ndarray
    champion_replaced_week: np.ndarray
    onboarded_week: np.ndarray


def lagged_mean(history: np.ndarray, week: int, lead: tuple[int, int]) -> np.ndarray:
    """Average the weeks `week - lead[1]` to `week - lead[0]` that exist."""
    begin, end = max(0, week - lead[1]), week - lead[0] + 1
    if end <= begin:
        return np.zeros(history.shape[0])
    return history[:, begin:end].mean(axis=1)


def play_states(accounts: pd.DataFrame, seed: int, parameters: Parameters) -> States:
    """Play all weeks of the window for all `accounts`."""
    p = parameters
    rng = np.random.default_rng([seed, 2])
    count = len(accounts)
    weeks = ((p.last_day - p.first_day).days + 1 + 6) // 7
    start_week = accounts["start"].to_numpy() // 7
    fit = accounts["fit"].to_numpy()
    growth = accounts["growth"].map({"low": 0.6, "medium": 1.0, "high": 1.7}).to_numpy()

    grid = {
        name: np.zeros((count, weeks))
        for name in ("usage", "value", "friction", "slowness", "wanted", "hazard")
    }
    present = np.ones((count, weeks), dtype=bool)
    causes = np.zeros((count, weeks, len(CAUSES)))
    usage, value = np.full(count, 0.25), np.full(count, 0.35)
    friction, slowness, slump = np.zeros(count), np.zeros(count), np.zeros(count)
    wanted = accounts["seats"].to_numpy() * rng.uniform(0.62, 0.98, count)
    left, replaced = np.full(count, NEVER), np.full(count, NEVER)
    onboarded = np.full(count, NEVER)

    for week in range(weeks):
        age = week - start_week
        alive = age >= 0
        friction = friction * p.friction_decay + (
            (rng.random(count) < p.friction_probability) * rng.uniform(0.5, 1.1, count)
        )
        slowness = slowness * p.slowness_decay + (
            (rng.random(count) < p.slowness_probability) * rng.uniform(0.5, 1.0, count)
        )
        slump = slump * p.slump_decay + (
            alive
            * (rng.random(count) < p.slump_probability)
            * rng.uniform(0.4, 1.0, count)
            * p.slump_depth
        )
        leaves = (
            alive
            & (age > 6)
            & (left == NEVER)
            & (rng.random(count) < p.champion_leaves_probability)
        )
        back = np.where(
            rng.random(count) < p.champion_replaced_share,
            week + rng.integers(6, 20, count),
            NEVER,
        )
        left = np.where(leaves, week, left)
        replaced = np.where(leaves, back, replaced)
        gone = (left <= week) & (week < replaced)

        target = (
            fit
            - slump
            - p.champion_usage_loss * gone
            - p.friction_usage_loss * friction
        )
        usage = np.where(
            alive,
            np.clip(
                usage + 0.20 * (target - usage) + 0.035 * rng.normal(size=count),
                0.02,
                1.0,
            ),
            usage,
        )
        arrives = (
            alive
            & (onboarded == NEVER)
            & (rng.random(count) < p.onboarding_probability * usage * 1.4)
        )
        onboarded = np.where(arrives, week, onboarded)
        is_onboarded = onboarded <= week
        reach = usage * np.where(is_onboarded, 1.0, 0.7)
        value = np.where(alive, value + p.value_follows_usage * (reach - value), value)
        drift = 0.011 * growth * (value - 0.42) + 0.008 * rng.normal(size=count)
        wanted = np.where(alive, wanted * np.exp(drift), wanted)

        grid["usage"][:, week], grid["value"][:, week] = usage, value
        grid["friction"][:, week], grid["slowness"][:, week] = friction, slowness
        grid["wanted"][:, week] = wanted
        present[:, week] = ~gone

        since_left = week - left
        first, last = p.champion_lead_weeks
        causes[:, week, 0] = p.value_effect * np.maximum(
            0.55 - grid["value"][:, max(0, week - p.value_lag_weeks)], -0.25
        )
        causes[:, week, 1] = p.champion_effect * (
            (left != NEVER) & (since_left >= first) & (since_left <= last)
        )
        causes[:, week, 2] = p.friction_effect * lagged_mean(
            grid["friction"], week, p.friction_lead_weeks
        )
        causes[:, week, 3] = p.slowness_effect * lagged_mean(
            grid["slowness"], week, p.slowness_lead_weeks
        )
        causes[:, week, 4] = p.not_onboarded_effect * (
            ~is_onboarded & (age >= p.not_onboarded_after_weeks)
        )
        grid["hazard"][:, week] = np.where(
            age >= 4,
            np.minimum(
                p.base_hazard * np.exp(causes[:, week].sum(axis=1)), p.highest_hazard
            ),
            0.0,
        )
    return States(
        usage=grid["usage"],
        value=grid["value"],
        friction=grid["friction"],
        slowness=grid["slowness"],
        champion_present=present,
        wanted_users=grid["wanted"],
        hazard=grid["hazard"],
        causes=causes,
        champion_left_week=left,
        champion_replaced_week=replaced,
        onboarded_week=onboarded,
    )
