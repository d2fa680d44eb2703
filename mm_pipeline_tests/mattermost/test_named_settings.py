"""Settings of the server that pages name (Section.Key): a real server has them. Changes none."""

import re

from mm_pipeline_tests.mattermost_server.running import RunningServer
from mm_pipeline_tests.structure.pages import PAGES, text_of


def test_every_setting_of_the_server_that_a_page_names_exists(mattermost_11_4: RunningServer) -> None:
    config = mattermost_11_4.call("GET", "/config")
    named = {pair for page in PAGES for pair in re.findall(r"\b([A-Z]\w+Settings)\.([A-Z]\w+)", text_of(page))}
    assert len(named) > 15
    assert {f"{section}.{key}" for section, key in named if key not in config.get(section, {})} == set()
