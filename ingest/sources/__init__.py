"""Transports, one file each: where messages come from and how they are acknowledged."""
