"""Hold the sample company to its promises: determinism, shape, causes and mess."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from orchestration.sample_company.company import write_sample_company
from orchestration.sample_company.parameters import MILESTONES, Parameters
from orchestration.sample_company.tables import COLUMNS

LAST_DAY = pd.Timestamp("2025-12-31")
KEYS = {
    "salesforce/account": ["id"],
    "salesforce/account_history": ["id", "_fivetran_start"],
    "salesforce/contact": ["id"],
    "salesforce/user": ["id"],
    "salesforce/opportunity": ["id"],
    "salesforce/task": ["id"],
    "stripe/customer": ["id"],
    "stripe/product": ["id"],
    "stripe/price": ["id"],
    "stripe/subscription_history": ["id", "_fivetran_start"],
    "stripe/subscription_item": ["id"],
    "stripe/invoice": ["id"],
    "stripe/invoice_line_item": ["id"],
    "stripe/coupon": ["id"],
    "stripe/subscription_discount": ["id"],
    "stripe/charge": ["id"],
    "stripe/refund": ["id"],
    "zendesk/organization": ["id"],
    "zendesk/domain_name": ["organization_id", "index"],
    "zendesk/user": ["id"],
    "zendesk/ticket": ["id"],
    "zendesk/ticket_field_history": ["ticket_id", "field_name", "updated"],
    "zendesk/ticket_comment": ["id"],
    "zendesk/ticket_tag": ["ticket_id", "tag"],
    "zendesk/satisfaction_rating": ["id"],
    "surveys/responses": ["response_id"],
    "true_subscription_items": ["item_id", "valid_from"],
    "true_account_weeks": ["account_id", "week_on"],
    "true_time_to_value": ["account_id"],
    "true_identities": ["system", "source_id"],
    "true_churns": ["subscription_id"],
    "true_mess": ["mess"],
}


class Sample:
    """Read the tables of one written sample company."""

    def __init__(self, root: Path) -> None:
        self.landing, self.truth = root / "landing", root / "truth"

    def path(self, name: str) -> Path:
        return (self.landing if "/" in name else self.truth) / f"{name}.parquet"

    def read(self, name: str) -> pd.DataFrame:
        frame = pd.read_parquet(self.path(name))
        dates = [c for c, kind in COLUMNS[name].items() if str(kind).startswith("date")]
        return frame.assign(**{c: pd.to_datetime(frame[c]) for c in dates})


def written(root: Path, accounts: int, seed: int) -> Sample:
    write_sample_company(root / "landing", root / "truth", accounts, seed)
    return Sample(root)


def digests(sample: Sample) -> dict[str, str]:
    return {
        name: sha256(sample.path(name).read_bytes()).hexdigest() for name in COLUMNS
    }


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return written(tmp_path_factory.mktemp("sample"), 300, 7)


@pytest.fixture(scope="module")
def tracks(sample):
    accounts = sample.read("salesforce/account")
    owner = accounts["master_record_id"].fillna(accounts["id"])
    known = dict(zip(accounts["product_workspace_id_c"], owner, strict=True))
    return (
        sample.read("segment/tracks")
        .drop_duplicates("id")
        .assign(
            account_id=lambda f: f["context_group_id"].map(known),
            day=lambda f: f["timestamp"].dt.normalize(),
        )
    )


@pytest.fixture(scope="module")
def churns(sample):
    return sample.read("true_churns").assign(
        known_on=lambda f: f["notice_on"].fillna(f["ended_on"])
    )


@pytest.fixture(scope="module")
def before_leaving(sample, tracks, churns):
    """Count, per seat, what leavers and stayers did in sixty days."""
    items = sample.read("true_subscription_items")
    seats = items.query("product == 'Platform'").groupby("account_id")["quantity"].max()
    weeks = sample.read("true_account_weeks").groupby("account_id")["week_on"]
    served = pd.DataFrame({"first": weeks.min(), "last": weeks.max()}).reset_index()
    long_enough = served["last"] - served["first"] > pd.Timedelta(days=150)
    stayers = served.loc[long_enough & ~served["account_id"].isin(churns["account_id"])]
    half = (stayers["last"] - stayers["first"]) / 2
    moments = pd.concat(
        [
            churns[["account_id"]].assign(on=churns["known_on"], is_leaver=True),
            stayers[["account_id"]].assign(
                on=stayers["first"] + half + pd.Timedelta(days=30), is_leaver=False
            ),
        ],
        ignore_index=True,
    )
    is_use = ~tracks["event"].isin(["logged_in", "error_shown"])
    daily = (
        tracks.assign(uses=is_use, logins=tracks["event"] == "logged_in")
        .groupby(["account_id", "day"])[["uses", "logins"]]
        .sum()
        .reset_index()
    )
    joined = moments.merge(daily, on="account_id")
    age = joined["on"] - joined["day"]
    inside = (age > pd.Timedelta(0)) & (age <= pd.Timedelta(days=60))
    sums = joined.loc[inside].groupby("account_id")[["uses", "logins"]].sum()
    per_seat = sums.div(seats.reindex(sums.index), axis=0)
    return moments.set_index("account_id").join(per_seat).fillna(0)


def separation(frame: pd.DataFrame, measure: str) -> float:
    """Compute the chance that a stayer shows more than a leaver."""
    leavers = frame.loc[frame["is_leaver"], measure].to_numpy()[:, None]
    stayers = frame.loc[~frame["is_leaver"], measure].to_numpy()[None, :]
    return float(((stayers > leavers) + 0.5 * (stayers == leavers)).mean())


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    first, again = written(tmp_path / "a", 60, 3), written(tmp_path / "b", 60, 3)
    assert digests(first) == digests(again)


def test_another_seed_writes_another_company(tmp_path):
    first, other = (
        digests(written(tmp_path / "a", 60, 3)),
        digests(written(tmp_path / "b", 60, 4)),
    )
    fixed = {
        "stripe/product",
        "stripe/price",
        "stripe/coupon",
        "true_causes",
        "true_milestones",
    }
    assert {name for name in COLUMNS if first[name] == other[name]} == fixed


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_has_its_declared_columns_and_types(sample, name):
    schema = pq.read_schema(sample.path(name))
    assert dict(zip(schema.names, schema.types, strict=True)) == COLUMNS[name]


def test_every_table_has_rows(sample):
    empty = [n for n in COLUMNS if pq.read_metadata(sample.path(n)).num_rows == 0]
    assert empty == []


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_unique(sample, name):
    frame = sample.read(name)
    assert not frame.duplicated(KEYS[name]).any()
    assert frame[KEYS[name]].notna().all().all()


def test_truth_is_never_under_the_landing(tmp_path, sample):
    with pytest.raises(ValueError, match="truth must not be written under"):
        write_sample_company(tmp_path, tmp_path / "truth", 10)
    assert not list(sample.landing.rglob("true_*"))


def test_many_accounts_are_written_as_a_folder_of_tracks(tmp_path):
    small = Parameters(accounts_per_file=30)
    write_sample_company(tmp_path / "l", tmp_path / "t", 60, 3, small)
    parts = sorted((tmp_path / "l/segment/tracks").iterdir())
    assert [part.name for part in parts] == ["part-0000.parquet", "part-0001.parquet"]
    ids = pd.concat([pd.read_parquet(p, columns=["id", "user_id"]) for p in parts])
    assert ids.groupby("id")["user_id"].nunique().max() == 1


def test_nothing_happens_after_the_last_day(sample):
    end = LAST_DAY + pd.Timedelta(days=1)
    for name, column in [
        ("segment/tracks", "received_at"),
        ("stripe/invoice", "created"),
        ("stripe/charge", "created"),
        ("stripe/subscription_history", "_fivetran_start"),
        ("salesforce/account_history", "_fivetran_start"),
        ("salesforce/opportunity", "created_date"),
        ("salesforce/contact", "left_on_c"),
        ("zendesk/ticket", "updated_at"),
        ("zendesk/ticket_comment", "created"),
        ("surveys/responses", "responded_at"),
        ("true_subscription_items", "valid_from"),
        ("true_subscription_items", "valid_to"),
    ]:
        assert sample.read(name)[column].max() < end, (name, column)


def test_foreign_keys_hold(sample):
    def missing(child: str, column: str, parent: str) -> set:
        values = sample.read(child)[column].dropna()
        return set(values) - set(sample.read(parent)["id"])

    for child, column, parent in [
        ("stripe/invoice_line_item", "invoice_id", "stripe/invoice"),
        ("stripe/invoice_line_item", "plan_id", "stripe/price"),
        ("stripe/subscription_item", "plan_id", "stripe/price"),
        ("stripe/invoice", "customer_id", "stripe/customer"),
        ("stripe/subscription_discount", "coupon_id", "stripe/coupon"),
        ("stripe/refund", "charge_id", "stripe/charge"),
        ("stripe/price", "product_id", "stripe/product"),
        ("zendesk/ticket", "requester_id", "zendesk/user"),
        ("zendesk/ticket", "organization_id", "zendesk/organization"),
        ("zendesk/ticket_comment", "ticket_id", "zendesk/ticket"),
        ("salesforce/contact", "account_id", "salesforce/account"),
        ("salesforce/account", "parent_id", "salesforce/account"),
        ("salesforce/account", "owner_id", "salesforce/user"),
        ("salesforce/task", "who_id", "salesforce/contact"),
        ("surveys/responses", "contact_id", "salesforce/contact"),
        ("surveys/responses", "crm_account_id", "salesforce/account"),
    ]:
        assert not missing(child, column, parent), (child, column)


@pytest.mark.parametrize(
    "name", ["salesforce/account_history", "stripe/subscription_history"]
)
def test_history_versions_follow_each_other(sample, name):
    frame = sample.read(name).sort_values(["id", "_fivetran_start"])
    following = frame.groupby("id")["_fivetran_start"].shift(-1)
    is_last = following.isna()
    gap = following - frame["_fivetran_end"]
    assert (gap[~is_last] == pd.Timedelta(milliseconds=1)).all()
    assert (frame["_fivetran_active"] == is_last).all()


def test_the_account_equals_its_active_history(sample):
    history = sample.read("salesforce/account_history").query("_fivetran_active")
    account = sample.read("salesforce/account")
    shared = ["id", "parent_id", "owner_id", "desired_outcome_c", "growth_potential_c"]
    pd.testing.assert_frame_equal(
        account[shared].sort_values("id", ignore_index=True),
        history[shared].sort_values("id", ignore_index=True),
    )


def test_true_item_versions_do_not_overlap(sample):
    items = sample.read("true_subscription_items")
    following = items.groupby("item_id")["valid_from"].shift(-1)
    ends = items["valid_to"].fillna(pd.Timestamp("2100-01-01"))
    assert not (ends > following).any()
    assert (ends > items["valid_from"]).all()


def test_invoice_lines_date_every_recorded_change(sample):
    prices = sample.read("stripe/price").set_index("id")
    invoices = sample.read("stripe/invoice").set_index("id")["status"]
    lines = sample.read("stripe/invoice_line_item")
    is_shown = (lines["invoice_id"].map(invoices) != "void") & (lines["amount"] >= 0)
    lines = lines.loc[is_shown]
    shown = set(
        zip(
            lines["subscription_item_id"],
            lines["period_start"].dt.normalize(),
            lines["plan_id"].map(prices["nickname"]),
            lines["quantity"],
            strict=True,
        )
    )
    items = sample.read("true_subscription_items").query("not usage_based")
    before = items.groupby("item_id")[["quantity", "unit_amount"]].shift()
    is_change = (items[["quantity", "unit_amount"]] != before).any(axis=1)
    changes = items.loc[is_change & (items["status"] != "paused")]
    is_dated = [
        key in shown
        for key in zip(
            changes["item_id"],
            changes["valid_from"],
            changes["plan"],
            changes["quantity"],
            strict=True,
        )
    ]
    mess = sample.read("true_mess").set_index("mess")["row_count"]
    hidden = mess["changes_without_line"] + mess["changes_without_any_record"]
    assert hidden > 0
    assert is_dated.count(False) <= hidden
    assert is_dated.count(True) > 500


def mrr_on(items: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    rates = items["currency"].map({"USD": 1.0, "EUR": 1.1, "GBP": 1.3})
    months = np.where(items["billing_interval"] == "year", 12, items["interval_count"])
    mrr = items["quantity"] * items["unit_amount"] * rates / months
    is_paid = items["status"].isin(["active", "past_due"]) & ~items["usage_based"]
    is_open = items["valid_to"].isna() | (items["valid_to"] > day)
    chosen = is_paid & is_open & (items["valid_from"] <= day)
    return mrr[chosen].groupby(items["account_id"]).sum()


@pytest.mark.parametrize("end", pd.date_range("2025-03-31", LAST_DAY, freq="QE"))
def test_retention_is_plausible(sample, end):
    items = sample.read("true_subscription_items")
    opening = mrr_on(items, end - pd.DateOffset(years=1))
    closing = mrr_on(items, end).reindex(opening.index).fillna(0)
    assert 0.80 < np.minimum(opening, closing).sum() / opening.sum() < 0.95
    assert 0.95 < closing.sum() / opening.sum() < 1.20


def test_leavers_use_the_product_less_in_the_sixty_days_before(before_leaving):
    assert before_leaving["is_leaver"].sum() > 30
    assert separation(before_leaving, "uses") > 0.68


def test_logins_separate_leavers_far_less_than_use(before_leaving):
    use = abs(separation(before_leaving, "uses") - 0.5)
    login = abs(separation(before_leaving, "logins") - 0.5)
    assert login < 0.5 * use


def test_hazard_rises_within_the_lead_of_a_champion_leaving(sample):
    weeks = sample.read("true_account_weeks").merge(
        sample.read("true_champion_departures"), on="account_id"
    )
    days = (weeks["week_on"] - weeks["left_on"]).dt.days
    lead = sample.read("true_causes").set_index("name").loc["champion_left"]
    inside = days.between(lead["lead_days_from"], lead["lead_days_to"])
    before = days.between(-60, 0)
    hazard = weeks["hazard"]
    assert hazard[inside].median() > 3 * hazard[before].median()


def test_slow_answers_come_with_latent_slowness(sample):
    comments = sample.read("zendesk/ticket_comment").query("public and user_id < 10000")
    answered = comments.groupby("ticket_id")["created"].min()
    tickets = sample.read("zendesk/ticket").assign(
        number=lambda f: (f["requester_id"] - 1_000_000) // 10,
        hours=lambda f: (f["id"].map(answered) - f["created_at"]).dt.total_seconds(),
        week_on=lambda f: f["created_at"].dt.to_period("W").dt.start_time,
    )
    weeks = sample.read("true_account_weeks").assign(
        number=lambda f: f["account_id"].str.slice(3, 15).astype(int)
    )
    joined = tickets.merge(weeks, on=["number", "week_on"])
    is_slow = joined["support_slowness"] > 0.4
    assert is_slow.sum() > 50
    assert joined["hours"][is_slow].median() > 1.8 * joined["hours"][~is_slow].median()


def test_value_reached_follows_from_the_landed_events(sample, tracks):
    truth = sample.read("true_time_to_value").dropna(subset=["outcome"])
    rules = {m.outcome: m for m in MILESTONES}
    key_events = {m.event_name for m in MILESTONES}
    keyed_tracks = tracks.loc[tracks["event"].isin(key_events)]
    groups = dict(list(keyed_tracks.groupby(["account_id", "event"])))
    for row in truth.itertuples():
        rule = rules[row.outcome]
        keyed = groups.get((row.account_id, rule.event_name), tracks.iloc[:0])
        window = pd.Timedelta(days=rule.within_days)
        if pd.isna(row.value_reached_on):
            assert keyed["user_id"].nunique() < rule.min_users or len(keyed) < 300
            continue
        inside = keyed.loc[
            (keyed["day"] <= row.value_reached_on)
            & (keyed["day"] > row.value_reached_on - window)
        ]
        is_reached = (
            len(inside) >= rule.min_events
            and inside["user_id"].nunique() >= rule.min_users
        )
        assert is_reached, row
        assert row.value_reached_on >= row.clock_started_on


def test_most_reach_value_and_some_do_not(sample):
    reached = sample.read("true_time_to_value")["value_reached_on"].notna().mean()
    assert 0.75 < reached < 0.98


def test_every_planted_mess_is_present(sample):
    mess = sample.read("true_mess").set_index("mess")["row_count"]
    assert len(mess) >= 28
    assert (mess > 0).all(), mess[mess == 0]


def test_event_mess_is_landed(sample):
    tracks = sample.read("segment/tracks")
    mess = sample.read("true_mess").set_index("mess")["row_count"]
    delay = tracks["received_at"] - tracks["timestamp"]
    assert tracks["id"].duplicated().sum() == mess["duplicate_events"]
    assert (delay > pd.Timedelta(days=1)).sum() > 1000
    assert delay.max() < pd.Timedelta(days=6)
    assert (tracks["original_timestamp"] != tracks["timestamp"]).sum() > 1000
    assert 1 <= (tracks["context_group_id"] == "ws_unknown").sum() <= 12


def test_account_mess_is_landed(sample):
    accounts = sample.read("salesforce/account")
    history = sample.read("salesforce/account_history")
    merged = accounts.loc[accounts["master_record_id"].notna()]
    customers = sample.read("stripe/customer")
    assert len(merged) == 2
    assert merged["is_deleted"].all()
    for duplicate_id in merged["id"]:
        assert customers["metadata"].str.contains(duplicate_id).sum() == 1
    assert (customers["metadata"] == "{}").sum() == 3
    organizations = sample.read("zendesk/organization")
    domains = sample.read("zendesk/domain_name")
    nameless = organizations.loc[organizations["external_id"].isna(), "id"]
    assert nameless.isin(domains["organization_id"]).sum() == 4
    assert (~nameless.isin(domains["organization_id"])).sum() == 2
    parents = history.dropna(subset=["parent_id"]).groupby("id")["parent_id"]
    assert (parents.nunique() > 1).sum() == 1
    assert (history.groupby("id")["owner_id"].nunique() > 1).sum() > 10
    assert 0.04 < accounts["desired_outcome_c"].isna().mean() < 0.13
    payers = set(sample.read("true_subscription_items")["account_id"])
    assert set(accounts["parent_id"].dropna()) - payers


def test_billing_mess_is_landed(sample):
    history = sample.read("stripe/subscription_history")
    statuses = {"trialing", "active", "past_due", "unpaid", "paused", "canceled"}
    assert set(history["status"]) == statuses
    late = history["_fivetran_start"] - history["ended_at"]
    mess = sample.read("true_mess").set_index("mess")["row_count"]
    is_backdated = late > pd.Timedelta(days=5)
    assert is_backdated.sum() == mess["backdated_cancellations"]
    lines = sample.read("stripe/invoice_line_item")
    assert (lines.loc[lines["proration"], "amount"] < 0).sum() > 20
    assert (lines["period_start"].dt.day[lines["proration"]] == 16).sum() > 20
    coupons = sample.read("stripe/coupon")
    used = sample.read("stripe/subscription_discount")["coupon_id"]
    assert set(coupons.set_index("id").loc[used, "duration"]) == {
        "once",
        "repeating",
        "forever",
    }
    prices = sample.read("stripe/price").set_index("id")
    billed = prices.loc[lines["plan_id"]]
    assert set(billed["currency"]) == {"usd", "eur", "gbp"}
    assert set(billed["recurring_usage_type"].dropna()) == {"licensed", "metered"}
    intervals = billed[["recurring_interval", "recurring_interval_count"]].dropna()
    assert len(intervals.drop_duplicates()) == 3
    assert set(sample.read("stripe/invoice")["status"]) >= {"paid", "void"}


def test_tickets_are_reopened_and_some_never_answered_in_public(sample):
    history = sample.read("zendesk/ticket_field_history").query(
        "field_name == 'status'"
    )
    solved = history.query("value == 'solved'").groupby("ticket_id").size()
    assert (solved > 1).sum() > 50
    comments = sample.read("zendesk/ticket_comment").query("public and user_id < 10000")
    silent = ~sample.read("zendesk/ticket")["id"].isin(comments["ticket_id"])
    assert 0.02 < silent.mean() < 0.15


def test_nps_answers_are_biased_towards_the_happy(sample):
    responses = sample.read("surveys/responses")
    assert set(responses["kind"]) == {"nps", "csat", "exit"}
    nps = responses.query("kind == 'nps'")
    weeks = sample.read("true_account_weeks")
    value = weeks.groupby("account_id")["value"].mean()
    assert value.reindex(nps["crm_account_id"]).mean() > value.mean() + 0.01
    assert nps["score"].between(0, 10).all()
