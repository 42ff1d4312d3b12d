"""What a list of sessions says of each: the kind of browser and system as its owner names it, nothing more of the device."""

import pytest

from tests.accounts.conftest import browse, first_sign_in, inside, joined, places  # noqa: F401  fixtures
from yba import accounts
from yba.accounts.signin.origin import browser_of
from yba.kit.db import reading

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox · Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0": "Edge · Windows",
    "Mozilla/5.0 (Linux; Android 15; SM-A556E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36": "Chrome · Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/604.1": "Safari · iPhone",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15": "Safari · macOS",
    "curl/8.5.0": "",
    "<script>Firefox</script>": "Firefox",
    "": "",
}


class Request:
    def __init__(self, agent):
        self.META = {"HTTP_USER_AGENT": agent}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_browser_is_named_as_its_owner_would(agent):
    assert browser_of(Request(agent)) == AGENTS[agent]


def test_each_sign_in_is_a_line_with_its_place_and_the_one_used_last_first(joined, inside, browse, operator):  # noqa: F811
    made = joined("bs.mai")
    first_sign_in(browse("10.20.0.5"), made)
    second = browse("10.20.0.6")
    answer = second.post(
        "/accounts/login/", {"login": "bs.mai", "password": "con trâu xanh đi cày ruộng"}, headers={"user-agent": next(iter(AGENTS))}
    )
    assert answer.status_code == 302
    with reading(by=operator) as conn:
        found = accounts.open_sessions(conn, by=operator, account=made.account)
    assert [(one.address, one.browser) for one in found] == [("10.20.0.6", "Firefox · Windows"), ("10.20.0.5", "")]
    assert all(one.started_at is not None and one.seen_at is not None for one in found)
    assert len({one.id for one in found}) == 2
