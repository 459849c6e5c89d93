"""Rates and memory, printed with the machine's size. Run by `make bench`; the figures go to docs/benchmarks.md."""
