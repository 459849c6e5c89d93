#!/usr/bin/env python3
"""Checks one evidence package. Needs Python 3.8 or newer and nothing else:  python -I verify.py [PLACE] [SHA256]

PLACE is a folder or a zip, by default the folder of this file. First, that every file is there, none is added, and
each has the SHA-256 that manifest.json states. SHA256 is the one of manifest.json itself, as whoever made the package
has it: without it, a package that was rewritten as a whole is not noticed. Then the sums of the finding are made anew
from fixes.csv or weighing.json and the figures of law.json.
NOT checked: flags (which fixes are usable), which road and limit a fix has, the length and the road segments of a run,
gross limits by axles and geometry, permits, the registry, whether a break was missed, and whether the law is quoted
rightly. What was taken for these is
stated in the package, with its sources.
"""

import csv
import hashlib
import io
import json
import math
import pathlib
import re
import sys
import zipfile


def read(place):
    """All files of a folder or zip: name -> bytes."""
    if place.is_dir():
        return {str(p.relative_to(place).as_posix()): p.read_bytes() for p in sorted(place.rglob("*")) if p.is_file()}
    with zipfile.ZipFile(place) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def check_files(files, expected):
    """What is wrong with the files, each named."""
    wrong = []
    if "manifest.json" not in files or "manifest.sha256" not in files:
        return [f"{name}: missing" for name in ("manifest.json", "manifest.sha256") if name not in files]
    own = hashlib.sha256(files["manifest.json"]).hexdigest()
    print(f"SHA-256 of manifest.json: {own}")
    if files["manifest.sha256"] != f"{own}  manifest.json\n".encode():
        wrong.append(
            "manifest.json: its SHA-256 is not the one that manifest.sha256 states (one of the two was changed)"
        )
    if expected and expected.lower() != own:
        wrong.append(f"manifest.json: its SHA-256 is not {expected}, the one that was given")
    try:
        stated = {one["name"]: one for one in json.loads(files["manifest.json"].decode("utf-8"))["files"]}
    except (ValueError, KeyError, TypeError):
        return [*wrong, "manifest.json: cannot be read"]
    for name, one in stated.items():
        if name not in files:
            wrong.append(f"{name}: missing")
        elif hashlib.sha256(files[name]).hexdigest() != one["sha256"]:
            wrong.append(f"{name}: changed: its SHA-256 is not the one that manifest.json states")
    return wrong + [
        f"{name}: added" for name in sorted(set(files) - set(stated) - {"manifest.json", "manifest.sha256"})
    ]


def check_content(finding, manifest):
    """The finding's own hash, which the lists name too."""
    text = json.dumps(finding, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    same = hashlib.sha256(text.encode()).hexdigest()[:32] == manifest["finding"]["content"]
    return [] if same else ["finding.json: its content hash is not the one that manifest.json states"]


def load_fixes(data):
    rows = [
        row for row in csv.DictReader(io.StringIO(data.decode("utf-8"))) if row["copy"] == "0" and row["usable"] == "1"
    ]
    for row in rows:
        for name in ("vehicle", "driver"):
            row[name] = row[name][1:] if row[name].startswith("'") else row[name]
        row["time"], row["lon"], row["lat"] = int(row["time"]), float(row["lon"]), float(row["lat"])
        row["speed"] = round(float(row["speed_kmh"]) * 10)
        row["limit"] = round(float(row["limit_kmh"]) * 10) if row["limit_kmh"] else None
    return rows


def metres(a, b):
    """Haversine on a sphere of radius 6,371,008.8 m."""
    lat_a, lat_b = math.radians(a["lat"]), math.radians(b["lat"])
    east = math.sin(math.radians(b["lon"] - a["lon"]) / 2) ** 2
    part = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * east
    return 2 * 6371008.8 * math.asin(math.sqrt(part))


def activities(fixes, base):
    """Time from fix to fix as [vehicle, driver, start, end, class], short stops taken into the driving."""

    def merged(parts):
        out = []
        for part in parts:
            if out and out[-1][:2] + out[-1][4:] == part[:2] + part[4:] and out[-1][3] == part[2]:
                out[-1][3] = part[3]
            else:
                out.append(list(part))
        return out

    steps = []
    for a, b in zip(fixes, fixes[1:]):
        if a["vehicle"] != b["vehicle"]:
            continue
        seconds, moving = b["time"] - a["time"], a["speed"] >= base["method.moving_min"]
        short = seconds <= base["method.moving_gap_max"]
        parked = short or metres(a, b) * 1000 <= base["method.parked_radius"]
        kind = "driving" if moving and short else "standing" if not moving and parked else "unknown"
        steps.append([a["vehicle"], a["driver"], a["time"], b["time"], kind])
    parts = merged(steps)
    stops = []
    for before, stop, after in zip(parts, parts[1:], parts[2:]):
        alike = before[:2] == stop[:2] == after[:2] and (before[4], stop[4], after[4]) == (
            "driving",
            "standing",
            "driving",
        )
        if alike and stop[3] - stop[2] < base["method.short_stop_max"]:
            stops.append(stop)
    for stop in stops:
        stop[4] = "driving"
    return merged(parts)


def in_band(name, value, per, rows):
    """Whether value / per lies in the band of that name."""
    text = next((row["interval"] for row in rows if row["band"] == name), None)
    low, high = (float(edge) for edge in re.findall(r"[\d.]+|inf", text)) if text else (0, -1)
    above = value >= low * per if text and text[0] == "[" else value > low * per
    return above and (value <= high * per if text and text[-1] == "]" else value < high * per)


def speeding(finding, fixes, read_, base):
    run = [row for row in fixes if row["used"] == "1"]
    excess = [row["speed"] - row["limit"] for row in run]
    pairs = [min(pair) for pair in zip(excess, excess[1:])]
    place = pairs.index(max(pairs)) + 1
    gaps = [b["time"] - a["time"] for a, b in zip(run, run[1:])]
    weaker = run[place - 1] if excess[place - 1] <= excess[place] else run[place]
    yield "measured", weaker["speed"] / 10
    yield "limit", weaker["limit"] / 10
    yield "excess", pairs[place - 1] / 10
    yield "at", run[place]["time"]
    yield "start", run[0]["time"]
    yield "end", run[-1]["time"]
    yield "detail.peak_speed", max(row["speed"] for row in run) / 10
    yield "detail.mean_speed", round(sum(row["speed"] for row in run) / len(run) / 10, 1)
    yield "detail.fixes", len(run)
    yield "band", finding["band"] if in_band(finding["band"], pairs[place - 1], 10, read_["speed.bands"]) else None
    lasts = run[-1]["time"] - run[0]["time"]
    enough = len(run) >= base["method.speeding_min_fixes"] and lasts >= base["method.speeding_min_duration"]
    yield "", enough and max(gaps) <= base["method.speeding_gap_max"] and min(excess) > 0


def driving(finding, fixes, read_, base):
    """Driving of the driver on all vehicles between start and end, once where two drove at once; or twice, if asked."""
    bridge = base["method.unknown_bridge_max"] if finding["grade"] == "possible" else -1
    spans = []
    for vehicle, driver, start, end, kind in activities(fixes, base):
        counts = kind == "driving" or (kind == "unknown" and end - start <= bridge)
        if counts and driver == (finding["driver"] or "") and (driver or vehicle == finding["vehicle"]):
            spans.append((max(start, finding["start"]), min(end, finding["end"]), vehicle))
    once = twice = 0
    at, reached = None, finding["start"]
    for start, end, _ in sorted(span for span in spans if span[0] < span[1]):
        twice += max(0, min(end, reached) - start)
        begin = max(start, reached)
        if begin < end:
            if at is None and once + end - begin > finding["limit"]:
                at = begin + finding["limit"] - once
            once, reached = once + end - begin, end
    double = finding["rule"] == "double_login"
    if not double:  # the limit that it is measured against is one of the figures of law that it names
        yield "", finding["limit"] in [base.get(use["parameter"]) for use in finding["law"]]
    yield "measured", twice if double else once
    yield "excess", (twice if double else once) - finding["limit"]
    yield "at", finding["end"] if double else at


def moving_silence(finding, fixes, read_, base):
    a, b = (row for row in fixes if row["used"] == "1")
    yield "measured", b["time"] - a["time"]
    yield "excess", b["time"] - a["time"] - base["method.moving_gap_max"]
    yield "detail.distance_m", round(metres(a, b), 1)
    yield "", metres(a, b) * 1000 >= base["method.moving_silence_distance_min"]


def overload(finding, weighing, read_, base):
    sent = weighing["sent"]
    errors = (
        (weighing["station"] or {}).get("instrument_error_permille"),
        (sent.get("scale") or {}).get("error_permille"),
    )
    keep = 1000 - max(error or 0 for error in errors)
    axles, gross = [mass * keep // 1000 for mass in sent["axle_kg"]], sent["gross_kg"] * keep // 1000
    detail, limit = finding["detail"], finding["limit"]
    bands = read_["overload.road_bands"]
    if finding["rule"] == "overload_payload":
        gross -= detail["kerb_kg"] + detail["persons"] * base["method.person_mass"]
        stated = {use["parameter"] for use in finding["law"]}
        bands = read_[next(name for name in stated if name.startswith("overload.payload_bands"))]
    elif finding["rule"] == "overload_axle":
        gross = sum(axles[int(number) - 1] for number in detail["axles"].split("+"))
    over = 100 * (gross - limit)
    yield "measured", gross
    yield "excess", (2 * over * 100 + limit) // (2 * limit) / 100
    yield "band", finding["band"] if in_band(finding["band"], over, limit, bands) else None


SUMS = {"speeding": speeding, "moving_silence": moving_silence, "double_login": driving}
SUMS.update(dict.fromkeys(("continuous_driving", "daily_driving", "weekly_driving"), driving))
SUMS.update(dict.fromkeys(("overload_payload", "overload_gross", "overload_axle"), overload))


def check_sums(files):
    """What the sums made anew say against the finding; prints each sum."""
    finding, law = (json.loads(files[name].decode("utf-8")) for name in ("finding.json", "law.json"))
    read_ = {one["parameter"]: one["value"] for one in law["read"]}
    base = {one["parameter"]: one["base"] for one in law["read"] if one["base"] is not None}
    rule = finding["rule"]
    if SUMS[rule] is overload:
        records = json.loads(files["weighing.json"].decode("utf-8"))
    else:
        records = load_fixes(files["fixes.csv"])
    results = SUMS[rule](finding, records, read_, base)
    wrong = []
    for name, made in results:
        stated = True
        if name:
            stated = finding["detail"][name[7:]] if name.startswith("detail.") else finding[name]
        print(f"  {name or 'conditions of the rule'}: {made} made anew, {stated} stated")
        if made != stated:
            wrong.append(f"finding.json: {name or 'conditions of the rule'}: {stated} stated, {made} made anew")
    return wrong


def main(arguments):
    own = pathlib.Path(__file__).resolve().parent
    files = read(pathlib.Path(arguments[0]) if arguments else own)
    wrong, summed = check_files(files, arguments[1] if len(arguments) > 1 else None), False
    if not wrong:
        manifest = json.loads(files["manifest.json"].decode("utf-8"))
        wrong = check_content(json.loads(files["finding.json"].decode("utf-8")), manifest)
        for line in manifest["warnings"]:
            print(f"WARNING, as the package itself says: {line}")
        if manifest["finding"]["derived"] != "equal":
            print("The package says that the stored records no longer give the finding: its sums are not made anew.")
        elif manifest["finding"]["rule"] not in SUMS:
            print("This program does not know the rule: its sums are not made anew.")
        else:
            summed = True
            try:
                wrong += check_sums(files)
            except (ValueError, KeyError, IndexError, TypeError) as error:
                wrong.append(f"finding.json: its sums cannot be made anew from the files: {error!r}")
    print(__doc__[__doc__.index("NOT checked") :].strip())
    for line in wrong:
        print(f"FAILED {line}")
    sums = "the sums are those of the finding" if summed else "the sums were not checked"
    print("FAILED" if wrong else f"OK: every file is as it was made, and {sums}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
