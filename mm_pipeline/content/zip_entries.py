"""What a zip's entries are called, and what a damaged one raises. Opens none."""

import lzma
import unicodedata
import zipfile
import zlib
from contextlib import suppress

#: What opening a zip, or reading a damaged, encrypted (RuntimeError) or exotic entry of one, raises.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


def readable_name(name: str, flag_bits: int) -> str:
    """Return an entry's name as people read it, in NFC. In: filename and flag_bits of its zipfile.ZipInfo."""
    if name.isascii():
        return name  # the same text, not a copy: an export of a million messages has a hundred thousand entries
    if not flag_bits & 0x800:
        # zipfile reads names without the UTF-8 flag as cp437; most programs that forget the flag write UTF-8.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return unicodedata.normalize("NFC", name)
