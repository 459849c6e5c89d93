"""Fines, points and suspensions written by hand from the facts, apart from the law files.

A line: who and what | fine of a person | of an organisation | points | licence suspended | badge suspended | clause.
Million VND and months; an empty field: not stated. `0`: the law says there is none.
"""

from __future__ import annotations

D100, D123 = "Decree 100/2019/ND-CP", "Decree 100/2019/ND-CP as amended by Decree 123/2021/ND-CP"
D168, D238 = "Decree 168/2024/ND-CP", "Decree 168/2024/ND-CP as amended by Decree 238/2026/ND-CP"
FROM = {D100: "2020-01-01", D123: "2022-01-01", D168: "2025-01-01", D238: "2026-08-15"}

FINES = {
    ("penalties_speed.excess", D100): """
        driver 5-10  | 0.8-1 | | | 0   | | Art. 5(3)(a)
        driver 10-20 | 3-5   | | | 1-3 | | Art. 5(5)(i)
        driver 20-35 | 6-8   | | | 2-4 | | Art. 5(6)(a)
        driver 35+   | 10-12 | | | 2-4 | | Art. 5(7)(c)""",
    ("penalties_speed.excess", D123): """
        driver 5-10  | 0.8-1 | | | 0   | | Art. 5(3)(a)
        driver 10-20 | 4-6   | | | 1-3 | | Art. 5(5)(i)
        driver 20-35 | 6-8   | | | 2-4 | | Art. 5(6)(a)
        driver 35+   | 10-12 | | | 2-4 | | Art. 5(7)(c)""",
    ("penalties_speed.excess", D168): """
        driver 5-10  | 0.8-1 | | 0 | 0 | | Art. 6(3)(a)
        driver 10-20 | 4-6   | | 2 | 0 | | Art. 6(5)(dd)
        driver 20-35 | 6-8   | | 4 | 0 | | Art. 6(6)(a)
        driver 35+   | 12-14 | | 6 | 0 | | Art. 6(7)(a)""",
    ("penalties_speed.accident", D168): "driver speeding_accident | 20-22 | | 10 | | | Art. 6(10)(a)",
    ("penalties_overload.payload", D100): """
        driver 10-30   | 0.8-1 | | | 0   | | Art. 24(2)(a)
        driver 20-30   | 0.8-1 | | | 0   | | Art. 24(2)(a)
        driver 30-50   | 3-5   | | | 1-3 | | Art. 24(5)(a)
        driver 50-100  | 5-7   | | | 1-3 | | Art. 24(6)(a)
        driver 100-150 | 7-8   | | | 2-4 | | Art. 24(7)(a)
        driver 150+    | 8-12  | | | 3-5 | | Art. 24(8)(a)
        owner 10-30    | 2-4   | 4-8   | | | | Art. 30(7)(h)
        owner 20-30    | 2-4   | 4-8   | | | | Art. 30(7)(h)
        owner 30-50    | 6-8   | 12-16 | | | | Art. 30(9)(d)
        owner 50-100   | 14-16 | 28-32 | | | | Art. 30(10)(a)
        owner 100-150  | 16-18 | 32-36 | | | | Art. 30(11)
        owner 150+     | 18-20 | 36-40 | | | | Art. 30(12)(a)""",
    ("penalties_overload.payload", D123): """
        driver 10-30   | 0.8-1 | | | 0   | | Art. 24(2)(a)
        driver 20-30   | 0.8-1 | | | 0   | | Art. 24(2)(a)
        driver 30-50   | 3-5   | | | 1-3 | | Art. 24(5)(a)
        driver 50-100  | 5-7   | | | 1-3 | | Art. 24(6)(a)
        driver 100-150 | 7-8   | | | 2-4 | | Art. 24(7)(a)
        driver 150+    | 8-12  | | | 3-5 | | Art. 24(8)(a)
        owner 10-30    | 2-4   | 4-8   | | | 1-3 | Art. 30(7)(h)
        owner 20-30    | 2-4   | 4-8   | | | 1-3 | Art. 30(7)(h)
        owner 30-50    | 6-8   | 12-16 | | | 1-3 | Art. 30(9)(d)
        owner 50-100   | 14-16 | 28-32 | | | 1-3 | Art. 30(10)(a)
        owner 100-150  | 16-18 | 32-36 | | | 1-3 | Art. 30(11)
        owner 150+     | 18-20 | 36-40 | | | 1-3 | Art. 30(12)(a)""",
    ("penalties_overload.payload", D168): """
        driver 10-30   | 0.8-1 | | 0  | | | Art. 21(2)(a)
        driver 20-30   | 0.8-1 | | 0  | | | Art. 21(2)(a)
        driver 30-50   | 3-5   | | 2  | | | Art. 21(5)(a)
        driver 50-100  | 5-7   | | 4  | | | Art. 21(6)(a)
        driver 100-150 | 7-8   | | 8  | | | Art. 21(7)(a)
        driver 150+    | 8-12  | | 10 | | | Art. 21(8)(a)
        owner 10-30    | 4-6   | 8-12    | | | 1-3 | Art. 32(7)(e)
        owner 20-30    | 4-6   | 8-12    | | | 1-3 | Art. 32(7)(e)
        owner 30-50    | 10-12 | 20-24   | | | 1-3 | Art. 32(11)(b)
        owner 50-100   | 20-26 | 40-52   | | | 1-3 | Art. 32(13)(a)
        owner 100-150  | 30-40 | 60-80   | | | 1-3 | Art. 32(15)
        owner 150+     | 65-75 | 130-150 | | | 1-3 | Art. 32(16)(b)""",
    ("penalties_overload.road", D100): """
        driver 10-20   | 2-3   | | |     | | Art. 33
        driver 20-50   | 3-5   | | | 1-3 | | Art. 33
        driver 50-100  | 5-7   | | | 1-3 | | Art. 33
        driver 100-150 | 7-8   | | | 2-4 | | Art. 33
        driver 150+    | 14-16 | | | 3-5 | | Art. 33""",
    ("penalties_overload.road", D123): """
        driver 10-20               | 4-6   | | | 0   | | Art. 33(2)
        driver 20-50               | 13-15 | | | 1-3 | | Art. 33(4)(a)
        driver 50+                 | 40-50 | | | 3-5 | | Art. 33(5)(a)
        driver own_permit_exceeded | 13-15 | | | 2-4 | | Art. 33(4)(b)
        driver off_permit_route    | 13-15 | | | 2-4 | | Art. 33(4)(c)
        driver weighing_refused    | 40-50 | | | 3-5 | | Art. 33(5)(b)
        owner 10-20                | 6-8   | 12-16   | | | 0   | Art. 30(9)(dd)
        owner 20-50                | 28-32 | 56-64   | | | 1-3 | Art. 30(13)(dd)
        owner 50+                  | 70-75 | 140-150 | | | 1-3 | Art. 30(14)
        owner own_permit_exceeded  | 28-32 | 56-64   | | | 1-3 | Art. 30(13)(e)
        owner off_permit_route     | 28-32 | 56-64   | | | 1-3 | Art. 30(13)(g)""",
    ("penalties_overload.road", D168): """
        driver 10-20               | 4-6   | | 0  | | | Art. 34(2)
        driver 20-50               | 13-15 | | 2  | | | Art. 34(4)(a)
        driver 50+                 | 40-50 | | 4  | | | Art. 34(5)(a)
        driver own_permit_exceeded | 13-15 | | 3  | | | Art. 34(4)(b)
        driver off_permit_route    | 13-15 | | 3  | | | Art. 34(4)(c)
        driver weighing_refused    | 40-50 | | 10 | | | Art. 34(5)(b)
        owner 10-20                | 10-12 | 20-24   | | | 0   | Art. 32(11)(c)
        owner 20-50                | 28-30 | 56-60   | | | 1-3 | Art. 32(14)(dd)
        owner 50+                  | 65-75 | 130-150 | | | 1-3 | Art. 32(16)(a)
        owner own_permit_exceeded  | 28-30 | 56-60   | | | 1-3 | Art. 32(14)(e)
        owner off_permit_route     | 28-30 | 56-60   | | | 1-3 | Art. 32(14)(g)""",
    ("penalties_overload.loading", D100): """
        loader 10-50  | 0.5-1 | 1-2  | | | | Art. 28
        loader 20-50  | 0.5-1 | 1-2  | | | | Art. 28
        loader 50-100 | 2-3   | 4-6  | | | | Art. 28
        loader 100+   | 4-5   | 8-10 | | | | Art. 28""",
    ("penalties_overload.loading", D123): """
        loader 10-50  | 0.5-1 | 1-2  | | | | Art. 28
        loader 20-50  | 0.5-1 | 1-2  | | | | Art. 28
        loader 50-100 | 2-3   | 4-6  | | | | Art. 28(3)(a)
        loader 100+   | 4-5   | 8-10 | | | | Art. 28""",
    ("penalties_overload.loading", D168): """
        loader 10-50  | 0.5-1 | 1-2  | | | | Art. 26
        loader 20-50  | 0.5-1 | 1-2  | | | | Art. 26
        loader 50-100 | 2-3   | 4-6  | | | | Art. 26
        loader 100+   | 4-5   | 8-10 | | | | Art. 26""",
    ("penalties_driving.time", D100): """
        driver (passenger) over_time | 3-5 | | | 1-3 | | Art. 23(6)(d)
        driver (goods) over_time     | 3-5 | | | 1-3 | | Art. 24(5)(b)
        owner over_time              | 4-6 | 8-12 | | | | Art. 30(8)(d)""",
    ("penalties_driving.time", D123): """
        driver (passenger) over_time | 3-5 | | | 1-3 | | Art. 23(6)(d)
        driver (goods) over_time     | 3-5 | | | 1-3 | | Art. 24(5)(b)
        owner over_time              | 4-6 | 8-12 | | | | Art. 30(8)(d)""",
    ("penalties_driving.time", D168): """
        driver (passenger) over_time | 3-5 | | 2 | | | Art. 20(6)(d)
        driver (goods) over_time     | 3-5 | | 2 | | | Art. 21(5)(b)
        owner over_time              | 4-6 | 8-12 | | | 0 | Art. 32(9)(d)""",
    ("penalties_recorder.device", D100): """
        driver (passenger) recorder_missing     | 1-2 | | |     | | Art. 23(5)(g)
        driver (goods) recorder_missing         | 1-2 | | |     | | Art. 24(3)(a)
        driver (passenger) recorder_not_working | 3-5 | | | 1-3 | | Art. 23(6)(dd)
        driver (goods) recorder_not_working     | 3-5 | | | 1-3 | | Art. 24(5)(c)
        driver (passenger) recorder_falsified   | 3-5 | | | 1-3 | | Art. 23(6)(dd)
        driver (goods) recorder_falsified       | 3-5 | | | 1-3 | | Art. 24(5)(c)""",
    ("penalties_recorder.device", D123): """
        driver (passenger) recorder_missing     | 3-5 | | | 1-3 | | Art. 23(6)(dd)
        driver (goods) recorder_missing         | 3-5 | | | 1-3 | | Art. 24(5)(c)
        driver (passenger) recorder_not_working | 3-5 | | | 1-3 | | Art. 23(6)(dd)
        driver (goods) recorder_not_working     | 3-5 | | | 1-3 | | Art. 24(5)(c)
        driver (passenger) recorder_falsified   | 3-5 | | | 1-3 | | Art. 23(6)(dd)
        driver (goods) recorder_falsified       | 3-5 | | | 1-3 | | Art. 24(5)(c)""",
    ("penalties_recorder.device", D168): """
        driver (passenger) recorder_missing     | 3-5 | | 2 | | | Art. 20(6)(dd)
        driver (goods) recorder_missing         | 3-5 | | 2 | | | Art. 21(5)(c)
        driver (passenger) recorder_not_working | 3-5 | | 2 | | | Art. 20(6)(dd)
        driver (goods) recorder_not_working     | 3-5 | | 2 | | | Art. 21(5)(c)
        driver (passenger) recorder_falsified   | 3-5 | | 2 | | | Art. 20(6)(dd)
        driver (goods) recorder_falsified       | 3-5 | | 2 | | | Art. 21(5)(c)""",
    ("penalties_recorder.card", D100): """
        driver (passenger) card_misused | 1-2 | | | 1-3 | | Art. 23(5)(o)
        driver (goods) card_misused     | 1-2 | | | 1-3 | | Art. 24(3)(b)""",
    ("penalties_recorder.card", D123): """
        driver (passenger) card_misused | 1-2 | | | 1-3 | | Art. 23(5)(o)
        driver (goods) card_misused     | 1-2 | | | 1-3 | | Art. 24(3)(b)""",
    ("penalties_recorder.card", D168): """
        driver (passenger) card_misused | 1-2 | | 2 | | | Art. 20(5)(k)
        driver (goods) card_misused     | 1-2 | | 2 | | | Art. 21(3)(a)""",
    ("penalties_operator.data", D100): "operator data_withheld | 5-6 | 10-12 | | | | Art. 28(6)(c)",
    ("penalties_operator.data", D123): "operator data_withheld | 5-6 | 10-12 | | | | Art. 28(6)(c)",
    ("penalties_operator.data", D168): """
        operator data_withheld       | 5-6   | 10-12  | | | | Art. 26(7)(a)
        operator data_withheld_again | 40-50 | 80-100 | | | | Art. 26(11)""",
    ("penalties_operator.device", D100): "operator recorder_not_in_order | 5-6 | 10-12 | | | 1-3 | Art. 28(6)(dd)",
    ("penalties_operator.device", D123): "operator recorder_not_in_order | 5-6 | 10-12 | | | 1-3 | Art. 28(6)(dd)",
    ("penalties_operator.device", D168): "operator recorder_not_in_order | 5-6 | 10-12 | | | 1-3 | Art. 26(7)(c)",
    ("penalties_operator.device_own_account", D238): "owner recorder_not_in_order | 5-6 | 10-12 | | | | Art. 32(9a)",
    ("penalties_operator.card", D100): "operator card_not_issued | 3-4 | 6-8 | | | 1-3 | Art. 28(4)(e)",
    ("penalties_operator.card", D123): "operator card_not_issued | 3-4 | 6-8 | | | 1-3 | Art. 28(4)(e)",
    ("penalties_operator.card", D168): "operator card_not_issued | 3-4 | 6-8 | | | 1-3 | Art. 26(4)(a)",
    ("penalties_operator.provider", D100): "provider data_falsified | 20-30 | | | | | Art. 28(9)",
    ("penalties_operator.provider", D123): "provider data_falsified | 40-60 | | | | | Art. 28(9)",
    ("penalties_operator.provider", D168): "provider data_falsified | 40-60 | | | | | Art. 26(10)",
    ("penalties_operator.badge_missing", D100): """
        driver (goods) badge_missing     | 5-7 | | | | | Art. 24(6)(d)
        driver (passenger) badge_missing | 5-7 | | | | | Art. 23(7)""",
    ("penalties_operator.badge_missing", D123): """
        driver (goods) badge_missing     | 5-7 | | | | | Art. 24(6)(d)
        driver (passenger) badge_missing | 5-7 | | | | | Art. 23(7)""",
    ("penalties_operator.badge_missing", D168): """
        driver (goods) badge_missing     | 5-7 | | 2 | | | Art. 21(6)(c)
        driver (passenger) badge_missing | 5-7 | | 2 | | | Art. 20(7)""",
    ("penalties_operator.badge_kept", D123): "operator badge_kept | 2-3 | 4-6 | | | | Art. 28(3)(c)",
}

# Values whose own text was not read: the amended text of 2022 of what only the text of 2019 was read of.
NOT_VERIFIED = {
    ("penalties_overload.loading", D123), ("penalties_driving.time", D123), ("penalties_recorder.card", D123),
    ("penalties_operator.data", D123), ("penalties_operator.device", D123), ("penalties_operator.card", D123),
    ("penalties_operator.badge_missing", D123),
}  # fmt: skip
NOT_KNOWN = {("penalties_operator.badge_kept", D168)}
