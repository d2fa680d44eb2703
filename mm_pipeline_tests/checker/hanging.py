"""Compares what hangs on a post with what hung on its message: reactions and files."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from mm_pipeline_tests.checker.emoji import is_made_acceptable, mattermost_names
from mm_pipeline_tests.checker.expected import Expected, ExpectedFile
from mm_pipeline_tests.checker.export import Export
from mm_pipeline_tests.checker.findings import Finding
from mm_pipeline_tests.checker.messages import Pair, finding
from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import File, Post
from mm_pipeline_tests.checker.words import words_of


def hanging_findings(pair: Pair, export: Export, people: People, file_store: Path | None) -> Iterator[Finding]:
    """Yield reactions and files that are too few, too many or others."""
    yield from _reactions(pair.wanted, pair.post, export, people)
    yield from _files(pair, export, file_store)


def _reactions(wanted: Expected, post: Post, export: Export, people: People) -> Iterator[Finding]:
    there = set(post.reactions)
    unmatched: list[tuple[str, str]] = []
    for name, slack_id in wanted.reactions:
        account = people.account_of(slack_id)
        pairs = [(spelling, account.id) for spelling in _spellings(name, export)] if account else []
        claimed = next((pair for pair in pairs if pair in there), None)
        if claimed:
            there.discard(claimed)
        elif not any(pair in post.reactions for pair in pairs):  # two people who share an account react once
            unmatched.append((name, slack_id))
    for name, slack_id in unmatched:
        claimed = next((pair for pair in sorted(there) if _may_be(pair, name, slack_id, export, people)), None)
        if claimed is None:
            yield finding("reaction", wanted, f"The :{name}: of {slack_id} is not there.")
            continue
        there.discard(claimed)
        if people.is_unknown(slack_id):
            people.learn(slack_id, claimed[1])
    for name, user_id in sorted(there):
        account = people.accounts.get(user_id)
        yield finding("reaction", wanted, f"A :{name}: of {account.username if account else user_id} is too many.")


def _spellings(name: str, export: Export) -> tuple[str, ...]:
    """Mattermost's name, or the name that an alias stands for."""
    return (*mattermost_names(name), export.emoji_behind(name))


def _may_be(there: tuple[str, str], name: str, slack_id: str, export: Export, people: People) -> bool:
    """Whether a reaction that nobody claimed can be this one: by somebody unknown, or under a name made acceptable."""
    emoji, user_id = there
    account = people.account_of(slack_id)
    right_person = account.id == user_id if account else people.may_be(slack_id, user_id, bot=False)
    if not right_person or (account is None and slack_id in people.users):
        return False
    if emoji in _spellings(name, export):
        return True
    renamed = is_made_acceptable(name.partition("::")[0], emoji)
    ending = name in export.emoji_pictures and emoji.startswith(name[:40])
    return renamed or ending


def _files(pair: Pair, export: Export, file_store: Path | None) -> Iterator[Finding]:
    wanted = pair.wanted
    there = [file for post in pair.posts() for file in post.files]
    text = "\n".join(post.shown() for post in pair.posts())
    for post in pair.posts():
        listed = set(json.loads(post.file_ids)) if post.file_ids else set()
        for file in post.files:
            if file.id not in listed:
                yield finding("file", wanted, f"The post does not list its file {file.name}.")
    for expected in wanted.files:
        same_name = [file for file in there if _same_name(file.name, expected.names)]
        # Two pictures of one name and size on one message: the server keeps no order, so the bytes tell which is which.
        same_name.sort(key=lambda file: not _is_whole(file, expected, export, file_store))
        right = next((file for file in same_name if expected.upload and file.size == expected.upload.size), None)
        found = right or next(iter(same_name), None)
        if found:
            there.remove(found)
            yield from _bytes(wanted, expected, found, export, file_store)
        elif expected.optional:
            continue
        elif expected.upload:
            yield finding("file", wanted, f"The file {expected.id} ({expected.upload.size} bytes) is not there.")
        elif expected.names and not any(set(words_of(name)) <= set(words_of(text)) for name in expected.names):
            yield finding("file", wanted, f"The file {expected.id} is neither there nor named.")
        elif not set(words_of(expected.address)) <= set(words_of(text)):
            yield finding("file", wanted, f"Nothing says where the file {expected.id} is.")
        elif not text.strip():
            yield finding("file", wanted, f"Nothing says that there was a file {expected.id}.")
    for file in there:
        yield finding("file", wanted, f"The file {file.name} is too many.")


def _is_whole(found: File, expected: ExpectedFile, export: Export, store: Path | None) -> bool:
    """Whether the file store has exactly the export's bytes for a file."""
    stored = store / found.path if store else None
    if expected.upload is None or stored is None or not stored.is_file():
        return False
    return hashlib.sha256(stored.read_bytes()).hexdigest() == export.sha256(expected.upload.path)


def _bytes(
    wanted: Expected, expected: ExpectedFile, found: File, export: Export, store: Path | None
) -> Iterator[Finding]:
    if expected.upload is None:
        return
    if found.size != expected.upload.size:
        yield finding("file", wanted, f"{expected.id} has {found.size} bytes instead of {expected.upload.size}.")
    elif store is not None:
        stored = store / found.path
        if not stored.is_file():
            yield finding("file", wanted, f"The bytes of {expected.id} are not in the file store.")
        elif not _is_whole(found, expected, export, store):
            yield finding("file", wanted, f"{expected.id} has other bytes.")


def _same_name(name: str, names: tuple[str, ...]) -> bool:
    """Equal but for the writing of accents and for signs that no file name may hold."""
    composed = unicodedata.normalize("NFC", name)
    return any(
        composed == unicodedata.normalize("NFC", other) or words_of(name) == words_of(other) != [] for other in names
    )
