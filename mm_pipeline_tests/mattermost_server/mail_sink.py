"""An SMTP server that keeps every mail and delivers none. Knows just what Mattermost says to one."""

import socketserver
import threading
from typing import NamedTuple


class Mail(NamedTuple):
    """One mail as it was handed over."""

    sender: str
    recipients: tuple[str, ...]
    text: str


class MailSink:
    """Listens on a free port of 127.0.0.1 from the start until close()."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.mails = self.mails
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """The port to send mail to."""
        return int(self._server.server_address[1])

    def to(self, address: str) -> list[Mail]:
        """Return the mails to this address. Mattermost mails late: others may still be of an earlier test."""
        return [mail for mail in self.mails if address in mail.recipients]

    def clear(self) -> None:
        """Forget what came so far."""
        self.mails.clear()

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    mails: list[Mail]


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        sender, recipients = "", list[str]()
        self._say("220 sink")
        while line := self.rfile.readline().decode(errors="replace").strip():
            match line.split(maxsplit=1)[0].upper():
                case "MAIL":
                    sender, recipients = _address(line), []
                case "RCPT":
                    recipients.append(_address(line))
                case "DATA":
                    self._say("354 go on")
                    self.server.mails.append(Mail(sender, tuple(recipients), self._text()))
                case "QUIT":
                    self._say("221 bye")
                    return
            self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _text(self) -> str:
        lines = iter(lambda: self.rfile.readline().rstrip(b"\r\n"), b".")
        return "\n".join(line.removeprefix(b".").decode(errors="replace") for line in lines)


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
