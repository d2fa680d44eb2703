"""What the list says of people: true of what the server does to them, and of what people chose in the plan's table."""

from msgspec import structs

from mm_pipeline.finding import Finding, Level
from mm_pipeline.plan.outline import Staying
from mm_pipeline.plan.people import AS_WRITTEN, plan_people
from mm_pipeline.preflight.people import people_lines, staying_lines
from mm_pipeline_tests.plan.rows import account, settings, user

DOMAIN = "slack.invalid"


def of(findings: list[Finding], subject: str) -> Finding:
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def test_a_name_that_people_chose_in_the_plan_is_not_called_taken() -> None:
    rows = [user("U1", "fern", "fern@orchard.example"), user("U2", "moss", "moss@orchard.example")]
    fern, moss = plan_people(rows, [account("moss", "else@orchard.example")], settings())
    wished = structs.replace(fern, username="fernanda", note=AS_WRITTEN)
    both = of(people_lines([wished, moss], DOMAIN), "usernames")
    assert both.sentence == "1 username is taken or reserved, so its person gets another: moss becomes moss-2."
    alone = of(people_lines([wished], DOMAIN), "usernames")
    assert (alone.level, alone.text) == (
        Level.OK,
        "No username is somebody else's. 1 is as the plan's table has it.",
    )


def test_that_everybody_has_an_e_mail_is_said_only_where_somebody_is_to_be_made() -> None:
    fern, moss = plan_people([user("U1", "fern", "fern@orchard.example"), user("U2", "moss")], [], settings())
    said = [of(people_lines(people, DOMAIN), "e-mail").sentence for people in ([], [fern], [fern, moss])]
    assert said[:2] == [
        "No account of an active person is to be made.",
        "Everybody who is created and active has an e-mail address.",
    ]
    assert said[2].startswith("1 active person has no e-mail of their own")


def test_who_is_matched_by_name_alone_is_named_with_how_to_decide_otherwise() -> None:
    rows = [user(f"U{n}", f"fern{n}") for n in range(1, 8)]
    people = plan_people(rows, [account(f"fern{n}", f"fern{n}@meadow.example") for n in range(1, 8)], settings())
    for told in (people, plan_people(rows, [account(one.username, one.email) for one in people], settings())):
        found = of(people_lines(told, DOMAIN), "matched by name")
        assert found.level is Level.WARNING
        assert found.sentence.startswith(
            "7 people are taken for accounts of the same username, as one side has no e-mail: "
        )
        assert "fern1, fern2, fern3, fern4, fern5, …" in found.sentence
        assert "`create` as the action, another mattermost name and another e-mail" in found.mend


def test_what_stays_behind_with_people_is_told_and_how_to_keep_the_answers_of_others() -> None:
    fern, moss = plan_people([user("U1", "fern"), user("U2", "moss")], [], settings())
    assert staying_lines([fern, moss], {}) == []
    skipped = structs.replace(fern, skip="left out in the plan")
    (quiet,) = staying_lines([skipped, moss], {"U1": Staying(own=2)})
    assert (quiet.level, quiet.text) == (Level.OK, "1 person or bot is left out in the plan, and with them 2 messages.")
    (loud,) = staying_lines([skipped, moss], {"U1": Staying(own=2, replies=1_000)})
    assert loud.level is Level.WARNING
    assert "2 messages and 1,000 replies of others in threads that they began" in loud.sentence
    assert "MM_SKIP_PEOPLE" in loud.mend
