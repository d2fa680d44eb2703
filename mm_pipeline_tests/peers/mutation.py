"""Small changes that take a feature out, as mutations.toml declares them. Applies none to the checkout: copy.py does, to a copy."""

import tomllib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DECLARED = Path(__file__).with_name("mutations.toml")


class Mutation(NamedTuple):
    """One feature taken out: in `file` the text `old`, which stands there once, becomes `new`. Then `test` must fail."""

    row: str
    file: str
    old: str
    new: str
    test: str

    def applied(self, text: str) -> str:
        """Return the file's text without the feature. Raises ValueError where `old` does not stand in it exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"row {self.row}: its old text stands {text.count(self.old)} times in {self.file}")
        return text.replace(self.old, self.new)


def declared() -> dict[str, Mutation]:
    """Return every declared mutation by its row. Raises ValueError where a row has two."""
    found = [Mutation(**entry) for entry in tomllib.loads(DECLARED.read_text(encoding="utf-8"))["mutation"]]
    by_row = {mutation.row: mutation for mutation in found}
    if len(by_row) != len(found):
        raise ValueError("a row has two mutations")
    return by_row
