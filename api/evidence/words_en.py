"""The English phrases of a package, beside the Vietnamese ones: each says the same, with the same figures."""

from __future__ import annotations

from api.evidence import road_words
from api.evidence.forms import duration_en, number_en, when_en
from api.evidence.words import Doubts, Penalties, Statements, Words
from journey.model import Finding, Grade

RULES = {
    "speeding": "Speeding",
    "continuous_driving": "Driving without a break for longer than allowed",
    "daily_driving": "Driving for longer in a day than allowed",
    "weekly_driving": "Driving for longer in a week than allowed",
    "double_login": "One driving licence logged in on several vehicles at once",
    "moving_silence": "Loss of signal while the vehicle moved",
    "overload_payload": "Cargo beyond the payload of the inspection certificate",
    "overload_gross": "Gross mass beyond what road or bridge bears",
    "overload_axle": "Axle load beyond what road or bridge bears",
}
_UNITS = {"percent": "%", "none": "", "person": "persons", "fix": "records", "degree": "degrees"}


def rule(code: str) -> str:
    return RULES.get(code, code)


def unit(code: str) -> str:
    return _UNITS.get(code, code)


def band(finding: Finding) -> str:
    """The penalty band as the law names it; empty where it has none."""
    if not finding.band:
        return ""
    return f"band {finding.band} {'km/h' if finding.rule == 'speeding' else '%'}"


_STATEMENTS = Statements(
    withdrawn="THIS FINDING WAS WITHDRAWN at {at} (reason: {reason}; run {run}). It is no ground for any measure.",
    reasons={},  # they are worded in English
    no_reason="not recorded",
    gone="THE STORED RECORDS NO LONGER GIVE THIS FINDING: they have changed or are no longer there, or another law "
    "applies. What follows is the finding as stored, not derived anew.",
    changed="THE STORED RECORDS NOW GIVE ANOTHER RESULT THAN THE STORED FINDING: {fields}. What follows is the finding "
    "as stored; the records enclosed are those that the store has now.",
    fields={"at": "complete at", "law": "legal basis", "driver": "driving licence", "vehicle": "plate"},
    field="{name} (stored {stored}, now {derived})",
    backups="The records have outlived their term and lie in the backup {backups}: restore it into a new store and "
    "make the package from there.",
    groundless="The store has no record left that this finding rests on.",
    for_review="FOR REVIEW ONLY: the finding holds only where missing data are read against the driver; it goes on no "
    "list.",
    scale_in_doubt="FOR REVIEW ONLY: the scale of this weighing is in alarm and showed more than when it was "
    "certified; it goes on a list only where a person confirmed it.",
    rule=rule,
    kind=lambda code: code.replace("_", " "),
    businesses={
        "fixed_route": "fixed route", "bus": "bus", "contract": "contract", "tourist": "tourism", "taxi": "taxi",
        "goods": "goods", "container": "containers",
    },
    band=band,
    grades={Grade.CERTAIN: "Certain", Grade.POSSIBLE: "For review"},
    conduct="Conduct",
    vehicle="Vehicle",
    unregistered="not in the registry",
    trailer="Trailer, semi-trailer",
    operator="Operator",
    operator_named="{name} (id {id})",
    no_operator="Not known: the vehicle is not in the registry",
    licence="Driving licence logged in",
    no_licence="Not known: the recorder did not send one",
    time="Time",
    from_to="from {start} to {end}",
    complete="Complete at",
    result="Result",
    grade="Grade",
    measured_speed="{measured} km/h, limit {limit} km/h, {excess} km/h above it",
    measured_mass="{measured} kg, allowed {limit} kg, over by {over} kg ({percent} %)",
    measured_at_once="at once for {time}",
    measured_time="{measured}, allowed {limit}, over by {excess}",
    speeding="{fixes} records in a row from {start} to {end} are all above the limit. Of each two neighbours only the "
    "smaller excess counts; the largest of these is the sustained excess: {measured} − {limit} = {excess} km/h.",
    speeds="Highest speed {peak} km/h, mean {mean} km/h, distance {way} m.",
    silence="After the record of {start} the recorder sent none until {end}; the two places are {way} km apart in a "
    "straight line, so the vehicle had moved.",
    at_once="In this time the vehicles {plates} were driven under one driving licence.",
    use_of_licence="The finding is of the use of a licence to log in; it does not say who drove which vehicle.",
    driving="Driving in all, of {stretches} stretches on {vehicles} vehicles: {time} ({measured} s); {measured} − "
    "{limit} = {excess} s. Over the limit from {at}.",
    counted="Records that count: {fixes}; all records are in fixes.csv.",
    weighed="Weighed at {station} (id {id}{lane}), ticket {ticket}.",
    lane=", lane {lane}",
    no_ticket="not recorded",
    cargo="Cargo = gross {gross} − unladen {kerb} − {persons} person(s) = {measured} kg; allowed by the certificate "
    "{limit} kg.",
    axles="Axle group {axles}: {measured} kg; allowed {limit} kg.",
)  # fmt: skip
_DOUBTS = Doubts(
    figure=lambda one: one["parameter"],
    not_compared="Not yet compared with the text of the law: {figures}.",
    other_rulebook="The finding was made with the rulebook {then_law} ({then_method}); this package with {now_law} "
    "({now_method}).",
    other_program="The program that found it was {then}, that of this package is {now}.",
    flags={
        "zero": "coordinates of 0", "swapped": "longitude and latitude swapped", "outside": "outside of the area",
        "future": "time in the future", "speed_range": "speed out of range", "jump": "jump of place",
        "frozen": "place that stands while driving", "scaled_time": "time counted in milliseconds",
    },
    no_flags="none",
    quality="Of {standing} records of the stretch enclosed {unusable} are not usable; marks of quality: {flags}; "
    "{copies} copies, of which {conflicts} differ.",
    delay="{time} late at most",
    no_delay="delay not known",
    steps="Longest step between two records that count: {longest}; receipt: {delay}, {missing} records without a time "
    "of receipt.",
    unsigned="The data were recorded by the journey recorder and passed on by its provider, without a signature of the "
    "recorder: this system proves that they are as received, not that the recorder measured rightly.",
    who_drove="Who drove is not established; only the licence that was logged in on the recorder is known.",
    speed_error="The recorder's error of speed is not known and not taken off.",
    silence="Why there are no data is not known (recorder, network, provider or somebody's doing), nor is the road "
    "that was taken. Outages of this system's own intake have been left out.",
    unknown_time="Time of unknown activity in this stretch: {time}; it counts as driving only where the grade is “For "
    "review”. Very short stops between two drives count as driving.",
    error_by_class="Error of the scale by the class in its record: {error} per mille, taken off.",
    error_unknown="The station is in no register: the error of the scale is not known.",
    error_by_register="Error of the scale by the register of stations: {error} per mille, taken off each mass.",
    drift="The scale (lane {lane}, instrument {instrument}) is in alarm: since {since} it showed {shift} per mille "
    "{way} than when it was certified (mean of steering axles); the alarm was reached at {alarmed}{later}. No "
    "figure of the finding changes by it.",
    drift_ways={"high": "more", "low": "less"},
    drift_later=", after this weighing",
    drift_less="If every axle were off by as much: {measured} kg become {less} kg, {verdict} above the limit of "
    "{limit} kg.",
    drift_verdicts={True: "still", False: "not"},
    no_place="There is no record of the vehicle's place around the weighing to compare with the station.",
    place="By the journey recorder the vehicle was at {at} {way} km from the station in a straight line; where that "
    "does not fit, plate, recorder or place of the station is to be cleared up.",
    no_persons="The ticket does not state the persons aboard; {persons} are counted.",
    who_loaded="The weighing does not record who drove and who loaded; the certificate of the scale is not enclosed "
    "with the data.",
    unit_unknown="A vehicle is not in the registry; the highest limit that may apply is applied.",
    answers={
        "speeding": (
            "the vehicle was on another road than that above, or signs or the built-up area were at that time other "
            "than in the data",
            "the recorder recorded speed or place wrongly (with its certificate, a print from the recorder itself)",
            "necessity, a priority vehicle, or another person drove (with transport order, roster)",
        ),
        "moving_silence": (
            "a broken recorder, no network, maintenance (with a report, the provider's notice), data kept in it",
            "the vehicle was carried or towed in this time",
        ),
        "driving": (
            "another person drove for a part of the time (with roster, transport order, the camera aboard)",
            "there was a rest that the recorder did not record; card or licence used by another or not logged out",
            "congestion, breakdown, orders of a competent authority",
        ),
        "weighing": (
            "a second, static weighing; the certificate of the scale; the ticket of where it was loaded",
            "a permit, an inspection certificate of the vehicle or the trailer that states other figures",
            "who loaded, how many persons were aboard, the signs of mass at that place",
        ),
    },
    answer_registry="the registry names the wrong operator or kind, or the vehicle had passed to another operator",
)  # fmt: skip
_PENALTIES = Penalties(
    subjects={"driver": "Driver", "owner": "Owner", "operator": "Operator", "loader": "Loader", "provider": "Provider"},
    fine="fine of {range} dong",
    organisation="organisation: {range} dong",
    points="{points} points of the driving licence",
    suspensions={
        "suspension_months": "driving licence suspended for {range} months",
        "badge_suspension_months": "badge suspended for {range} months",
    },
    between="{low} to {high}",
    because={  # others are worded in English, as the notes
        "gross and axle mass of one weighing give one fine": (
            "gross and axle mass of one weighing give one fine, that for the heavier offence"
        ),
    },
    notes={},
    citation="citation",
    not_verified="not compared with the text",
)
EN = Words(
    number=number_en, duration=duration_en, when=when_en, statements=_STATEMENTS, doubts=_DOUBTS, penalties=_PENALTIES,
    roads=road_words.EN,
)  # fmt: skip
