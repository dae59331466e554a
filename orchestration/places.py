"""Where a run reads, keeps its state and publishes."""

import os
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

PROJECT = Path(__file__).parents[1]
DEFAULT_LANDING = Path("build/landing")
DEFAULT_PUBLISH = Path("build/published")


@dataclass(frozen=True)
class Places:
    """The folders of one run; everything but the landing lies beside `publish`."""

    landing: Path
    publish: Path

    @property
    def state(self) -> Path:
        """Return the private folder: two runs share it only if they share publish."""
        return self.publish.with_name(f"{self.publish.name}.state")

    @property
    def landed(self) -> Path:
        """Return the folder of typed Parquet that dbt reads."""
        return self.state / "landed"

    @property
    def database(self) -> Path:
        """Return the private database that dbt builds in."""
        return self.state / "warehouse.duckdb"

    @property
    def closes(self) -> Path:
        """Return the log of closed months; it outlives everything else in the state."""
        return self.state / "closes"

    @property
    def health(self) -> Path:
        """Return the memory of the health that was published."""
        return self.state / "health"

    @property
    def target(self) -> Path:
        """Return the folder of dbt's own artifacts."""
        return self.state / "target"

    @property
    def truth(self) -> Path:
        """Return where a generated company's truth is kept, apart from the landing."""
        return self.landing.with_name(f"{self.landing.name}.truth")

    def writer_lock(self) -> FileLock:
        """Return the lock of the state's one writer; taken twice in a process is once.

        A Dagster pool would do the same, but its slot outlives a run that is killed.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        return FileLock(self.state / "run.lock", timeout=0, is_singleton=True)

    def export(self) -> None:
        """Tell dbt and Dagster, which read the environment, where this run lives."""
        os.environ["WAREHOUSE_LANDING"] = str(self.landing)
        os.environ["WAREHOUSE_PUBLISH"] = str(self.publish)
        os.environ["WAREHOUSE_STATE"] = str(self.state)
        os.environ["DAGSTER_HOME"] = str(self.state / "dagster")


def places_from_environment() -> Places:
    """Read the folders that `Places.export` wrote, or the defaults in the project."""
    landing = os.environ.get("WAREHOUSE_LANDING", str(PROJECT / DEFAULT_LANDING))
    publish = os.environ.get("WAREHOUSE_PUBLISH", str(PROJECT / DEFAULT_PUBLISH))
    return Places(Path(landing).resolve(), Path(publish).resolve())
