"""Who may look: tokens, the names a browser may use, pages of others."""

import pytest

from edge_runtime import Face520Error
from edge_runtime.live_page.page_address import PageAddress

TOKEN = "0123456789abcdef"
HERE, ELSEWHERE = PageAddress(), PageAddress("0.0.0.0", 8520, TOKEN)


def test_this_machine_alone_needs_no_token():
    for host in ("127.0.0.1", "localhost", "::1", "[::1]"):
        assert PageAddress.of(host, 8520, None).token is None


def test_others_need_a_token_that_nobody_guesses():
    made = {PageAddress.of("0.0.0.0", 8520, None).token for _ in range(20)}
    assert len(made) == 20 and min(map(len, made)) >= 20
    assert PageAddress.of("192.168.1.5", 8520, TOKEN).token == TOKEN


@pytest.mark.parametrize(
    "token", ["short", "0123456789abcde", "with a space in the middle", "ä" * 20]
)
def test_what_is_no_token(token):
    with pytest.raises(Face520Error, match="openssl rand"):
        PageAddress.of("0.0.0.0", 8520, token)


def test_links():
    assert HERE.links(8520) == ["http://127.0.0.1:8520/"]
    assert PageAddress("::1").links(9) == ["http://[::1]:9/"]
    links = ELSEWHERE.links(8520)
    assert all(link.endswith(f":8520/?token={TOKEN}") for link in links)
    assert any(".local:" in link for link in links) and not any("0.0.0.0" in link for link in links)


def test_the_right_token_alone_is_known():
    assert HERE.is_known("") and ELSEWHERE.is_known(TOKEN)
    for wrong in ("", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "ä"):
        assert not ELSEWHERE.is_known(wrong)


@pytest.mark.parametrize(
    ("address", "host", "is_let_in"),
    [
        (HERE, "127.0.0.1:8520", True),
        (HERE, "localhost:9000", True),  # through ssh -L 9000:127.0.0.1:8520
        (HERE, "[::1]:8520", True),
        (HERE, "evil.example:8520", False),
        (HERE, "127.0.0.1.evil.example", False),
        (HERE, "192.168.1.5:8520", False),
        (HERE, "", False),
        (HERE, "[::1", False),
        (ELSEWHERE, "192.168.1.5:8520", True),
        (ELSEWHERE, "[fe80::1]:8520", True),
        (ELSEWHERE, "evil.example", False),
        (PageAddress("pi.lan", 1, TOKEN), "pi.lan:1", True),
        (PageAddress("pi.lan", 1, TOKEN), "PI.lan:1", True),
    ],
)
def test_a_name_that_others_may_point_here_is_refused(address, host, is_let_in):
    assert (address.why_refused({"Host": host}) is None) == is_let_in


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        ("http://127.0.0.1:8520", True),
        ("https://127.0.0.1:8520", True),
        ("http://127.0.0.1:8521", False),
        ("http://localhost:8520", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_page_of_others_is_refused(origin, is_let_in):
    headers = {"Host": "127.0.0.1:8520", "Origin": origin}
    assert (HERE.why_refused(headers) is None) == is_let_in


def test_the_machines_own_name(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Raspberry")
    for name in ("raspberry", "raspberry.local:8520"):
        assert ELSEWHERE.why_refused({"Host": name}) is None
    assert HERE.why_refused({"Host": "raspberry"}) is not None
