"""Which addresses bytes may be fetched from. Fetches nothing: an export is input, and its links may lead anywhere."""

import ipaddress
import socket
from urllib.parse import urlsplit

#: Slack's own. A leading dot stands for every host below.
SLACK_HOSTS = ("files.slack.com", ".slack.com", ".slack-edge.com")
#: Of these, the ones that are shown the token: pictures on slack-edge.com are public.
_TOKEN_HOSTS = (".slack.com",)


class Hosts:
    """Slack's hosts by https, and those that MM_PIPELINE_FILE_HOSTS names (`host` or `host:port`), by http too."""

    def __init__(self, further: tuple[str, ...] = ()) -> None:
        self._further = frozenset(host.lower() for host in further)

    def objection(self, url: str) -> str:
        """Return why a URL must not be asked, or "" if it may. Looks up the host's addresses."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return "it is no address that can be asked"
        if self._is_further(host, port):
            return "" if parts.scheme in ("http", "https") else f"{parts.scheme} is not asked for files"
        if parts.scheme != "https":
            return "only https is asked for files"
        if not _below(host, SLACK_HOSTS):
            return f"{host or 'it'} is not one of Slack's hosts, nor named in MM_PIPELINE_FILE_HOSTS"
        if port not in (None, 443):
            return f"{host} is asked on its own port alone"
        # The certificate is checked against the same name, so an answer that changes after this look-up gains nothing.
        if private := next(
            (address for address in _addresses(host) if not ipaddress.ip_address(address).is_global), ""
        ):
            return f"{host} leads to {private}, an address inside a private network"
        return ""

    def may_see_token(self, url: str) -> bool:
        """Whether the Slack token is sent along to this (allowed) URL."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        return _below(host, _TOKEN_HOSTS) or self._is_further(host, parts.port)

    def _is_further(self, host: str, port: int | None) -> bool:
        return bool(host) and (host in self._further or f"{host}:{port}" in self._further)


def _below(host: str, hosts: tuple[str, ...]) -> bool:
    return any(host.endswith(one) if one.startswith(".") else host == one for one in hosts)


def _addresses(host: str) -> list[str]:
    """Return the addresses of a host; none where this machine cannot know them (a proxy asks for it)."""
    try:
        return [str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        return []
