"""Make the accounts, their groups and our staff."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.sample_company.parameters import OUTCOMES, Parameters

INDUSTRIES = ("Software", "Retail", "Finance", "Health", "Logistics", "Education")
COUNTRIES = {
    "usd": ("United States", "Canada", "Australia"),
    "eur": ("Germany", "France", "Netherlands"),
    "gbp": ("United Kingdom", "Ireland", "United Kingdom"),
}
HEADS = [
    "Acorn",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Lumen",
    "Maple",
    "North",
    "Onyx",
    "Pioneer",
    "Quartz",
    "River",
    "Summit",
    "Tundra",
    "Umber",
    "Vertex",
    "Willow",
    "Yarrow",
    "Zenith",
]
TAILS = [
    "Labs",
    "Works",
    "Systems",
    "Foods",
    "Health",
    "Media",
    "Logistics",
    "Bank",
    "Stores",
    "Energy",
]
GIVEN = [
    "Ana",
    "Ben",
    "Chen",
    "Dara",
    "Eli",
    "Fatima",
    "Gus",
    "Hana",
    "Ivan",
    "Jo",
    "Kofi",
    "Lena",
    "Mia",
    "Noor",
    "Omar",
]
FAMILY = [
    "Abel",
    "Brandt",
    "Costa",
    "Diaz",
    "Evans",
    "Fischer",
    "Gupta",
    "Hale",
    "Ito",
    "Jones",
    "Khan",
    "Lund",
]


@dataclass(frozen=True, slots=True)
class Company:
    """Hold the account frame (one row per account) and the staff frame."""

    accounts: pd.DataFrame
    staff: pd.DataFrame


def person_names(rng: np.random.Generator, count: int) -> list[str]:
    """Draw `count` made-up full names."""
    given, family = rng.integers(0, 15, count), rng.integers(0, 12, count)
    return [f"{GIVEN[g]} {FAMILY[f]}" for g, f in zip(given, family, strict=True)]


def make_staff(rng: np.random.Generator, accounts: int) -> pd.DataFrame:
    """Make success managers, account executives and one manager of each."""
    managers = max(4, round(accounts / 35))
    sellers = max(2, round(accounts / 100))
    titles = (
        ["Customer Success Manager"] * managers
        + ["Account Executive"] * sellers
        + ["Director of Customer Success", "Head of Sales"]
    )
    names = person_names(rng, len(titles))
    return pd.DataFrame(
        {
            "id": [f"005{number:012d}AAB" for number in range(len(titles))],
            "name": names,
            "email": [
                f"{name.lower().replace(' ', '.')}{number}@vendor.example"
                for number, name in enumerate(names)
            ],
            "title": titles,
            "is_active": [number != managers - 1 for number in range(len(titles))],
            "user_role_id": [
                {"C": "00E_CSM", "A": "00E_AE", "D": "00E_MGR", "H": "00E_MGR"}[
                    title[0]
                ]
                for title in titles
            ],
        }
    )


def start_days(rng: np.random.Generator, count: int, days: int) -> np.ndarray:
    """Draw sign-up days: a fifth at the opening, over half in six months."""
    kind = rng.random(count)
    opening = np.minimum(rng.integers(0, 12, count), rng.integers(0, 12, count))
    early = rng.integers(5, min(182, days // 3), count)
    late = rng.integers(days // 4, max(days - 70, days // 4 + 1), count)
    return np.where(kind < 0.20, opening, np.where(kind < 0.55, early, late))


def make_company(count: int, seed: int, parameters: Parameters) -> Company:
    """Make `count` accounts with their fixed traits, and the staff who own them."""
    rng = np.random.default_rng([seed, 1])
    staff = make_staff(rng, count)
    csm_ids = staff.loc[staff["title"].str.startswith("Customer"), "id"].to_numpy()
    days = (parameters.last_day - parameters.first_day).days + 1

    currency = rng.choice(["usd", "eur", "gbp"], count, p=[0.7, 0.2, 0.1])
    head, tail = rng.integers(0, 25, count), rng.integers(0, 10, count)
    number = np.arange(count)
    seats = np.clip(np.round(np.exp(rng.normal(2.25, 0.75, count))), 5, 220)
    outcome = rng.choice(OUTCOMES, count, p=[0.34, 0.26, 0.20, 0.20])
    accounts = pd.DataFrame(
        {
            "number": number,
            "account_id": [f"001{n:012d}AAA" for n in number],
            "name": [
                f"{HEADS[h]} {TAILS[t]} {n}"
                for h, t, n in zip(head, tail, number, strict=True)
            ],
            "domain": [
                f"{HEADS[h].lower()}-{TAILS[t].lower()}-{n}.example"
                for h, t, n in zip(head, tail, number, strict=True)
            ],
            "currency": currency,
            "country": [
                COUNTRIES[c][k]
                for c, k in zip(currency, rng.integers(0, 3, count), strict=True)
            ],
            "industry": rng.choice(INDUSTRIES, count),
            "employees": (seats * rng.uniform(3, 30, count)).astype("int64"),
            "outcome": outcome,
            "is_outcome_recorded": rng.random(count) >= 0.08,
            "strategic": (rng.random(count) < 0.06) | (seats > 60),
            "growth": rng.choice(["low", "medium", "high"], count, p=[0.4, 0.4, 0.2]),
            "workspace": [f"ws_{n:06d}" for n in number],
            "owner_id": csm_ids[rng.integers(0, len(csm_ids) - 1, count)],
            "start": start_days(rng, count, days),
            "seats": seats.astype("int64"),
            "plan": rng.choice(3, count, p=[0.40, 0.42, 0.18]),
            "term": rng.choice(
                ["month", "quarter", "year"], count, p=[0.46, 0.14, 0.40]
            ),
            "fit": np.clip(rng.beta(5.5, 2.3, count), 0.12, 0.97),
            "login_rate": np.exp(rng.normal(-2.9, 0.6, count)),
            "is_payer": True,
        }
    )
    accounts["created"] = accounts["start"] - rng.integers(12, 90, count)
    return Company(grouped(accounts, rng), staff)


def grouped(accounts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give a tenth of the accounts a parent; half of the parents do not pay."""
    count = len(accounts)
    parents = min(max(2, round(count * 0.04)), count // 2)
    children = min(max(3, round(count * 0.10)), count - parents) if parents else 0
    chosen = rng.permutation(count)[: children + parents]
    parent_numbers, child_numbers = chosen[:parents], chosen[parents:]
    parent = np.full(count, -1)
    parent[child_numbers] = np.resize(parent_numbers, children)
    payer = np.ones(count, dtype=bool)
    payer[parent_numbers[: parents // 2]] = False
    return accounts.assign(parent=parent, is_payer=payer)
