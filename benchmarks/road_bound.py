"""How often the right limit could be told by who knows the path driven and has to tell only where on it a fix was.

What is missing to all there is the error of positions along the road. The path is a line of places a metre apart, with
roads that end where they truly do; a fix makes each place more or less likely by its distance, and the way driven
between two fixes, by the speeds reported, joins their places, normal about what their mean tells. What is left is
summed by limit, and the likeliest limit is told. That a drive made here changes its speed where the limit changes is
not used: no vehicle does that.

It is an estimate of what can be told at most and no bound: where fixes lie half a minute apart the speeds say little,
and the nearest place alone is right as often. The better of both stands for what is possible.
"""

from __future__ import annotations

import numpy as np

from benchmarks.road_tracks import DEGREE_M, Drive
from journey.track import Float, Int

_SIGMAS = 5  # of the error, beyond which no place is looked at
PACE_KMH = 1.0  # method.match_pace_error
_KMH = 3.6  # in a m/s
_LEAST_M = 1.0  # the grid's own


def right_with_path_known(
    gone: Drive, at: Int, east: Float, north: Float, limit_of: Int, noise_m: float, pace_kmh: float = PACE_KMH
) -> tuple[int, int]:
    """Fixes with the right limit: by the nearest place of the path, and by the likeliest limit.

    Args: at: seconds of the fixes. east, north: their errors, m. limit_of: of each road. pace_kmh: by how much
    the mean speed between two fixes is taken to differ from the mean of both; of drives made here by nothing, of
    vehicles by about this.
    """
    east_m = np.cos(np.radians(gone.lat[0])) * DEGREE_M
    cells = np.arange(int(gone.path_way[-1]) + 1) + 0.5
    x = np.interp(cells, gone.path_way, gone.path_lon * east_m)
    y = np.interp(cells, gone.path_way, gone.path_lat * DEGREE_M)
    of_cell = limit_of[gone.path_road[np.searchsorted(gone.path_way, cells, side="right") - 1]]
    half = int(np.ceil(_SIGMAS * noise_m))
    centre = gone.way[at].astype(np.int64)
    window = np.clip(centre[:, None] + np.arange(-half, half + 1), 0, len(cells) - 1)
    fix_x, fix_y = gone.lon[at] * east_m + east, gone.lat[at] * DEGREE_M + north
    off = np.hypot(x[window] - fix_x[:, None], y[window] - fix_y[:, None])
    nearest = of_cell[np.take_along_axis(window, off.argmin(1)[:, None], 1)[:, 0]]
    weight = np.exp(-((off**2 - off.min(1, keepdims=True) ** 2) / (2 * noise_m**2)))
    seconds = np.diff(at)
    speed = gone.speed[at]
    metres = (speed[1:] + speed[:-1]) / 2 * seconds
    doubt = np.maximum(seconds * (pace_kmh / _KMH + np.abs(np.diff(speed)) / np.sqrt(12)), _LEAST_M)
    ahead, back = np.ones_like(weight), np.ones_like(weight)
    for k in range(1, len(at)):
        ahead[k] = _told(ahead[k - 1] * weight[k - 1], window[k - 1], window[k], metres[k - 1], doubt[k - 1])
    for k in range(len(at) - 2, -1, -1):
        back[k] = _told(back[k + 1] * weight[k + 1], window[k + 1], window[k], -metres[k], doubt[k])
    posterior = weight * ahead * back
    truth = limit_of[gone.road[at]]
    limits = np.unique(of_cell)
    mass = np.stack([(posterior * (of_cell[window] == one)).sum(1) for one in limits])
    return int((nearest == truth).sum()), int((limits[mass.argmax(0)] == truth).sum())


def _told(mass: Float, from_: Int, to: Int, metres: float, doubt: float) -> Float:
    apart = to[None, :] - from_[:, None] - metres
    said: Float = mass @ np.exp(-(apart**2) / (2 * doubt**2))
    total = said.max()
    return said / total if total > 0 else np.ones_like(said)
