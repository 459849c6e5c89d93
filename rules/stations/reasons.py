"""Why what looks like avoiding a scale is innocent, or may be: codes of reviews, said in English."""

from __future__ import annotations

# What the record itself shows.
EXCUSES = {
    "stop": "it stopped on the way round: fuel, a rest, a customer, loading",
    "track_gap": "a part of its way is not known",
    "station_stopped": "the station had reported that it did not work at the time",
    "full": "several vehicles stood before the station: it may have been full",
    "rest_due": "the driving-time law asked for a rest about then",
    "feed_silent": "no other vehicle of its operator sent anything at the time: as in an outage of its feed",
    "our_outage": "our own intake was down at the time",
    "unregistered": "the plate is not on file as a vehicle that carries goods: foreign, unknown, or read wrong",
    "plate_unsure": "the reader was not sure of the plate, or the record contradicts itself",
    "plate_near": "a vehicle with almost this plate passed unweighed at the time: read wrong by a character",
}
# What the record cannot show.
REASONS = {
    "lane_closed": "the lane or the station may have been closed for a while",
    "station_full": "the station may have been full, and have waved vehicles past",
    "empty": "the vehicle may have been empty, or of a kind that this station does not weigh",
    "beside": "a road beside the station may lie within its zone",
    "record_missing": "a record of the station may be missing",
    "road_closed": "the road to the station may have been closed, and traffic led round",
    "purpose": "the way round may have had a purpose without a long stop: a customer not found, a turn missed",
    "home": "its driver may live there, or its operator load there",
    "rest": "the driver may have rested, which the driving-time law asks of him and allows at any time",
    "waiting": "it may have waited for a load, a paper or a repair",
    "wrong_clock": "the clock of the station or of the recorder may have been wrong",
    "plate_wrong": "the plate may have been read wrong, or be a copied one",
    "device_broken": "the recorder may have broken down, and its repair have been reported",
    "network": "the mobile network or the provider's server may have failed for this vehicle",
}
BY_KIND = {
    "unweighed": ("lane_closed", "station_full", "empty", "beside", "record_missing"),
    "detour": ("road_closed", "lane_closed", "station_full", "purpose", "home", "empty", "wrong_clock"),
    "wait": ("rest", "waiting", "home", "lane_closed", "station_full", "empty", "wrong_clock"),
    "silent": ("device_broken", "network", "plate_wrong", "wrong_clock"),
}
KINDS = tuple(BY_KIND)


def excuse_of(**holds: bool) -> str | None:
    """The first excuse that holds, in the order given; None: none does."""
    return next((name for name, held in holds.items() if held), None)
