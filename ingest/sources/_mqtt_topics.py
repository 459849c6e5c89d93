"""Topics of MQTT subscriptions as the settings write them: a filter in which one level may be `{sender}`."""

from __future__ import annotations

from ingest.sources.settings import SENDER

_ONE, _REST = "+", "#"
_BYTES_MAX = 65_535 - 300  # what a group's name in front of it may take


def problem_of(topic: str) -> str | None:
    """What is wrong with a topic; None where it is right."""
    levels = topic.split("/")
    if not topic or "\0" in topic or len(topic.encode()) > _BYTES_MAX:
        return "a topic is 1 to 65,000 bytes without NUL"
    if topic.startswith("$share/"):
        return "name the group in `share`, not in the topic"
    if _REST in levels[:-1] or any(len(level) > 1 and (_ONE in level or _REST in level) for level in levels):
        return "`+` stands for a whole level, `#` for all at the end"
    if levels.count(SENDER) > 1 or any(level != SENDER and SENDER in level for level in levels):
        return f"{SENDER} is one whole level, once"
    return None


def filter_of(topic: str) -> str:
    """What to subscribe to."""
    return topic.replace(SENDER, _ONE)


def sender_in(topic: str, name: str) -> tuple[bool, str | None]:
    """Whether a message's topic name is one of this topic, and the sender that it names, if it names one."""
    sender = None
    wanted, levels = topic.split("/"), name.split("/")
    for place, level in enumerate(wanted):
        if level == _REST:
            return True, sender
        if place == len(levels) or (level not in (_ONE, SENDER) and level != levels[place]):
            # The rest of `a/b/#` may be nothing at all: it takes in `a/b`.
            return False, None
        if level == SENDER:
            sender = levels[place]
    return (True, sender) if len(wanted) == len(levels) else (False, None)
