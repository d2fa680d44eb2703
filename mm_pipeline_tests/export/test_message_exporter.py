"""How a message becomes posts: what one post cannot hold goes into further ones."""

from pathlib import Path

from mm_pipeline.export.message_exporter import shares_of
from mm_pipeline.mattermost.outgoing import FileAttachment


def _files(*sizes: int) -> list[FileAttachment]:
    return [
        FileAttachment(key=key, name=f"{key}.bin", path=Path("x"), size=size, sha256="")
        for key, size in enumerate(sizes)
    ]


def test_a_message_without_files_is_one_post() -> None:
    assert shares_of([], 100) == [()]


def test_the_eleventh_file_goes_into_the_next_post() -> None:
    assert [len(share) for share in shares_of(_files(*[1] * 23), 100)] == [10, 10, 3]


def test_files_that_are_too_large_together_go_into_posts_of_their_own_in_order() -> None:
    shares = shares_of(_files(60, 30, 20, 90, 10), 100)
    assert [[file.size for file in share] for share in shares] == [[60, 30], [20], [90, 10]]
