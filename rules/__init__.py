"""The rules engine: pure functions from tracks and weighings to findings, under dated, cited law.

No I/O after the law is loaded, no clock, no logging of facts.
"""
