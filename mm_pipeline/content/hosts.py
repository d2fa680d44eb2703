"""Which addresses bytes may be fetched from. Fetches nothing: an export is input, and its links may lead anywhere."""

import ipaddress
import re
import socket
from urllib.parse import urlsplit

#: Slack's own. A leading dot stands for every host below.
SLACK_HOSTS = ("files.slack.com", ".slack.com", ".slack-edge.com")
#: Of these, the ones that are shown the token: pictures on slack-edge.com are public.
_TOKEN_HOSTS = (".slack.com",)
#: What stands in no host's name, and is read otherwise by who checks an address than by who asks it: for urlsplit the host of
#: `https://else.example\@files.slack.com/` is Slack's, urllib3 goes to else.example.
_READ_TWO_WAYS = re.compile(r"[\\@%\s]")
#: The well-known prefix under which an IPv6-only network reaches IPv4 (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

_NO_ADDRESS = "it is no address that can be asked"


class Hosts:
    """Slack's hosts by https, and those that MM_PIPELINE_FILE_HOSTS names (`host` or `host:port`), by http too."""

    def __init__(self, further: tuple[str, ...] = ()) -> None:
        self._further = frozenset(host.lower() for host in further)

    def objection(self, url: str) -> str:
        """Return why a URL must not be asked, or "" if it may. Looks up the host's addresses."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
            host.encode("idna")  # what is looked up: a label of nothing, or of more than 63 characters, is none
        except ValueError:
            return _NO_ADDRESS
        if _READ_TWO_WAYS.search(parts.netloc):
            return _NO_ADDRESS
        if self._is_further(host, port):
            return "" if parts.scheme in ("http", "https") else f"{parts.scheme} is not asked for files"
        if parts.scheme != "https":
            return "only https is asked for files"
        if not _below(host, SLACK_HOSTS):
            return f"{host or 'it'} is not one of Slack's hosts, nor named in MM_PIPELINE_FILE_HOSTS"
        if port not in (None, 443):
            return f"{host} is asked on its own port alone"
        # The certificate is checked against the same name, so an answer that changes after this look-up gains nothing.
        if private := next((address for address in _addresses(host) if not _is_public(address)), ""):
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


def _is_public(address: str) -> bool:
    """Whether an address is one of the open internet; of one that only stands for an IPv4 address, whether that is."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _packed(ip)):
        ip = inner
    return ip.is_global and not ip.is_multicast


def _packed(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, or None."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _addresses(host: str) -> list[str]:
    """Return the addresses of a host; none where this machine cannot know them (a proxy asks for it)."""
    try:
        return [str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]
    except OSError:
        return []
