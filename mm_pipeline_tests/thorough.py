"""Which tests `make test` leaves to `make test-all`: the same road once more, with another version, export or number of workers.

Judges nothing. Each road that is named here is gone at least once by a test that is not; together they take longer than people wait.
"""

import re

#: Ids of tests, as far as they tell them apart.
THOROUGH = re.compile(
    "|".join(
        (
            # Of twelve roads three stay: each export, each version, each number of workers.
            r"test_exports\.py::test_everything_\w+\[(?!slack-export-2016-legacy-11\.4-4|slack-export-2022-modern-9\.9-1|workspace-9\.9-4)",
            r"test_exports\.py::test_an_export_arrives_through_the_plugin\w+\[(?!workspace-9\.9)",
            r"test_archive_import\.py::\w+\[(?!slack-export-2022-modern-9\.9)",
            r"test_newer_export\.py::test_a_newer_export\w+\[11\.4",
            r"test_newer_export\.py::test_(exports_that_come_in_parts|a_pilot_of_one_channel)\w+\[9\.9",
            r"test_channels_road\.py::\w+\[9\.9",
            r"test_reactions\.py::\w+\[11\.4",
            r"test_links\.py::\w+\[9\.9",
            r"test_people\.py::test_everybody_of_an_export\w+\[9\.9",
            r"test_quiet_road\.py::test_five_existing_people\w+\[11\.4",
            r"test_rollback\.py::test_what_differs\w+\[9\.9",
            r"test_rendered_texts\.py::\w+\[11\.4",
            r"test_single_sign_on\.py::\w+\[9\.9",
            r"preflight/test_traps\.py::\w+\[9\.9",
            r"plugin/test_(access|files)\.py::\w+\[11\.4",
        )
    )
)
