"""The server's search index: its database finds imported posts at once, an index beside it has to be told. Waits for no job.

An import job writes posts past the index (the server's searchlayer knows no SaveMultiple, 9.9 and 11.4 alike); our plugin writes people,
channels and changed texts past it, too. The server's job reads all of them.
"""

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.http import ApiError
from mm_pipeline.mattermost.rest import Rest

#: Config section of a search engine -> the job that has it read everything. Bleve is in servers before 11.0.
_INDEX_JOBS = {"ElasticsearchSettings": "elasticsearch_post_indexing", "BleveSettings": "bleve_post_indexing"}
SECTIONS = tuple(_INDEX_JOBS)
#: The server knows the setting and not the engine: without its licence Elasticsearch does nothing, and the database searches.
_NO_ENGINE = "model.job.is_valid.type.app_error"


def index_imported(rest: Rest) -> None:
    """Start the index job of every search engine that is on, unless one waits already; say what came of it."""
    config = rest.config()
    for section, job_type in _INDEX_JOBS.items():
        if config.get(section, {}).get("EnableIndexing"):
            _start(rest, job_type)


def _start(rest: Rest, job_type: str) -> None:
    try:
        # One that runs may be past the years that were imported; one that waits is not.
        if not any(job["status"] == "pending" for job in rest.http.get(f"/jobs/type/{job_type}")):
            rest.http.post("/jobs", {"type": job_type})
    except ApiError as refused:
        if refused.error_id == _NO_ENGINE:
            backend_logger.info("search: %s has no engine on this server, so its database finds everything", job_type)
        else:
            backend_logger.warning(
                "search does not find what was imported: the server refused its job %s (%s). "
                "Press Index Now in System Console > Environment > Elasticsearch (of Bleve: > Experimental > Bleve).",
                job_type,
                refused,
            )
    else:
        backend_logger.info(
            "search: the server's job %s was started; what was imported is found when it ends", job_type
        )
