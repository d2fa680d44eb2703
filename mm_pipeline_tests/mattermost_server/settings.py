"""The server's settings that differ from Mattermost's own defaults. Plain data; reads and writes nothing."""

from pathlib import Path
from typing import Any

#: What a migration needs and a bare server lacks.
FOR_MIGRATIONS: dict[str, Any] = {
    "TeamSettings.MaxUsersPerTeam": 20000,
    "TeamSettings.EnableOpenServer": True,
    "ServiceSettings.EnableUserAccessTokens": True,
    "ServiceSettings.EnableBotAccountCreation": True,
    "ServiceSettings.EnablePostUsernameOverride": True,
    "ServiceSettings.EnablePostIconOverride": True,
    "FileSettings.MaxFileSize": 100 * 1024 * 1024,
    "PluginSettings.Enable": True,
    "PluginSettings.EnableUploads": True,
}

#: A throw-away server calls nobody, and nobody gets mail or a push of it unless a test asks.
CALLS_NOBODY: dict[str, Any] = {
    "LogSettings.EnableDiagnostics": False,
    "LogSettings.EnableSentry": False,
    "ServiceSettings.EnableSecurityFixAlert": False,
    "ServiceSettings.EnableLinkPreviews": False,
    "ServiceSettings.EnableOnboardingFlow": False,
    "AnnouncementSettings.AdminNoticesEnabled": False,
    "AnnouncementSettings.UserNoticesEnabled": False,
    "PluginSettings.EnableMarketplace": False,
    "PluginSettings.EnableRemoteMarketplace": False,
    "PluginSettings.AutomaticPrepackagedPlugins": False,
    "EmailSettings.SendEmailNotifications": False,
    "EmailSettings.SMTPServer": "127.0.0.1",
    "EmailSettings.SMTPPort": "1",  # nobody listens there; some mails go out even with SendEmailNotifications off
    "EmailSettings.SendPushNotifications": False,
    "EmailSettings.PushNotificationServer": "",
}

#: While the first account is made: what a caller may want otherwise afterwards.
WHILE_SEEDING: dict[str, Any] = {
    "EmailSettings.SendEmailNotifications": False,
    "EmailSettings.SMTPServer": "127.0.0.1",
    "EmailSettings.SMTPPort": "1",
    "EmailSettings.RequireEmailVerification": False,
    "EmailSettings.EnableSignUpWithEmail": True,
    "EmailSettings.EnableSignInWithUsername": True,
    "TeamSettings.EnableUserCreation": True,
    "ServiceSettings.EnableUserAccessTokens": True,
}


def of_this_machine(state: Path, port: int, database: str) -> dict[str, Any]:
    """Return what depends on where the server runs. Anew at each start: port and database may have moved."""
    return {
        "ServiceSettings.SiteURL": f"http://127.0.0.1:{port}",
        "ServiceSettings.ListenAddress": f"127.0.0.1:{port}",
        "SqlSettings.DriverName": "postgres",
        "SqlSettings.DataSource": database,
        "SqlSettings.MaxOpenConns": 50,
        "FileSettings.DriverName": "local",
        "FileSettings.Directory": f"{state / 'files'}/",
        "LogSettings.EnableConsole": False,
        "LogSettings.EnableFile": True,
        "LogSettings.FileLocation": str(state / "logs"),
        "NotificationLogSettings.EnableConsole": False,
        "NotificationLogSettings.FileLocation": str(state / "logs"),
        "PluginSettings.Directory": str(state / "plugins"),
        "PluginSettings.ClientDirectory": str(state / "client-plugins"),
    }


def merged(config: dict[str, Any], *changes: dict[str, Any]) -> dict[str, Any]:
    """Return Mattermost's config.json with changes (Section.Key -> value) applied in order."""
    result = {section: dict(keys) if isinstance(keys, dict) else keys for section, keys in config.items()}
    for change in changes:
        for name, value in change.items():
            section, key = name.split(".", 1)
            result.setdefault(section, {})[key] = value
    return result
