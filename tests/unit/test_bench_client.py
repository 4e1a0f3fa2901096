"""The load client believes no answer: a bench that counted errors would praise them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.wire import Connection, Refused, Target

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"
PAGE = HEAD + b"Content-Length: 12\r\n\r\nabc</table>d"


class Scripted:
    """A server that gives its answers one after the other, each in two pieces, whatever is asked."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.answers: list[bytes] = []
        self.asked: list[bytes] = []
        self.visits = 0
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            visitor, _ = self.listener.accept()
            with visitor:
                if not self._answer(visitor):
                    return

    def _answer(self, visitor: socket.socket) -> bool:
        """Answer until the visitor or this server ends the connection; False at the test's end."""
        self.visits += 1
        while asked := visitor.recv(10_000):
            if asked == b"end":
                return False
            self.asked.append(asked)
            answer = self.answers.pop(0)
            visitor.sendall(answer[:30])
            visitor.sendall(answer[30:])
            if b"connection: close" in answer.lower():
                return True
        return True

    def close(self) -> None:
        with socket.create_connection(self.listener.getsockname()) as last:
            last.sendall(b"end")
        self.thread.join()
        self.listener.close()

    def visitor(self, *answers: bytes, marker: str = "</table>", status: int = 200) -> Connection:
        self.answers += answers
        port = self.listener.getsockname()[1]
        return Connection(Target(port, "/page", "session=1", marker, headers={"If-None-Match": "x"}, status=status))


@pytest.fixture
def server() -> Iterator[Scripted]:
    scripted = Scripted()
    yield scripted
    scripted.close()


def ask(visitor: Connection, times: int) -> None:
    try:
        for _ in range(times):
            visitor.ask()
    finally:
        visitor.close()


def test_good_answers_come_over_one_connection(server: Scripted) -> None:
    ask(server.visitor(PAGE, HEAD + b"content-length: 8\r\n\r\n</table>", PAGE), 3)
    assert server.visits == 1
    assert server.asked[0].startswith(b"GET /page HTTP/1.1\r\n") and b"If-None-Match: x\r\n" in server.asked[0]


def test_addresses_are_asked_in_turn(server: Scripted) -> None:
    visitor = server.visitor(PAGE, PAGE, PAGE)
    target = replace(visitor.target, others=["/a", "/b"])
    ask(Connection(target, target.requests()), 3)
    assert [asked.split()[1] for asked in server.asked] == [b"/a", b"/b", b"/a"]


def test_a_connection_that_the_server_ends_is_opened_again(server: Scripted) -> None:
    ask(server.visitor(PAGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), PAGE), 2)
    assert server.visits == 2


def test_chunks_and_answers_without_a_body_end_too(server: Scripted) -> None:
    chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n8\r\n</table>\r\n0\r\n\r\n"
    ask(server.visitor(chunked, PAGE, chunked), 3)
    ask(server.visitor(b"HTTP/1.1 304 Not Modified\r\nvary: *\r\n\r\n" + b"", marker="", status=304), 1)


@pytest.mark.parametrize(("answer", "said"), [
    (PAGE.replace(b"200 OK", b"500 Internal Server Error"), "500"),
    (PAGE.replace(b"200 OK", b"303 See Other"), "303"),
    (PAGE.replace(b"200 OK", b"304 Not Modified"), "304"),
    (PAGE.replace(b"</table>", b"<p>none "), "lacks"),
    (HEAD + b"x: </table>\r\ncontent-length: 1\r\n\r\na", "lacks"),
    (HEAD + b"\r\n</table>", "no Content-Length"),
])
def test_another_answer_ends_the_run(server: Scripted, answer: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        ask(server.visitor(PAGE, answer), 2)


def test_a_page_where_304_was_due_ends_the_run(server: Scripted) -> None:
    with pytest.raises(Refused, match="200"):
        ask(server.visitor(PAGE, marker="", status=304), 1)


def test_an_answer_cut_short_ends_the_run(server: Scripted) -> None:
    cut = HEAD + b"connection: close\r\ncontent-length: 9999\r\n\r\n</table>"
    with pytest.raises(ConnectionError):
        ask(server.visitor(cut), 1)
