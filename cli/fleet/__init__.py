"""A synthetic fleet whose findings are known beforehand: what is planted must be found, all else is innocent."""

from cli.fleet.answers import Result, ReviewResult, match, match_reviews
from cli.fleet.generate import generate
from cli.fleet.output import frame, write
from cli.fleet.spec import Answer, Fleet, FleetSpec, ReviewAnswer

__all__ = [
    "Answer", "Fleet", "FleetSpec", "Result", "ReviewAnswer", "ReviewResult", "frame", "generate", "match",
    "match_reviews", "write",
]  # fmt: skip
