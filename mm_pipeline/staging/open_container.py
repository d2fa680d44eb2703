"""Opens an export, whatever it is. Reads none of its files."""

from pathlib import Path

from mm_pipeline.errors import AbortRun
from mm_pipeline.staging.container import Container, TopFolder
from mm_pipeline.staging.folder_container import FolderContainer
from mm_pipeline.staging.warnings import Warnings
from mm_pipeline.staging.zip_container import ZipContainer

#: A folder in a folder in a folder: what zipping by hand makes. More is no export.
_DEEPEST_TOP = 4


def open_container(path: Path, warnings: Warnings) -> Container:
    """Open a zip file or a folder; a single folder around everything is looked through. Raises AbortRun."""
    if path.is_dir():
        container: Container = FolderContainer(path, warnings)
    elif path.is_file():
        container = ZipContainer(path, warnings)
    else:
        raise AbortRun(
            f"There is no Slack export at {path}: name the zip file that Slack gave you, or the folder it was unpacked to."
        )
    for _ in range(_DEEPEST_TOP):
        names = container.names()
        tops = {name.split("/", 1)[0] for name in names}
        # one folder with folders in it; an export of one channel still has its users.json beside the folder
        if len(tops) != 1 or not all("/" in name for name in names):
            break
        container = TopFolder(container, tops.pop())
    return container
