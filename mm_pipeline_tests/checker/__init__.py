"""The independent checker: compares a Mattermost server's database with a raw Slack export.

Written from the facts alone. Must never import anything of mm_pipeline: it would then agree with its mistakes.
"""

from mm_pipeline_tests.checker.compare import check
from mm_pipeline_tests.checker.findings import Finding

__all__ = ["Finding", "check"]
