"""Planted speeding and silence: changes to the samples of one vehicle, with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cli.fleet.law_margins import speeding_band
from cli.fleet.roads import nearest
from cli.fleet.spec import Answer, Request
from journey.track import haversine_m

if TYPE_CHECKING:
    from cli.fleet.driving import Samples
    from journey.track import Bool, Float, Int

_LEAST_S = 25  # of planted speeding, above the 20 s that count
_MOST_S = 60
_GUARD = 4  # samples around something planted that stay as they are
_SILENCE_M = 1500.0
_CRAWL_M = 970.0  # along the road; over the ground it is no more, so below 1000 m with noise at both ends
_CRAWL_S = (150, 280)


class Planter:
    """Builds the requests of one vehicle into its samples and notes the answers."""

    def __init__(
        self,
        rng: np.random.Generator,
        samples: Samples,
        sampling_s: int,
        plate: str,
        operator: str,
        licences: list[str],
    ) -> None:
        self.rng, self.samples, self.sampling_s = rng, samples, sampling_s
        self.plate, self.operator, self.licences = plate, operator, licences
        self.taken = np.zeros(len(samples.time), bool)
        self.answers: list[Answer] = []
        self.horizon = 0  # what lies before must not move any more

    def build_all(self, requests: list[Request]) -> None:
        """All requests: those of a given time, then the others wherever the vehicle comes to a fitting place.

        Each changes how far the vehicle has come later on, so they are built in the order of time. One that never
        finds its place is left out, and has no answer.
        """
        for request in sorted((r for r in requests if r.start), key=lambda r: r.start):
            if request.kind == "silence":
                self._silence(request)
            else:
                self._late_start(request)
        waiting = [(request, self._length(request)) for request in requests if not request.start]
        while waiting:
            spare = (len(self.taken) - self.horizon) // (len(waiting) + 1)
            pause = int(self.rng.integers(spare)) if spare > 0 else 0
            # Of those that wait, the one whose place comes first; without the pause where that leaves none.
            first, which = min(self._firsts(waiting, pause) or self._firsts(waiting, 0), default=(-1, -1))
            if which < 0:
                return
            request, length = waiting.pop(which)
            self._build(request, first, length)

    def _firsts(self, waiting: list[tuple[Request, int]], pause: int) -> list[tuple[int, int]]:
        """First fitting sample after the horizon and a pause, and number, of each request that has one."""
        result = []
        for number, (request, length) in enumerate(waiting):
            found = np.flatnonzero(self._fits(request, length)[self.horizon + pause :])
            if len(found):
                result.append((int(found[0]) + self.horizon + pause, number))
        return result

    def _length(self, request: Request) -> int:
        """How many fixes a request takes."""
        if request.kind == "speeding_19s":
            return 3
        if request.kind == "crawl":
            return -(-int(self.rng.integers(*_CRAWL_S)) // self.sampling_s)
        shortest = -(-_LEAST_S // self.sampling_s) + 1
        return int(self.rng.integers(shortest, max(shortest, _MOST_S // self.sampling_s + 1) + 1))

    def _build(self, request: Request, first: int, length: int) -> None:
        if request.kind == "crawl":
            self._crawl(first, length)
        elif request.kind == "speeding_19s":
            # Only the first two of the three are over.
            self.samples.time[first + 1] = self.samples.time[first] + 19
            self._drive_at(first, 2, request)
        else:
            self._drive_at(first, length, request)
        if request.kind == "speeding":
            place = {0: "by the table", 1: "on a sign above the table", -1: "on a sign below the table"}[request.sign]
            why = f"{request.excess_dkmh / 10} km/h over the limit {place}"
            self._answer("speeding", first, first + length - 1, speeding_band(request.excess_dkmh), why)

    def _answer(self, rule: str, first: int, last: int, band: str | None, why: str) -> None:
        driver = int(self.samples.driver[first])
        self.answers.append(
            Answer(
                rule=rule,
                grade="certain",
                vehicle=self.plate,
                driver=None if driver < 0 else self.licences[driver],
                operator=self.operator,
                band=band,
                at_from=int(self.samples.time[first]),
                at_to=int(self.samples.time[last]),
                why=why,
            )
        )

    def _free(self, length: int) -> Bool:
        """Samples from which `length` on move in one drive, with nothing planted within some samples of them."""
        samples = self.samples
        n = len(samples.time)
        busy = ~samples.moving | self.taken | ~samples.keep
        total = np.concatenate(([0], np.cumsum(busy)))
        at = np.arange(n)
        low, high = at - _GUARD, at + length + _GUARD
        fits = (low >= 0) & (high < n)
        low, high = np.clip(low, 0, n - 1), np.clip(high, 0, n - 1)
        result: Bool = fits & (total[high + 1] == total[low]) & (samples.spell[low] == samples.spell[high])
        return result

    def _take(self, first: int, last: int) -> None:
        self.horizon = max(self.horizon, last)
        around = slice(max(0, first - _GUARD), last + _GUARD + 1)
        self.taken[around] = True
        self.samples.clean[around] = True

    def _fits(self, request: Request, length: int) -> Bool:
        """Samples from which a request can be built: on a stretch whose limit is beyond doubt, and long enough."""
        course = self.samples.profile
        s, back = self.samples.place()
        at = course.route.s
        low, high = nearest(course.low, at, s), nearest(course.high, at, s)
        left = np.where(back, s - low, high - s)
        fits: Bool = self._free(length) & (s > low) & (s < high)
        if request.kind == "crawl":
            fits &= left > _CRAWL_M
            return fits
        speed = nearest(course.limit, at, s) + request.excess_dkmh / 10
        fits &= left > speed / 3.6 * self.sampling_s * (length + 1)
        if request.sign:
            fits &= nearest(course.sign.astype(float), at, s) == request.sign
        else:
            fits &= nearest(course.signed.astype(float), at, s) == 0
        return fits

    def _drive_at(self, first: int, length: int, request: Request) -> None:
        """Make these fixes show the limit plus the excess, and the vehicle move accordingly."""
        course = self.samples.profile
        s, _ = self.samples.place()
        over = request.excess_dkmh + self.rng.integers(-request.jitter_dkmh, request.jitter_dkmh + 1, length)
        limit = nearest(course.limit, course.route.s, s[first : first + 1])[0]
        reference = nearest(course.reference, course.route.s, s[first : first + 1])[0]
        tenths = int(limit) * 10 + over
        self.samples.fixed[first : first + length] = tenths
        self.samples.factor[first : first + length] = tenths / 36 / reference
        self._take(first, first + length - 1)

    def _apart_m(self, first: Int, last: Int) -> Float:
        lon, lat = self.samples.position()
        return haversine_m(lon[first], lat[first], lon[last], lat[last])

    def _silence(self, request: Request) -> None:
        """Nothing sent while the vehicle drives on, near the time asked for, where it comes far enough."""
        length = -(-request.seconds // self.sampling_s)
        start = int(np.searchsorted(self.samples.time, request.start))
        shifts = np.array(sorted(range(-20, 21), key=abs))
        firsts = start + shifts
        free = self._free(length)
        far = self._apart_m(firsts, firsts + length) > _SILENCE_M
        fitting = firsts[free[firsts] & far]
        if not len(fitting):
            # The light stops of the silence are not seen by anyone: only around its two ends must it move. Else a stop
            # beside it would be no stop amid a drive, and not count as driving.
            near = np.arange(_GUARD + 1)
            around = np.concatenate((firsts[:, None] - near, firsts[:, None] + length + near), axis=1)
            one_drive = self.samples.spell[around[:, _GUARD]] == self.samples.spell[around[:, -1]]
            fitting = firsts[far & one_drive & self.samples.moving[around].all(axis=1)]
        first = int(fitting[0])
        last = first + length
        self.samples.keep[first + 1 : last] = False
        self._take(first, last)
        seconds = int(self.samples.time[last] - self.samples.time[first])
        self._answer("moving_silence", first, last, None, f"{seconds} s without a fix while moving")
        self.answers[-1]["at_from"] = self.answers[-1]["at_to"]

    def _crawl(self, first: int, length: int) -> None:
        """A silence over just less than 1000 m."""
        samples, course = self.samples, self.samples.profile
        s, _ = samples.place()
        reference = nearest(course.reference, course.route.s, s[first : first + 1])[0]
        seconds = samples.time[first + length] - samples.time[first]
        samples.factor[first : first + length] = _CRAWL_M / seconds / reference
        samples.keep[first + 1 : first + length] = False
        self._take(first, first + length)

    def _late_start(self, request: Request) -> None:
        """The first fixes of a drive are not sent: the vehicle was moved while it seemed parked."""
        samples = self.samples
        start = int(np.searchsorted(samples.time, request.start))
        earliest = start + -(-request.seconds // self.sampling_s)
        ends = np.arange(earliest, earliest + 40)
        parked = np.full(len(ends), start - 1)
        fits = samples.moving[ends] & samples.moving[ends + 1] & (self._apart_m(parked, ends) > _SILENCE_M)
        end = int(ends[fits][0])
        samples.keep[start:end] = False
        self._take(start - 1, end)
        seconds = int(samples.time[end] - samples.time[start - 1])
        self._answer("moving_silence", start - 1, end, None, f"moved while parked, {seconds} s without a fix")
        self.answers[-1]["at_from"] = self.answers[-1]["at_to"]
