"""A shim for tools that still want setup.py; everything stands in pyproject.toml."""

from setuptools import setup

setup()
