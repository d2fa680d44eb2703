"""The note on a decision: why it is so, in parts of a sentence. Decides nothing."""


def joined(*parts: str) -> str:
    """Return the parts as one note; those that say nothing are left out."""
    return "; ".join(part for part in parts if part)
