"""Scores that a person can follow, and the statistics of one person over time."""

from photodose.outcomes.catalogue import measure, measures
from photodose.outcomes.trend import Trend, paired_days, smallest_real_change, trend

__all__ = ["Trend", "measure", "measures", "paired_days", "smallest_real_change", "trend"]
