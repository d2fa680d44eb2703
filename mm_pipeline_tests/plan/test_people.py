"""Who becomes whom: the rules that keep one person's private messages out of another's hands."""

from typing import Any

import pytest
from msgspec import structs

from mm_pipeline.plan.people import AS_WRITTEN, PersonDecision, is_same_person, plan_people
from mm_pipeline_tests.plan.rows import STAGED_AT, account, settings, user

ADMIN = account("root", "root@orchard.example", roles="system_user system_admin")


def plan_one(row: Any, *accounts: Any, **choices: Any) -> PersonDecision:
    (decision,) = plan_people([row], accounts, settings(**choices))
    return decision


def plan(rows: Any, *accounts: Any, **choices: Any) -> dict[str, PersonDecision]:
    return {one.slack_id: one for one in plan_people(rows, accounts, settings(**choices))}


def test_an_email_decides_whatever_the_names_are() -> None:
    decision = plan_one(user("U1", "fern", "Fern@Orchard.example"), account("f.gardener", "fern@orchard.example"))
    assert decision.matched_id == "id-f.gardener"
    assert decision.username == "f.gardener"
    assert "e-mail" in decision.note


def test_two_different_emails_are_two_people_and_the_newcomer_gets_another_name() -> None:
    decision = plan_one(user("U1", "fern", "fern@orchard.example"), account("fern", "fern@meadow.example"))
    assert (decision.matched_id, decision.username, decision.email) == ("", "fern-2", "fern@orchard.example")
    assert "somebody else" in decision.note


@pytest.mark.parametrize(
    ("in_slack", "on_server"),
    [
        (None, "fern@meadow.example"),
        ("", "fern@meadow.example"),
        ("fern.@orchard.example", "fern@meadow.example"),
        ("fern@slack.invalid", "fern@meadow.example"),
        ("fern@orchard.example", "u0zz@slack.invalid"),
        ("fern@orchard.example", ""),
    ],
)
def test_a_username_counts_when_one_side_has_no_real_email(in_slack: str | None, on_server: str) -> None:
    assert plan_one(user("U1", "Fern", in_slack), account("fern", on_server)).matched_id == "id-fern"


def test_usernames_always_count_if_asked_for() -> None:
    row, there = user("U1", "fern", "fern@orchard.example"), account("fern", "fern@meadow.example")
    assert plan_one(row, there, match="email,username").matched_id == "id-fern"


@pytest.mark.parametrize("match", ["email", "email,username"])
def test_nobody_becomes_the_administrator_by_name_alone(match: str) -> None:
    decision = plan_one(user("U1", "root"), ADMIN, match=match)
    assert (decision.matched_id, decision.username) == ("", "root-2")
    assert "administrator" in decision.note


def test_the_administrator_is_matched_by_email() -> None:
    assert plan_one(user("U1", "anyone", "root@orchard.example"), ADMIN).matched_id == "id-root"


def test_a_name_that_had_to_be_changed_matches_nobody() -> None:
    decision = plan_one(user("U1", "ferñ"), account("fern", "fern@meadow.example"))
    assert (decision.matched_id, decision.username) == ("", "fern-2")


def test_a_person_never_becomes_a_bot_nor_a_bot_a_person() -> None:
    decided = plan(
        [user("U1", "sprinkler"), user("U2", "gate", is_bot=True)],
        account("sprinkler", "sprinkler@localhost", is_bot=True),
        account("gate"),
    )
    assert [(one.matched_id, one.username) for one in decided.values()] == [("", "sprinkler-2"), ("", "gate-2")]
    assert "a bot on the server" in decided["U1"].note
    assert "a person on the server" in decided["U2"].note


def test_a_bot_becomes_the_bot_of_its_name_and_has_no_email() -> None:
    decision = plan_one(user("B01", "Sprinkler"), account("sprinkler", "sprinkler@localhost", is_bot=True))
    assert (decision.matched_id, decision.is_bot, decision.email) == ("id-sprinkler", True, "")


def test_slackbot_is_a_bot_even_where_nothing_says_so() -> None:
    decision = plan_one(user("USLACKBOT"))
    assert (decision.username, decision.is_bot, decision.nickname) == ("slackbot", True, "Slackbot")


def test_of_two_with_one_email_both_exist_and_the_active_one_keeps_it() -> None:
    decided = plan(
        [user("U1", "old.fern", "fern@orchard.example", deleted=True), user("U2", "fern", "fern@orchard.example")]
    )
    assert decided["U2"].email == "fern@orchard.example"
    assert decided["U1"].email == "u1@slack.invalid"
    assert "same e-mail" in decided["U1"].note


def test_of_two_with_an_account_s_email_only_one_becomes_it() -> None:
    decided = plan(
        [user("U1", "fern", "fern@orchard.example"), user("U2", "fern.too", "fern@orchard.example")],
        account("fern", "fern@orchard.example"),
    )
    assert (decided["U1"].matched_id, decided["U2"].matched_id) == ("id-fern", "")
    assert decided["U2"].email == "u2@slack.invalid"


def test_an_email_goes_before_a_name() -> None:
    decided = plan(
        [user("U1", "fern"), user("U2", "moss", "fern@orchard.example")], account("fern", "fern@orchard.example")
    )
    assert (decided["U1"].matched_id, decided["U2"].matched_id) == ("", "id-fern")
    assert decided["U1"].username == "fern-2"


@pytest.mark.parametrize(
    "email", [None, "no at sign", "fern.@orchard.example", "a@b@c", "Fern <f@x>", "ü" * 80 + "@x.de"]
)
def test_an_address_that_the_server_refuses_is_replaced_by_one_that_reaches_nobody(email: str | None) -> None:
    assert plan_one(user("U0ABC", "fern", email), email_domain="nobody.example").email == "u0abc@nobody.example"


def test_people_without_an_id_of_slack_get_different_addresses_and_names() -> None:
    decided = plan([user("name:山田", "山田"), user("name:鈴木", "鈴木")])
    assert len({one.email for one in decided.values()}) == 2
    assert len({one.username for one in decided.values()}) == 2


@pytest.mark.parametrize(
    ("slack", "mattermost"),
    [
        ("Fern", "fern"),
        ("fern moss", "fern-moss"),
        ("zoë", "zoe"),
        ("Straße", "strasse"),
        ("日本", "slack-u0abc"),
        ("джулия", "slack-u0abc"),
        ("fern日本", "slack-u0abc"),
        ("", "slack-u0abc"),
        ("!!!", "slack-u0abc"),
        ("here", "here-2"),
        ("All", "all-2"),
        ("_fern", "fern"),
        ("m", "m"),
        ("7of9", "7of9"),
        ("x" * 80, "x" * 64),
    ],
)
def test_names_become_valid(slack: str, mattermost: str) -> None:
    decision = plan_one(user("U0ABC", slack))
    assert decision.username == mattermost
    assert (decision.username == slack.lower()) != ("becomes" in decision.note)


def test_names_are_unique_also_where_they_are_cut() -> None:
    rows = [user(f"U{n}", "y" * 64 + str(n)) for n in range(12)]
    names = [one.username for one in plan_people(rows, [], settings())]
    assert len(set(names)) == 12
    assert max(map(len, names)) == 64


def test_the_same_rows_in_any_order_give_the_same_plan() -> None:
    rows = [user("U3", "fern"), user("U1", "Fern"), user("B2", "fern"), user("U2", "fern", deleted=True)]
    there = [account("fern", "fern@meadow.example"), ADMIN]
    assert plan_people(rows, there, settings(match="email")) == plan_people(rows[::-1], there[::-1], settings())


def test_what_was_created_is_found_again_by_the_next_plan() -> None:
    rows = [user("B3", "fern"), user("U1", "fern"), user("U2", "fern", "fern@orchard.example")]
    first = plan_people(rows, [ADMIN], settings())
    made = [account(one.username, one.email or "x@localhost", is_bot=one.is_bot) for one in first]
    rows = [structs.replace(row, target_name=one.username) for row, one in zip(rows, first, strict=True)]
    again = plan_people(rows, [ADMIN, *made], settings())
    assert [(one.slack_id, one.username) for one in again] == [(one.slack_id, one.username) for one in first]
    assert [one.matched_id for one in again] == [
        f"id-{one.username}" for one in sorted(first, key=lambda d: d.slack_id)
    ]


def test_a_name_decided_before_stays_though_somebody_new_would_come_first() -> None:
    decided = plan([user("U1", "fern"), user("U2", "fern", row={"target_name": "fern"})])
    assert (decided["U1"].username, decided["U2"].username) == ("fern-2", "fern")


def test_a_name_decided_before_is_given_up_when_somebody_else_has_it_now() -> None:
    row = user("U1", "fern", "fern@orchard.example", row={"target_name": "fern"})
    assert plan_one(row, account("fern", "fern@meadow.example")).username == "fern-2"


def test_who_was_left_out_stays_out_and_a_match_by_hand_stays_a_match() -> None:
    rows = [user("U1", "fern"), user("U2", "moss", "moss@orchard.example")]
    there = [account("boss", "boss@meadow.example")]
    fern, moss = plan_people(rows, there, settings())
    decided = {
        "U1": structs.replace(fern, skip="left out in the plan"),
        "U2": structs.replace(moss, username="boss", matched_id="id-boss"),
    }
    fern, moss = plan_people(rows, there, settings(), decided)
    assert fern.skip
    assert (moss.matched_id, moss.username) == ("id-boss", "boss")


def test_the_plan_made_once_more_gives_the_reasons_that_it_gave_before() -> None:
    rows = [user("U1", "fern"), user("U2", "moss", "moss@orchard.example"), user("U3", "reed", "reed@orchard.example")]
    there = [account("fern", "fern@meadow.example"), account("bog", "moss@orchard.example")]
    fern, moss, reed = plan_people(rows, there, settings())
    reed = structs.replace(reed, username="rush", note=AS_WRITTEN)  # by hand: nobody had the name reed
    decided = {one.slack_id: one for one in (fern, moss, reed)}
    assert [one.note for one in plan_people(rows, there, settings(), decided)] == [
        "matched by name",
        "matched by e-mail; is bog on the server",
        AS_WRITTEN,
    ]


def test_an_existing_account_keeps_its_role_its_state_and_its_address() -> None:
    there = account("fern", "fern@orchard.example", roles="system_user custom", delete_at=5)
    decision = plan_one(user("U1", "moss", "fern@orchard.example", is_owner=True), there, keep_admins=True)
    assert (decision.roles, decision.delete_at, decision.email) == ("system_user custom", 5, "fern@orchard.example")


def test_deactivation_has_the_time_that_slack_gives_or_that_of_staging() -> None:
    decided = plan(
        [
            user("U1", "a", deleted=True, updated=1_690_000_000),
            user("U2", "b", deleted=True),
            user("U3", "c", deleted=True, updated="soon"),
            user("U4", "d", updated=1_690_000_000),
        ]
    )
    assert [one.delete_at for one in decided.values()] == [1_690_000_000_000, STAGED_AT, STAGED_AT, 0]


def test_roles_are_given_only_if_asked_for_and_never_to_the_deactivated() -> None:
    rows = [
        user("U1", "a", is_owner=True),
        user("U2", "b", is_admin=True, deleted=True),
        user("U3", "c", is_restricted=True),
    ]
    assert {one.roles for one in plan(rows).values()} == {"system_user"}
    decided = plan(rows, keep_admins=True)
    assert [one.roles for one in decided.values()] == ["system_user system_admin", "system_user", "system_user"]
    assert "guest" in decided["U3"].note


@pytest.mark.parametrize(
    ("guests", "role", "becomes"), [(True, "system_guest", "a guest"), (False, "system_user", "a member")]
)
def test_guests_become_guests_where_the_server_lets_them_in_and_the_plan_says_what_they_become(
    guests: bool, role: str, becomes: str
) -> None:
    rows = [
        user("U1", "a", is_restricted=True),
        user("U2", "b", is_restricted=True, is_ultra_restricted=True),
        user("U3", "c", profile={"is_ultra_restricted": True}, unlisted=True),
        user("U4", "d", is_restricted=False),
        user("U5", "e", is_restricted=True, is_bot=True),
    ]
    decided = plan_people(rows, [ADMIN], settings(), guests=guests)
    assert [one.roles for one in decided] == [role, role, role, "system_user", "system_user"]
    assert [f"guest in Slack: becomes {becomes}" in one.note for one in decided] == [True, True, True, False, False]
    assert ("GuestAccountsSettings.Enable" in decided[0].note) is not guests


def test_an_existing_account_does_not_become_a_guest() -> None:
    there = account("fern", "fern@orchard.example", roles="system_user custom")
    row = user("U1", "fern", "fern@orchard.example", is_restricted=True)
    (decided,) = plan_people([row], [there], settings(), guests=True)
    assert (decided.roles, decided.matched_id) == ("system_user custom", "id-fern")


@pytest.mark.parametrize(
    ("slack", "mattermost"),
    [
        ("America/Halifax", "America/Halifax"),
        ("America/Indiana/Indianapolis", "America/Indiana/Indianapolis"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("Pacific Daylight Time", ""),
        ("../../etc/passwd", ""),
        ("/etc/localtime", ""),
        ("America", ""),
        ("\0", ""),
        ("", ""),
        (None, ""),
        (-10800, ""),
    ],
)
def test_time_zones_are_taken_over_where_they_are_some(slack: Any, mattermost: str) -> None:
    assert plan_one(user("U1", "fern", tz=slack)).time_zone == mattermost


def test_bots_have_no_time_zone() -> None:
    assert plan_one(user("B1", "gate", tz="America/Halifax", is_bot=True)).time_zone == ""


@pytest.mark.parametrize("profile", [{"fields": []}, None, [], "x", {"first_name": 7, "title": None, "email": 4}])
def test_odd_profiles_do_no_harm(profile: Any) -> None:
    row = user("U1", "fern")
    row.raw_data["profile"] = profile
    assert plan_one(row).username == "fern"


def test_names_titles_and_languages_are_taken_over_and_cut() -> None:
    row = user(
        "U1",
        "fern",
        real_name="Fern Ashgrove Moss",
        locale="pt-BR",
        profile={"title": "t" * 200, "display_name": "Ferny"},
    )
    decision = plan_one(row)
    assert (decision.first_name, decision.last_name, decision.nickname) == ("Fern", "Ashgrove Moss", "Ferny")
    assert (len(decision.position), decision.position[-1], decision.locale) == (128, "…", "pt-BR")
    assert plan_one(user("U1", "fern", locale="en-GB")).locale == "en"
    assert plan_one(user("U1", "fern", locale="tlh")).locale == ""


def test_single_sign_on_is_given_by_email_but_never_with_an_invented_one() -> None:
    decided = plan(
        [user("U1", "fern", "fern@orchard.example"), user("U2", "moss"), user("B3", "bot")],
        auth_service="gitlab",
        auth_data="email",
    )
    assert (decided["U1"].auth_service, decided["U1"].auth_data) == ("gitlab", "fern@orchard.example")
    assert {(decided[one].auth_service, decided[one].auth_data) for one in ("U2", "B3")} == {("", "")}
    assert "no gitlab sign-in" in decided["U2"].note


def test_single_sign_on_by_username_leaves_out_changed_names() -> None:
    decided = plan([user("U1", "fern"), user("U2", "Fern")], auth_service="ldap", auth_data="username")
    assert [one.auth_data for one in decided.values()] == ["fern", ""]


def test_single_sign_on_by_a_file_gives_each_value_once() -> None:
    table = {"U1": "4711", "moss@orchard.example": "4712", "U3": "4711"}
    rows = [user("U1", "a"), user("U2", "b", "Moss@orchard.example"), user("U3", "c"), user("U4", "d")]
    decided = plan(rows, auth_service="gitlab", auth_data="csv:people.csv", auth_table=table)
    assert [one.auth_data for one in decided.values()] == ["4711", "4712", "", ""]


@pytest.mark.parametrize(
    ("there", "same"),
    [
        (account("moss", "fern@orchard.example"), True),
        (account("fern", "other@meadow.example"), False),
        (account("fern", "u9@slack.invalid"), True),
        (account("fern", "", roles="system_user system_admin"), False),
        (account("fern", "fern@localhost", is_bot=True), False),
    ],
)
def test_the_same_rule_is_asked_once_more_before_an_account_is_taken(there: Any, same: bool) -> None:
    decision = plan_one(user("U1", "fern", "fern@orchard.example"))
    assert is_same_person(decision, there, settings()) is same
