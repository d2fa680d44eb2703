"""Tables and links as Dagster's UI takes them."""

import pandas as pd

from mm_pipeline.assets.tables import links, table, table_of


def test_columns_keep_their_order_and_numbers_are_numbers() -> None:
    shown = table(pd.DataFrame([{"why": "taken", "rows": 3}]))
    assert [(column.name, column.type) for column in shown.schema.columns] == [("why", "string"), ("rows", "int")]
    assert [record.data for record in shown.records] == [{"why": "taken", "rows": 3}]


def test_a_table_without_lines_is_a_word() -> None:
    assert table_of([]).value == table(pd.DataFrame()).value == "none"


def test_names_in_links_are_no_markdown() -> None:
    shown = links({"~a_b": "https://chat.example/t/channels/a_b", "[x](y)": "https://chat.example"})
    assert shown.value == r"[~a\_b](https://chat.example/t/channels/a_b) · [\[x\](y)](https://chat.example)"
