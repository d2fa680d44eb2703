"""People and bots -> accounts. Whom a row becomes was decided by the plan; here it comes true."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import msgspec

from mm_pipeline.backend_logger import backend_logger
from mm_pipeline.content.store import Stored
from mm_pipeline.db.entity_store import Partitions
from mm_pipeline.errors import RowFailed
from mm_pipeline.export.exporter_base import ExporterBase, Statuses, build_all
from mm_pipeline.export.reasons import leave_out
from mm_pipeline.export.renamed_people import take_names_of_now
from mm_pipeline.export.run import Run
from mm_pipeline.mattermost.on_server import Account
from mm_pipeline.mattermost.outcome import Answer, Done, Refused
from mm_pipeline.mattermost.outgoing import NewAccount
from mm_pipeline.mattermost.strangers import account_overwritten
from mm_pipeline.model import Entity, EntityType, Origin, Status
from mm_pipeline.nouns import counted
from mm_pipeline.plan.people import PersonDecision, is_same_person
from mm_pipeline.plan.slack_user import SlackUser

#: The finishing touch that is owed to bots (user ids) which were deactivated in Slack.
DEACTIVATE_BOT = "deactivate_bot"
#: What is owed to accounts (user ids) that were there for their messages alone, and are people by now.
ACTIVATE_ACCOUNT = "activate_account"
#: Pictures that are fetched at the same time.
_PICTURES = 8
_EXISTS = (Answer.EMAIL_EXISTS, Answer.USERNAME_EXISTS)


class UserExporter(ExporterBase):
    """A Slack person or bot."""

    entity_type = EntityType.USER

    def __init__(self, entity: Entity, statuses: Statuses, run: Run) -> None:
        super().__init__(entity, statuses)
        self._run = run
        self._decision = run.directory.person_decisions.get(entity.slack_id)
        self._renamed_to = ""  #: what a matched account is called now: people rename themselves after a plan was made

    @classmethod
    def from_entity(cls, entity: Entity, statuses: Statuses, run: Run) -> Self:
        """Make the exporter of one person."""
        return cls(entity, statuses, run)

    @classmethod
    def export(cls, run: Run, share: Partitions, statuses: Statuses) -> None:
        """Let those in who are people by now, as channels take no deactivated ones; then export the pending rows.

        Whoever was renamed since is known by the new name from here on, and what earlier runs made is noted by it.
        """
        run.pay(ACTIVATE_ACCOUNT, run.api.activate_account)
        take_names_of_now(run)
        run.note_accounts_of_earlier_runs()
        super().export(run, share, statuses)

    @classmethod
    def send(cls, exporters: list[Self], run: Run) -> Iterator[Done | Refused]:
        """Take the accounts that were matched; create the others once, with all their memberships."""
        decided = list(build_all(exporters, lambda one: (one, one.decision())))
        matched = {decision.matched_id for _, decision in decided if decision.matched_id}
        names = {one.id: one.username for one in run.api.accounts() if one.id in matched} if matched else {}
        for exporter, decision in decided:
            if decision.matched_id in run.accounts_overwritten:
                yield Refused(key=exporter.entity.id, error=RowFailed(account_overwritten(decision.username)))
            elif decision.matched_id:
                exporter._renamed_to = names.get(decision.matched_id, "")
                yield Done(key=exporter.entity.id, answer=Answer.EXISTED, id=decision.matched_id)
        new = [(exporter, decision) for exporter, decision in decided if not decision.matched_id]
        if new:
            with ThreadPoolExecutor(_PICTURES) as pool:
                pictures = list(pool.map(run.fetch_avatar, [exporter.entity for exporter, _ in new]))
            accounts = [one.account(decision, picture) for (one, decision), picture in zip(new, pictures, strict=True)]
            with_picture = {account.key for account in accounts if account.picture}
            came = Counter[str]()
            for outcome in run.api.create_accounts(accounts, run.directory.named_channels()):
                is_made = isinstance(outcome, Done) and outcome.answer is Answer.CREATED
                came["made"] += is_made
                came["with a picture"] += is_made and outcome.key in with_picture
                came["refused"] += isinstance(outcome, Refused)
                yield outcome
            backend_logger.info("%s", _told(len(accounts), came))

    def decision(self) -> PersonDecision:
        """Return what the plan decided. Raises RowSkipped or RowFailed where there is nothing to do."""
        if self._decision is None:
            raise RowFailed("the plan knows nothing of this person: run `mm-pipeline plan`, then `mm-pipeline retry`")
        leave_out(self._decision.skip)
        return self._decision

    def account(self, decision: PersonDecision, picture: Stored | None) -> NewAccount:
        """Return the account to be made, with the names of the channels it is a member of, and its picture if it has one."""
        return NewAccount(
            key=self.entity.id,
            username=decision.username,
            email=decision.email,
            is_bot=decision.is_bot,
            first_name=decision.first_name,
            last_name=decision.last_name,
            nickname=decision.display_name if decision.is_bot else decision.nickname,
            position=decision.position,
            locale=decision.locale,
            roles=decision.roles,
            delete_at=decision.delete_at,
            auth_service=decision.auth_service,
            auth_data=decision.auth_data,
            channels=() if decision.is_bot else self._run.directory.memberships.get(decision.username, ()),
            time_zone=decision.time_zone,
            slack_id=f"{self._run.store.workspace}:{self.entity.slack_id}",
            picture=self._run.content.path(picture.sha256) if picture else None,
        )

    def settle(self, outcome: Done | Refused) -> None:
        """Take the id; email_exists and username_exists mean: look the account up by the plan's own rule, take its id."""
        if isinstance(outcome, Refused):
            self.refuse(outcome.error)
            return
        decision = self._decision
        assert decision is not None  # only what has a decision was sent
        account_id, username, origin = outcome.id, decision.username, Origin.CREATED
        if outcome.answer in _EXISTS:
            account = self._look_up(outcome.answer, decision)
            if account and account.id in self._run.accounts_overwritten:
                self.refuse(RowFailed(account_overwritten(decision.username)))
                return
            if account is None:
                self.refuse(
                    RowFailed(
                        f"the name {decision.username} was taken by somebody else since the plan was made: "
                        "give this person another one (`mm-pipeline plan --csv`), then `mm-pipeline retry`"
                    )
                )
                return
            account_id, username = account.id, account.username
            origin = Origin.CREATED if username in self._run.accounts_of_earlier_runs else Origin.MATCHED
        elif outcome.answer is Answer.EXISTED:
            username, origin = self._renamed_to or username, Origin.MATCHED
        if decision.is_bot and decision.delete_at and not decision.matched_id:
            # Also where the name exists: the plan found it free, so a run made the bot and was killed before it said so.
            self._run.journal.owe(DEACTIVATE_BOT, [account_id])
        self.set_status(Status.SUCCESS, mattermost_id=account_id, origin=origin, target_name=username)

    @property
    def left_to_people(self) -> str:
        """What changed in Slack since: an account that is there is only ever added to."""
        if self.entity.sent_data is None:
            return ""
        settings = self._run.settings
        now = SlackUser.read(self.entity, settings)
        then = SlackUser.read(msgspec.structs.replace(self.entity, raw_data=self.entity.sent_data), settings)
        changes = {
            "deactivated": now.deleted and not then.deleted,
            "active again": then.deleted and not now.deleted,
            "renamed": _names_of(now) != _names_of(then),
            "given another e-mail address": now.email != then.email,
        }
        words = [word for word, is_so in changes.items() if is_so]
        return f"in Slack {' and '.join(words)} by now; the account stays as it is" if words else ""

    def _look_up(self, answer: Answer, decision: PersonDecision) -> Account | None:
        if answer is Answer.EMAIL_EXISTS:
            return self._run.api.account_with_email(decision.email)
        account = self._run.api.account_named(decision.username)
        return account if account and is_same_person(decision, account, self._run.settings) else None


def _told(asked: int, came: Counter[str]) -> str:
    """Return what came of the accounts that were to be made."""
    told = f"{counted(came['made'], 'new account')}, {came['with a picture']} of them with a picture"
    there = asked - came["made"] - came["refused"]
    told += f"; {counted(there, 'was there', 'were there')} already" if there else ""
    return told + (f"; {counted(came['refused'], 'was', 'were')} refused" if came["refused"] else "")


def _names_of(person: SlackUser) -> tuple[str, ...]:
    return person.name, person.first_name, person.last_name, person.nickname, person.display_name
