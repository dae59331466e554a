"""Name every causal parameter of the sample company, with its true effect."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Cause:
    """State one true effect on the weekly log hazard of giving notice."""

    name: str
    effect: float
    lead_days_from: int
    lead_days_to: int
    note: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Hold what is true in the sample company.

    Probabilities are per account and week, or per month where the name says so.
    """

    first_day: date = date(2024, 1, 1)
    last_day: date = date(2025, 12, 31)

    # Latent weekly state
    slump_probability: float = 0.011  # the need for the product fades for a while
    slump_depth: float = 0.50
    slump_decay: float = 0.955
    champion_leaves_probability: float = 0.0065
    champion_replaced_share: float = 0.55
    champion_usage_loss: float = 0.22
    friction_probability: float = 0.018  # a burst of errors begins
    friction_decay: float = 0.75
    friction_usage_loss: float = 0.10
    slowness_probability: float = 0.014  # support answers this account slowly
    slowness_decay: float = 0.80
    onboarding_probability: float = 0.13
    value_follows_usage: float = 0.12

    # Weekly hazard of giving notice
    base_hazard: float = 0.00145
    highest_hazard: float = 0.15
    value_effect: float = 5.0  # per unit of value lost below 0.55
    value_lag_weeks: int = 2
    champion_effect: float = 2.2
    champion_lead_weeks: tuple[int, int] = (8, 13)
    friction_effect: float = 2.3
    friction_lead_weeks: tuple[int, int] = (4, 8)
    slowness_effect: float = 2.0
    slowness_lead_weeks: tuple[int, int] = (4, 9)
    not_onboarded_effect: float = 0.8
    not_onboarded_after_weeks: int = 9
    login_effect: float = 0.0
    touchpoint_effect: float = 0.0

    # How a hazard becomes an end: longer terms collect doubt and end later
    quarter_hazard_factor: float = 0.9
    year_hazard_factor: float = 1.3
    year_decision_months: int = 6

    # Expansion
    seat_pressure_threshold: float = 0.92
    seat_expansion_probability: float = 0.13
    seat_slack_threshold: float = 0.62
    seat_contraction_probability: float = 0.16
    upgrade_probability: float = 0.012
    downgrade_probability: float = 0.012
    add_on_probability: float = 0.016
    uplift_probability: float = 0.75

    # What happens to contracts, as shares
    trial_share: float = 0.15
    trial_conversion_share: float = 0.82
    late_renewal_share: float = 0.08
    migration_share: float = 0.04
    backdated_share: float = 0.18
    revoked_notice_share: float = 0.10
    reactivation_share: float = 0.16
    pause_probability: float = 0.010
    payment_failure_probability: float = 0.018
    never_recovered_share: float = 0.10
    coupon_share: float = 0.22
    second_subscription_share: float = 0.06  # Analytics, on a contract of its own
    metered_share: float = 0.20
    unrecorded_change_share: float = 0.08
    silent_change_share: float = 0.0  # one more change per contract, without a line

    # Mess
    duplicate_event_share: float = 0.005
    late_event_share: float = 0.015
    skewed_user_share: float = 0.015
    accounts_per_file: int = 1000

    def causes(self) -> tuple[Cause, ...]:
        """List the true effects on the log hazard, vanity signals included."""
        champion, friction = self.champion_lead_weeks, self.friction_lead_weeks
        slowness = self.slowness_lead_weeks
        return (
            Cause(
                "value_lost",
                self.value_effect,
                self.value_lag_weeks * 7,
                self.value_lag_weeks * 7 + 60,
                "per unit of value below 0.55; value follows product use",
            ),
            Cause(
                "champion_left",
                self.champion_effect,
                champion[0] * 7,
                champion[1] * 7,
                "while the weeks since the champion left are within the lead",
            ),
            Cause(
                "friction",
                self.friction_effect,
                friction[0] * 7,
                friction[1] * 7,
                "per unit of mean friction over the lead; shown as error_shown",
            ),
            Cause(
                "slow_support",
                self.slowness_effect,
                slowness[0] * 7,
                slowness[1] * 7,
                "per unit of mean slowness over the lead; shown as late answers",
            ),
            Cause(
                "not_onboarded",
                self.not_onboarded_effect,
                0,
                0,
                "from week 9 until the first value of the desired outcome",
            ),
            Cause("logins", self.login_effect, 0, 0, "vanity: no effect at all"),
            Cause("touchpoints", self.touchpoint_effect, 0, 0, "no effect at all"),
        )


@dataclass(frozen=True, slots=True)
class Milestone:
    """Define first value: enough users and events in a trailing window of days."""

    outcome: str
    event_name: str
    min_users: int
    min_events: int
    within_days: int


MILESTONES = (
    Milestone("reporting", "report_created", 3, 6, 30),
    Milestone("automation", "workflow_automated", 2, 5, 30),
    Milestone("integration", "data_imported", 2, 6, 30),
    Milestone("collaboration", "report_shared", 3, 6, 30),
)
OUTCOMES = tuple(milestone.outcome for milestone in MILESTONES)
