"""Drawings of what was recorded: plain data in, SVG text out. They stand alone and inside pages.

No I/O, no ids, no style sheets, no scripts, nothing from outside: a drawing can be embedded several times in one page
under a policy that forbids inline styles. Every text is escaped. The same data give the same text.
"""
