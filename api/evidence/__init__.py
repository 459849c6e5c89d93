"""The evidence package of one finding: everything that a court or an operator needs to check it without this system.

Pure but for `verify.py`, which is no part of the program: it goes into each package and runs there by itself.
"""
