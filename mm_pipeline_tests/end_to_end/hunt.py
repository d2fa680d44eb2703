"""Where secrets are looked for, and in which forms: files, tables, archives, the arguments of running programs. Judges nothing."""

import base64
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

#: Whoever owns a database may look into its files, where rows that are gone lie until they are swept.
_NOT_HUNTED = "postgres"
_OFTEN_S = 0.05


def hunt(canaries: Mapping[str, str], places: Mapping[str, bytes]) -> list[str]:
    """Return where canaries are: "whose in which place", in whatever form."""
    return [
        f"{whose} in {where}"
        for where, content in places.items()
        for whose, canary in canaries.items()
        if any(form in content for form in _forms(canary))
    ]


def _forms(canary: str) -> set[bytes]:
    """Return a secret as it is, as URLs, JSON and hexadecimal dumps write it, and in base64, wherever it stands in there."""
    plain = canary.encode()
    texts = {
        canary,
        quote(canary),
        quote(canary, safe=""),
        canary.replace("/", "\\/"),
        plain.hex(),
        plain.hex().upper(),
    }
    forms = {text.encode() for text in texts}
    for before in range(3):
        inside = slice(-(-before * 8 // 6), (before + len(plain)) * 8 // 6)
        forms |= {encode(bytes(before) + plain)[inside] for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    return forms


def everything_in(url: str, name: str) -> dict[str, bytes]:
    """Return every table of a database, as text."""
    with psycopg.connect(url) as connection:
        listed = (
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = [sql.Identifier(*found) for found in connection.execute(listed.encode()).fetchall()]
        return {
            f"{name}: {table.as_string()}": repr(
                connection.execute(sql.SQL("SELECT t::text FROM {} t").format(table)).fetchall()
            ).encode()
            for table in tables
        }


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but a database's own, its logs excepted; of archives also what is packed in them."""
    files = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    hunted = {name: path for name, path in files.items() if _NOT_HUNTED not in name.parts or name.suffix == ".log"}
    found = {str(name): path.read_bytes() for name, path in hunted.items()}
    return found | {f"{name}/{inner}": told for name in found for inner, told in _unpacked(found[name])}


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(BytesIO(content)) as packed:
        yield from ((name, packed.read(name)) for name in packed.namelist())


@contextmanager
def arguments() -> Iterator[set[bytes]]:
    """Collect the arguments of every program that runs meanwhile."""
    seen: set[bytes] = set()
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(_OFTEN_S):
            for told in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(told.read_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        ended.set()
        looking.join()
