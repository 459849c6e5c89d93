"""Bytes in: transports, formats, and the one loop that takes a message from receipt to commit."""
