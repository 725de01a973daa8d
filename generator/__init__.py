"""Capline: a market letter on small and large caps in which every number can be checked."""

__version__ = "0.1.0"
