"""Play product events of the people who use the product while it is served."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.sample_company.calendar_days import instants
from orchestration.sample_company.parameters import MILESTONES, Parameters
from orchestration.sample_company.states import States
from orchestration.sample_company.subscriptions import Subscription, phase_intervals

FEATURES = np.array(
    [
        "dashboard_viewed",
        "report_created",
        "report_shared",
        "workflow_automated",
        "data_imported",
        "export_downloaded",
        "alert_configured",
        "integration_connected",
        "api_called",
        "user_invited",
        "logged_in",
        "error_shown",
    ]
)
LOGIN, ERROR = 10, 11
FEATURE_ORDER = {
    "reporting": [0, 1, 2, 5, 4, 6, 9, 3, 7, 8],
    "automation": [0, 3, 6, 7, 1, 4, 8, 5, 2, 9],
    "integration": [0, 4, 8, 7, 1, 5, 3, 6, 2, 9],
    "collaboration": [0, 2, 9, 1, 5, 6, 4, 3, 7, 8],
}
WEEKDAY_WEIGHT = np.array([1.0, 1.08, 1.1, 1.05, 0.85, 0.12, 0.10])
SERVED = ("trialing", "active", "past_due")
PROPERTIES = np.array(
    ['{"client": "web"}', '{"client": "mobile"}', '{"client": "api"}'], dtype=object
)


@dataclass(frozen=True, slots=True)
class Service:
    """Hold seats in service as an array of accounts by days; 0 is not served."""

    seats: np.ndarray


def service_of(subscriptions: list[Subscription], accounts: int, days: int) -> Service:
    """Lay main item quantities on days where the product was served."""
    seats = np.zeros((accounts, days), dtype="int32")
    for subscription in subscriptions:
        if subscription.is_second:
            continue
        served = [
            (begin, days if until is None else until)
            for begin, until, status in phase_intervals(subscription)
            if status in SERVED
        ]
        for version in subscription.main.versions:
            until = days if version.valid_to is None else version.valid_to
            for begin, end in served:
                first, stop = max(begin, version.valid_from), min(end, until, days)
                if stop > first:
                    seats[subscription.account, first:stop] = version.quantity
    return Service(seats)


def play_events(
    accounts: pd.DataFrame,
    states: States,
    service: Service,
    seed: int,
    parameters: Parameters,
) -> pd.DataFrame:
    """Make the clean events of some accounts, sorted, without any mess.

    Columns: `number` (account), `user_id`, `user_key` (bigint), `event` (code into
    `FEATURES`), `day`, `second`.
    """
    numbers = accounts["number"].to_numpy()
    rng = np.random.default_rng([seed, 5, int(numbers[0])])
    days = service.seats.shape[1]
    week_of = np.arange(days) // 7
    seats = service.seats[numbers]
    wanted = np.ceil(states.wanted_users[numbers][:, week_of]).astype("int32")
    people = np.minimum(np.where(seats > 0, wanted, 0), seats)
    users_per_account = seats.max(axis=1)

    position = np.repeat(np.arange(len(numbers)), users_per_account)
    first_user = np.cumsum(users_per_account) - users_per_account
    user_number = np.arange(len(position)) - first_user[position]
    propensity = np.exp(rng.normal(0.0, 0.45, len(position)))
    propensity = np.where(user_number == 0, 1.6, propensity)

    rate = (
        0.22 * states.usage[numbers][:, week_of] * WEEKDAY_WEIGHT[np.arange(days) % 7]
    )
    chance = rate[position] * propensity[:, None]
    chance *= user_number[:, None] < people[position]
    present = states.champion_present[numbers][:, week_of]
    chance *= (user_number != 0)[:, None] | present[position]
    active_user, active_day = np.nonzero(
        rng.random(chance.shape, dtype=np.float32) < chance
    )
    del chance
    login = (
        accounts["login_rate"].to_numpy()[:, None] * WEEKDAY_WEIGHT[np.arange(days) % 7]
    )
    login_chance = login[position] * (user_number[:, None] < seats[position])
    login_user, login_day = np.nonzero(
        rng.random(login_chance.shape, dtype=np.float32) < login_chance
    )
    del login_chance

    account_of, week = position[active_user], week_of[active_day]
    usage = states.usage[numbers][account_of, week]
    actions = 1 + rng.poisson(0.7 + 1.2 * usage)
    errors = rng.poisson(0.02 + 0.55 * states.friction[numbers][account_of, week])
    event_user, event_day = (
        np.repeat(active_user, actions),
        np.repeat(active_day, actions),
    )
    codes = chosen_features(
        accounts, states, position[event_user], user_number[event_user], event_day, rng
    )
    user = np.concatenate([event_user, np.repeat(active_user, errors), login_user])
    day = np.concatenate([event_day, np.repeat(active_day, errors), login_day])
    code = np.concatenate(
        [codes, np.full(errors.sum(), ERROR), np.full(len(login_user), LOGIN)]
    )
    replaced = states.champion_replaced_week[numbers][position[user]]
    is_successor = (user_number[user] == 0) & (week_of[day] >= replaced)
    key = numbers[position[user]] * 100_000 + user_number[user] * 10 + is_successor
    frame = pd.DataFrame(
        {
            "number": numbers[position[user]],
            "user_key": key,
            "event": code.astype("int16"),
            "day": day.astype("int32"),
            "second": rng.integers(7 * 3600, 19 * 3600, len(user)),
        }
    )
    order = np.lexsort(
        [frame[column] for column in ("event", "user_key", "second", "day")]
    )
    return frame.iloc[order].reset_index(drop=True)


def chosen_features(
    accounts: pd.DataFrame,
    states: States,
    position: np.ndarray,
    user_number: np.ndarray,
    day: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Choose a feature per event: value widens the choice, onboarding opens the key.

    Before an account is onboarded only its champion touches the key feature of the
    desired outcome, so that no milestone is met early.
    """
    numbers = accounts["number"].to_numpy()
    orders = np.array([FEATURE_ORDER[o] for o in accounts["outcome"]])
    week = day // 7
    breadth = 2 + np.floor(8 * states.value[numbers][position, week])
    draw = rng.random(len(position)) ** 1.5
    rank = np.minimum(np.floor(draw * breadth), 9).astype(int)
    onboarded = states.onboarded_week[numbers][position]
    fresh = (week >= onboarded) & (week < onboarded + 4)
    rank = np.where(fresh & (rng.random(len(position)) < 0.25), 1, rank)
    is_early = (week < onboarded) & (rank == 1) & (user_number > 0)
    is_late_champion = (
        (week < onboarded)
        & (rank == 1)
        & (states.champion_left_week[numbers][position] <= week)
    )
    rank = np.where(is_early | is_late_champion, 0, rank)
    return orders[position, rank]


def user_ids(user_key: pd.Series) -> np.ndarray:
    """Name users: account number, user number, and `b` for a successor."""
    unique, inverse = np.unique(user_key.to_numpy(), return_inverse=True)
    names = np.array(
        [
            f"usr_{key // 100_000:06d}_{key // 10 % 10_000:04d}{'b' * (key % 10)}"
            for key in unique.tolist()
        ],
        dtype=object,
    )
    return names[inverse]


def land_tracks(
    events: pd.DataFrame,
    workspaces: pd.DataFrame,
    seed: int,
    parameters: Parameters,
    chunk: int,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Land events as Segment tracks with their mess, and count the mess.

    `workspaces` has `number`, `workspace`, `old_workspace`, `old_until` (day): events
    before that day were recorded under the old workspace.
    """
    p = parameters
    rng = np.random.default_rng([seed, 6, chunk])
    count = len(events)
    last = (p.last_day - p.first_day).days
    names = workspaces.set_index("number").loc[events["number"]]
    is_old = events["day"].to_numpy() < names["old_until"].to_numpy()
    workspace = np.where(
        is_old, names["old_workspace"].to_numpy(), names["workspace"].to_numpy()
    )
    occurred = instants(events["day"], events["second"].to_numpy())
    is_late = rng.random(count) < p.late_event_share
    delay = np.where(
        is_late, rng.integers(6 * 3600, 5 * 86_400, count), rng.integers(1, 90, count)
    )
    key = events["user_key"].to_numpy()
    unique_keys = np.unique(key)
    skewed = unique_keys[rng.random(len(unique_keys)) < p.skewed_user_share]
    hours = rng.choice([-26, -3, 2, 49], len(skewed))
    skew = np.zeros(count, dtype="int64")
    if len(skewed):
        found = np.minimum(np.searchsorted(skewed, key), len(skewed) - 1)
        skew = np.where(skewed[found] == key, hours[found] * 3600, 0)
    tracks = pd.DataFrame(
        {
            "id": [f"evt_{chunk:03d}_{number:09d}" for number in range(count)],
            "context_group_id": workspace,
            "user_id": user_ids(events["user_key"]),
            "event": FEATURES.astype(object)[events["event"].to_numpy()],
            "original_timestamp": occurred + pd.to_timedelta(skew, unit="s"),
            "timestamp": occurred,
            "received_at": occurred + pd.to_timedelta(delay, unit="s"),
            "properties": PROPERTIES[rng.choice(3, count, p=[0.8, 0.15, 0.05])],
        }
    )
    is_twice = rng.random(count) < p.duplicate_event_share
    again = tracks.loc[is_twice].copy()
    resent = rng.random(len(again)) < 0.5
    again["received_at"] += pd.to_timedelta(
        np.where(resent, rng.integers(60, 40_000, len(again)), 0), unit="s"
    )
    orphans = tracks.iloc[rng.choice(count, min(12, count), replace=False)].assign(
        id=lambda frame: [f"evt_{chunk:03d}_x{n:08d}" for n in range(len(frame))],
        context_group_id="ws_unknown",
    )
    end = instants(pd.Series([last + 1])).iloc[0]
    landed = pd.concat([tracks, again, orphans], ignore_index=True)
    landed = landed.loc[landed["received_at"] < end].sort_values(
        "received_at", ignore_index=True, kind="stable"
    )
    mess = {
        "late_events": int(is_late.sum()),
        "duplicate_events": int(landed["id"].duplicated().sum()),
        "skewed_events": int((skew != 0).sum()),
        "orphan_events": len(orphans),
        "events_of_merged_workspace": int(is_old.sum()),
    }
    return landed, mess


def value_reached(events: pd.DataFrame, accounts: pd.DataFrame) -> dict[int, int]:
    """Find the day each account first met its milestone in a trailing window."""
    outcome = dict(zip(accounts["number"], accounts["outcome"], strict=True))
    code_of = {name: code for code, name in enumerate(FEATURES.tolist())}
    rules = {m.outcome: (code_of[m.event_name], m) for m in MILESTONES}
    codes = accounts["outcome"].map({o: rule[0] for o, rule in rules.items()})
    key_code = dict(zip(accounts["number"], codes, strict=True))
    keyed = events.loc[events["event"] == events["number"].map(key_code)]
    reached: dict[int, int] = {}
    for number, group in keyed.groupby("number", sort=True):
        rule = rules[outcome[number]][1]
        days, users = group["day"].to_numpy(), group["user_key"].to_numpy()
        for stop in range(rule.min_events, len(days) + 1):
            day = days[stop - 1]
            first = np.searchsorted(days, day - rule.within_days + 1)
            is_enough = stop - first >= rule.min_events
            if is_enough and len(np.unique(users[first:stop])) >= rule.min_users:
                reached[int(number)] = int(day)
                break
    return reached
