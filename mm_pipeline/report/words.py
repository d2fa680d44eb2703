"""What people call the six types of rows, where a page or a sentence is read by them. Programs read the types' own names."""

from mm_pipeline.model import NOUNS

ONE = {kind: one for kind, (one, _) in NOUNS.items()}
MANY = {kind: many for kind, (_, many) in NOUNS.items()}
