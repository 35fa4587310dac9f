"""Settings of the unit tests: hypothesis tries the same examples each time, and leaves no files."""

from hypothesis import HealthCheck, settings

from tests.unit.wild import EXHAUSTIVE

settings.register_profile(
    "unit",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=100 if EXHAUSTIVE else 33,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")
