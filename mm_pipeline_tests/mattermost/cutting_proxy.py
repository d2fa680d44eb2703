"""A TCP proxy that breaks connections on purpose: the real server behind a bad line. Understands nothing that flows."""

import socket
import threading


class CuttingProxy:
    """Passes on to `target` (host, port). After `cut_after` bytes towards the server the connection ends, `cuts` times."""

    def __init__(self, target: tuple[str, int], *, cut_after: int, cuts: int) -> None:
        self._target = target
        self._cut_after = cut_after
        self.cuts_left = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            threading.Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_upwards: bool) -> None:
        passed = 0
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
                passed += len(data)
                if is_upwards and passed > self._cut_after and self.cuts_left:
                    self.cuts_left -= 1
                    break
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
