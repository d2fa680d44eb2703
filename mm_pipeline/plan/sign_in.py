"""How a new person will sign in: by password, or by single sign-on with data that the service knows. Invents none."""

from mm_pipeline.mattermost.limits import AUTH_DATA_BYTES
from mm_pipeline.plan.settings import PlanSettings
from mm_pipeline.plan.slack_user import SlackUser


class SignIn:
    """Hands out auth_data, each value once: a second person with the same would be refused by the server."""

    def __init__(self, settings: PlanSettings) -> None:
        self._settings = settings
        self._given: set[str] = set()

    def of(self, user: SlackUser, username: str, email: str) -> tuple[str, str, str]:
        """Return (auth_service, auth_data, note) for a person to be created; empty for bots and without a service."""
        service = self._settings.auth_service
        if not service or user.is_bot:
            return "", "", ""
        data, why_not = self._data(user, username, email)
        if data and len(data.encode()) > AUTH_DATA_BYTES:
            data, why_not = "", f"its auth_data is longer than {AUTH_DATA_BYTES}"
        if data and data in self._given:
            data, why_not = "", "its auth_data is another person's too"
        if not data:
            return "", "", f"no {service} sign-in: {why_not}"
        self._given.add(data)
        return service, data, ""

    def _data(self, user: SlackUser, username: str, email: str) -> tuple[str, str]:
        # Invented auth_data locks people out, so a placeholder address or a changed name is never given as such.
        kind = self._settings.auth_data
        if kind == "email":
            return ("", "no e-mail that is theirs alone") if email == user.placeholder else (email, "")
        if kind == "username":
            return (username, "") if username == user.name.lower() else ("", "the name had to be changed")
        table = self._settings.auth_table
        return table.get(user.row.slack_id) or table.get(user.email) or "", "not in the file that MM_AUTH_DATA names"
