"""What is on its way is known once, and only so much of it."""

from mm_pipeline.export import on_their_way
from mm_pipeline.model import Entity


def test_a_message_is_known_with_its_reactions_until_it_is_taken() -> None:
    known = on_their_way.OnTheirWay()
    reaction = Entity(id=7, entity_type="reaction", slack_id="C1:1:tada:U1", raw_data={"name": "tada"})
    known.add(1, [reaction])
    known.add(2, [])
    assert known.take([1, 3]) == {1: [reaction]}
    assert known.take([1]) == {}
    assert known.take([1, 2]) == {2: []}


def test_only_the_newest_are_known() -> None:
    known = on_their_way.OnTheirWay()
    last = on_their_way._MOST + 10
    for number in range(last):
        known.add(number, [])
    assert known.take(range(10)) == {}
    assert set(known.take([10, last - 1])) == {10, last - 1}
