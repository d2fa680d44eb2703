"""Imports what is needed soon, while something else is waited for. Knows nothing of what it imports."""

from contextlib import suppress
from importlib import import_module
from threading import Thread


def import_ahead(*modules: str) -> None:
    """Begin to import modules by their names, on a thread of their own. Who imports one meanwhile waits for it.

    One that cannot be imported says so there, where it is needed.
    """
    Thread(target=_import, args=modules, name="importing").start()


def _import(*modules: str) -> None:
    for module in modules:
        with suppress(ImportError):
            import_module(module)
