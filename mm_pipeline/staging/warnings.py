"""What staging has to tell a person besides the rows. Decides, prints and raises nothing."""

#: Sentences of one kind that are told in full; a broken export has thousands of the same.
_PER_KIND = 20


class Warnings:
    """Sentences, few of each kind, and how many more there were."""

    def __init__(self) -> None:
        self._told: dict[str, list[str]] = {}
        self._counts: dict[str, int] = {}

    def add(self, kind: str, sentence: str) -> None:
        """Tell one thing. `kind` groups what is cut short together."""
        if sentence in self._told.get(kind, ()):
            return
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if self._counts[kind] <= _PER_KIND:
            self._told.setdefault(kind, []).append(sentence)

    def sentences(self) -> list[str]:
        """Return everything told, in groups."""
        sentences: list[str] = []
        for kind, told in self._told.items():
            sentences += told
            if (more := self._counts[kind] - len(told)) > 0:
                sentences.append(f"... and {more} more of this kind ({kind}).")
        return sentences
