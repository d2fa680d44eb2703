"""Who the checker takes whom for. Needs no server."""

from typing import Any

from mm_pipeline_tests.checker.people import People
from mm_pipeline_tests.checker.rows import Account


def person(id_: str, name: str, email: str | None = None, **more: Any) -> dict[str, Any]:
    profile = {"real_name": more.pop("real_name", "")} | ({"email": email} if email is not None else {})
    return {"id": id_, "name": name, "profile": profile, **more}


def account(username: str, email: str, **more: Any) -> Account:
    plain: dict[str, Any] = {"create_at": 1, "delete_at": 0, "first_name": "", "last_name": "", "nickname": ""}
    return Account(
        **(plain | {"id": f"id-{username}", "is_bot": False, "in_team": True} | more), username=username, email=email
    )


def known(users: list[dict[str, Any]], accounts: list[Account]) -> dict[str, str]:
    return People(users, accounts).known


def test_an_address_decides_whatever_the_name() -> None:
    accounts = [account("ivo", "other@x.example"), account("ivo-2", "ivo@y.example")]
    assert known([person("U1", "ivo", "Ivo@Y.example")], accounts) == {"U1": "id-ivo-2"}


def test_two_different_addresses_are_two_people() -> None:
    people = People([person("U1", "admin", "admin@y.example")], [account("admin", "root@x.example")])
    assert people.known == {}
    assert [finding.kind for finding in people.findings()] == ["person"]


def test_without_an_address_the_name_counts_however_it_was_made_acceptable() -> None:
    users = [person("U1", "Ivo Žák"), person("U2", "李", real_name="Li Wei"), person("U3", "m", "no..mail@x")]
    accounts = [
        account("ivo.zak", "u@local"),
        account("u2", "x@local", first_name="Li", last_name="Wei"),
        account("m", "m@local"),
    ]
    assert known(users, accounts) == {"U1": "id-ivo.zak", "U2": "id-u2", "U3": "id-m"}


def test_a_taken_name_has_got_an_ending() -> None:
    users = [person("U1", "ana", "ana@x.example"), person("U2", "Ana")]
    accounts = [account("ana", "ana@x.example"), account("ana-2", "u2@local")]
    assert known(users, accounts) == {"U1": "id-ana", "U2": "id-ana-2"}


def test_two_people_with_one_address_are_told_apart_by_name() -> None:
    users = [person("U1", "lea", "team@x.example"), person("U2", "max", "team@x.example")]
    accounts = [account("lea", "team@x.example"), account("max", "u2@local")]
    assert known(users, accounts) == {"U1": "id-lea", "U2": "id-max"}


def test_a_stranger_is_nobody_who_is_known() -> None:
    people = People(
        [person("U1", "lea", "lea@x.example")], [account("lea", "lea@x.example"), account("b9", "b9@local")]
    )
    assert people.is_unknown("B77")
    assert not people.may_be("B77", "id-lea", bot=False)
    assert not people.may_be("B77", "id-b9", bot=True), "a bot needs a bot's account"
    people.learn("B77", "id-b9")
    assert not people.may_be("B78", "id-b9", bot=False), "two strangers are two accounts"


def test_a_stranger_may_bear_his_id_as_a_name() -> None:
    people = People([], [account("uslackbot", "uslackbot@local")])
    found = people.account_of("USLACKBOT")
    assert found is not None
    assert found.username == "uslackbot"


def test_states_and_bots_are_compared() -> None:
    users = [person("U1", "a", "a@x.example", deleted=True), person("U2", "b", "b@x.example", is_bot=True)]
    accounts = [account("a", "a@x.example"), account("b", "b@x.example")]
    assert sorted(finding.kind for finding in People(users, accounts).findings()) == ["bot", "person"]
