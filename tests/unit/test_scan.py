"""The attack runs' own judgement: what is explained, what is not, which requests are made of the route table."""

from __future__ import annotations

import pytest

from scan import report, requests, wire
from scan.tools import Result


@pytest.mark.parametrize(("finding", "stays"), [
    ("observatory: redirection fails", True), ("observatory: cookies fails", False),
    ("testssl: BREACH MEDIUM: potentially VULNERABLE", True), ("testssl: SWEET32 MEDIUM: VULNERABLE", False),
    ("portal: after sqlmap: a session was lost", False)])
def test_only_what_is_written_down_stays(finding: str, stays: bool) -> None:
    text, left = report.markdown([Result("tool", findings=[finding])], [])
    assert left == (not stays)
    assert (f"- {finding}" in text) is not stays


def test_a_victim_who_was_not_served_is_a_finding() -> None:
    found = report.wire_results([wire.Outcome("nginx", "CL.TE", [400], ["the victim got [502]"])])
    assert report.markdown(found, [])[1] == 1


@pytest.mark.parametrize(("path", "query", "body", "parameters"), [
    ("/dossiers/grand-age*/1*", "", None, 2), ("/dossiers/grand-age", "q=a&page=", None, 2),
    ("/compte", "", "_csrf=x&email=a&ville=", 2)])
def test_parameters_are_counted_without_the_token(path: str, query: str, body: str | None, parameters: int) -> None:
    assert requests.Target("/", path, query, body).parameters == parameters


def test_status_lines_are_read_one_by_one() -> None:
    assert wire.statuses(b"HTTP/1.1 403 Forbidden\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\n") == [403, 404]
