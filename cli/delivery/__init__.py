"""Delivery of published lists: to a folder, over SFTP, by e-mail and over HTTP, each recipient by itself."""
