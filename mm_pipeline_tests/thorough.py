"""Which tests `make test` leaves to `make test-all`: mostly the same road once more, with another version, export or number of workers.

Judges nothing. Pages that are typed or clicked through, services as processes, several machines and a search of the whole road for
secrets are tested whole by `make test-all` alone; together all of them take longer than people wait. `make test` is to take less than
half an hour on two slow cores (a third of the speed of those that the benchmarks are from).
"""

import re

#: Ids of tests, as far as they tell them apart.
THOROUGH = re.compile(
    "|".join(
        (
            # Of twelve roads two stay (test_archive_import goes a third one).
            r"test_exports\.py::test_everything_\w+\[(?!slack-export-2016-legacy-11\.4-4|workspace-9\.9-1)",
            r"test_exports\.py::test_an_export_arrives_through_the_plugin\w+\[(?!workspace-9\.9)",
            # Pages typed and clicked through, and services as processes: what they do is tested on its own, too.
            r"test_(tutorial|how_tos|snapshot|demo)\.py",
            r"test_dagster_ui\.py",
            r"deploy/test_processes\.py",
            # What they are about is tested in parts: claims and shares of the work, what each log and file masks, kills at each moment,
            # names that another workspace has planned, roots that an earlier export lacked.
            r"test_(hosts|secrets|withdrawn_jobs|several_workspaces)\.py",
            r"test_newer_export\.py::test_exports_that_come_in_parts",
            r"test_quiet_road\.py::test_a_run_killed",
            # Its pilot is test_newer_export's once more, on another export.
            r"test_choosing\.py",
            r"test_settings_off\.py::test_a_team",
            r"test_slack_files\.py::test_with_the_token",
            r"test_archive_import\.py::\w+\[(?!slack-export-2022-modern-9\.9)",
            r"test_newer_export\.py::test_a_newer_export\w+\[(11\.4|9\.9-plugin)",
            r"test_newer_export\.py::test_a_pilot_of_one_channel\w+\[(9\.9|11\.4-plugin)",
            r"test_(people_contract|first_sight)\.py::\w+\[(9\.9-stock|11\.4-plugin)",
            r"test_channels_road\.py::\w+\[9\.9",
            r"test_reactions\.py::\w+\[11\.4",
            r"test_links\.py::\w+\[9\.9",
            r"test_strangers\.py::\w+_killed_\w+\[(9\.9|11\.4-(before it|it is|before the cancel-))",
            r"test_people\.py::test_everybody_of_an_export\w+\[9\.9",
            r"test_quiet_road\.py::test_five_existing_people\w+\[11\.4",
            r"test_rollback\.py::test_what_differs\w+\[9\.9",
            # Its rule is one of the threads' contract.
            r"test_rollback\.py::test_what_came_through_the_plugin",
            r"test_rendered_texts\.py::\w+\[11\.4",
            r"test_single_sign_on\.py::\w+\[9\.9",
            r"preflight/test_traps\.py::\w+\[9\.9",
            r"plugin/test_(access|fields|files)\.py::\w+\[11\.4",
            r"plugin/test_finish\.py::\w+\[9\.9",
            r"mattermost/test_sending\.py::test_a_bad_line_that_nobody\w+\[9\.9",
        )
    )
)
