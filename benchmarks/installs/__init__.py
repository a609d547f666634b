"""Installs of the package, made to be measured: on every promised Python, without the lock, and with each extra."""
