"""What an examination of a set-up asks of brokers beyond an answer: the topics of Kafka. Nothing is received."""

from __future__ import annotations

import re

from kafka.errors import KafkaError

from ingest.sources import SourceUnavailable
from ingest.sources._kafka_connecting import Client, connect, said
from ingest.sources._kafka_settings import Settings, pattern


def topic_partitions(settings: Settings) -> dict[str, int]:
    """The topics of a connection that there are, with their numbers of partitions. Raises SourceUnavailable."""
    client = Client()
    try:
        consumer = connect(settings, "doctor", client)
    except SourceUnavailable:
        client.close()
        raise
    try:
        forms = [re.compile(pattern(topic)) for topic in settings.topics]
        names = sorted(name for name in consumer.topics() if any(form.fullmatch(name) for form in forms))
        return {name: len(consumer.partitions_for_topic(name) or ()) for name in names}
    except KafkaError as error:
        raise SourceUnavailable(said(settings, error)) from error
    finally:
        consumer.close()
        client.close()
