"""A synthetic fleet whose findings are known beforehand: what is planted must be found, all else is innocent."""

from cli.fleet.answers import Result, match
from cli.fleet.generate import generate
from cli.fleet.output import frame, write
from cli.fleet.spec import Answer, Fleet, FleetSpec

__all__ = ["Answer", "Fleet", "FleetSpec", "Result", "frame", "generate", "match", "write"]
