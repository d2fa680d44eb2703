"""After a failed job the blame goes to one post, and everything else is sent again in few archives."""

import json
from pathlib import Path
from typing import Any

import pytest

from mm_pipeline.mattermost.archive_writer import ArchiveWriter, lines_of
from mm_pipeline.mattermost.culprits import Verdict, all_missing, verdict
from mm_pipeline.mattermost.import_lines import thread_lines
from mm_pipeline.mattermost.jobs import Outcome
from mm_pipeline.mattermost.outgoing import Thread
from mm_pipeline.mattermost.shipment import Shipment
from mm_pipeline_tests.mattermost.threads import file, post, reactions, thread

#: A unit's root without its replies.
ROOT = frozenset({0})
PEOPLE = {"ada": "a" * 26, "bo": "b" * 26}


def shipment_of(folder: Path, *threads: Thread, known: bool = False, keeps_everything: bool = True) -> Shipment:
    made = Shipment(ArchiveWriter(folder / "a.zip", 1 << 30), known=known, keeps_everything=keeps_everything)
    for one in threads:
        for part, (line, replies) in enumerate(thread_lines(one, "crew")):
            made.add(one, line, replies, PEOPLE, "crew", part)
    made.writer.close()
    return made


def incomplete(shipment: Shipment) -> list[int]:
    return [unit for unit in shipment.units if shipment.missing(unit)]


def judged(shipment: Shipment, *, line: int = 0, error: str = "Some users not found", lost: bool = False) -> Verdict:
    return verdict(shipment, Outcome(ok=False, line=line, error=error, lost=lost), incomplete(shipment))


@pytest.fixture
def four(tmp_path: Path) -> Shipment:
    """Posts 0-3 are roots alone: units 0-3, lines 2-5."""
    return shipment_of(tmp_path, *(thread(post(n, after=n)) for n in range(4)))


def test_the_line_that_the_server_names_is_refused_and_the_others_go_on(four: Shipment) -> None:
    assert judged(four, line=3) == Verdict(refused=[1], again=[{0: ROOT, 2: ROOT, 3: ROOT}])


def test_what_arrived_is_not_sent_again(four: Shipment) -> None:
    four.mark_found(0)
    four.mark_found(3)
    assert judged(four, line=3) == Verdict(refused=[1], again=[{2: ROOT}])


def test_a_line_for_a_channel_is_nobodys_fault_and_left_behind(tmp_path: Path) -> None:
    made = Shipment(ArchiveWriter(tmp_path / "a.zip", 1 << 30))
    for one in (thread(post(0)), thread(post(1, after=1))):
        (line, replies), *_ = thread_lines(one, "crew")
        made.add(one, line, replies, PEOPLE, "crew")
    made.change_channels([b'{"type":"channel"}'])
    made.writer.close()
    assert judged(made, line=2, error="Unable to update the channel") == Verdict(again=[{0: ROOT, 1: ROOT}])
    again = made.piece(tmp_path / "b.zip", {0: ROOT, 1: ROOT})
    assert [json.loads(line)["type"] for line in lines_of(again.writer.path)] == ["version", "post", "post"]


def test_without_a_line_halves_are_tried(four: Shipment) -> None:
    assert judged(four).again == [{0: ROOT, 1: ROOT}, {2: ROOT, 3: ROOT}]
    assert not judged(four).refused


def test_a_line_that_arrived_after_all_says_nothing(four: Shipment) -> None:
    four.mark_found(1)
    assert judged(four, line=3).again == [{0: ROOT}, {2: ROOT, 3: ROOT}]


def test_a_job_that_was_lost_blames_nobody(four: Shipment) -> None:
    four.mark_found(2)
    assert judged(four, lost=True) == Verdict(again=[{0: ROOT, 1: ROOT, 3: ROOT}])


def test_a_thread_goes_root_first_when_nobody_knows_what_was_wrong(tmp_path: Path) -> None:
    one = shipment_of(tmp_path, thread(post(1), post(2, after=1), post(3, after=2)))
    assert judged(one, line=2, error="Post Message …") == Verdict(again=[{0: ROOT}, {0: frozenset({1, 2})}])


def test_a_reply_that_the_server_speaks_of_is_looked_for_among_the_replies(tmp_path: Path) -> None:
    one = shipment_of(tmp_path, thread(post(1), *(post(2 + n, after=1 + n) for n in range(4))))
    assert judged(one, line=2, error="BulkImport: Reply Message …").again == [
        {0: frozenset({0, 1, 2})},
        {0: frozenset({3, 4})},
    ]


def test_a_root_whose_reply_is_to_blame_goes_with_the_others(tmp_path: Path) -> None:
    two = shipment_of(tmp_path, thread(post(1), post(2, after=1)), thread(post(3, after=9)))
    assert judged(two, line=2, error="BulkImport: Reply Message …") == Verdict(refused=[1], again=[{0: ROOT, 1: ROOT}])


def test_the_last_reply_in_question_is_refused_and_its_root_is_kept(tmp_path: Path) -> None:
    one = shipment_of(tmp_path, thread(post(1), post(2, after=1), post(3, after=2)))
    one.mark_found(1)
    assert judged(one, line=2, error="BulkImport: Reply Message …") == Verdict(refused=[2], again=[{0: ROOT}])
    one.mark_found(0)
    assert judged(one) == Verdict(refused=[2], again=[])


# --- pieces of an archive


def bodies(shipment: Shipment) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in lines_of(shipment.writer.path)]
    return [line[line["type"]] for line in lines[1:]]


def test_a_piece_carries_roots_with_chosen_replies_and_all_their_files(tmp_path: Path) -> None:
    whole = shipment_of(
        tmp_path,
        thread(post(1, files=(file(tmp_path, 10),)), post(2, after=1), post(3, after=2, files=(file(tmp_path, 11),))),
        thread(post(4, after=9, files=(file(tmp_path, 12),))),
    )
    whole.mark_found(0)
    piece = whole.piece(tmp_path / "b.zip", {0: frozenset({2})})
    (body,) = bodies(piece)
    assert body["attachments"] == [{"path": "10/notes.txt"}]
    assert [reply["message"] for reply in body["replies"]] == ["post 3"]
    assert set(piece.writer.files) == {"10/notes.txt", "11/notes.txt"}
    assert [piece.key(number) for number in piece.missing(0)] == [3]
    assert piece.root_of(0) == whole.root_of(0)


def test_a_root_that_goes_along_for_its_replies_is_not_reported_again(tmp_path: Path) -> None:
    whole = shipment_of(tmp_path, thread(post(1), post(2, after=1)))
    first, then = (whole.piece(tmp_path / f"{n}.zip", {0: frozenset({n})}) for n in (0, 1))
    assert [[piece.key(number) for number in piece.missing(0)] for piece in (first, then)] == [[1], [2]]
    assert bodies(then)[0]["message"] == "post 1"


def test_a_piece_of_a_piece_is_a_piece(tmp_path: Path) -> None:
    whole = shipment_of(tmp_path, *(thread(post(n, after=n), post(10 + n, after=20 + n)) for n in range(4)))
    half = whole.piece(tmp_path / "b.zip", all_missing(whole, [1, 2]))
    one = half.piece(tmp_path / "c.zip", all_missing(half, [1]))
    assert [body["message"] for body in bodies(one)] == ["post 2"]
    assert [one.key(number) for number in one.missing(0)] == [2, 12]


def test_on_older_servers_poorer_replies_stand_behind_a_barrier_once_more(tmp_path: Path) -> None:
    talk = thread(
        post(1),
        post(2, "bo", after=1, reactions=reactions(1, "ada"), files=(file(tmp_path, 9),)),
        post(3, after=2),
        post(4, after=3, is_pinned=True),
    )
    whole = shipment_of(tmp_path, talk, keeps_everything=False)
    root, barrier, second, fourth = bodies(whole)
    assert barrier == {"name": "smile", "image": "smile.png"}
    address = {"team": "crew", "channel": "kitchen"}
    assert [second, fourth] == [address | root["replies"][0], address | root["replies"][2]]
    # Whatever goes wrong there is blamed on the thread.
    assert [whole.unit_at(line) for line in range(2, 6)] == [0, None, 0, 0]
    # After an error only replies that lose nothing count as arrived.
    assert [list(posts) for posts in whole.wanted(poorer=False).values()] == [[0, 2]]
    piece = whole.piece(tmp_path / "b.zip", {0: frozenset({1})})
    assert [body.get("message") for body in bodies(piece)] == ["post 1", None, "post 2"]


def test_a_root_in_several_lines_is_wanted_once(tmp_path: Path) -> None:
    many = [post(10 + n, after=1 + n) for n in range(3_641)]
    whole = shipment_of(tmp_path, thread(post(1), *many))
    assert len(whole.units) == 2
    assert sum(len(posts) for posts in whole.wanted().values()) == 1 + len(many)


def test_a_root_that_the_server_has_is_not_wanted_but_posts_to_be_completed_are(tmp_path: Path) -> None:
    there = thread(post(1, id="x" * 26), post(2, after=1))
    assert [list(posts) for posts in shipment_of(tmp_path, there).wanted().values()] == [[1]]
    (tmp_path / "known").mkdir()
    again = shipment_of(tmp_path / "known", thread(post(1, id="x" * 26)), known=True)
    assert [list(posts) for posts in again.wanted().values()] == [[0]]
