"""What a run does first: finish what the last one may have left half done."""

from orchestration.health_memory import remember
from orchestration.landing.set_aside import keep_aside
from orchestration.month_closes import settle
from orchestration.places import Places


def settle_last_run(places: Places) -> None:
    """Let what readers have decide what is remembered of the runs until now.

    Raises:
        CloseError: the log of closed months cannot be gone on with.
    """
    settle(places.closes, places.publish)
    remember(places.health, places.publish)
    keep_aside(places.state, places.publish)
