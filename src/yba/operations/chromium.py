"""A headless Chromium led through its debugging pipe (Chrome DevTools Protocol): as slow a line and machine as a station has, and what loads."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.kit import Internal, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATH: Final = Path(shutil.which("chromium") or shutil.which("google-chrome") or "/usr/bin/chromium")
ARGUMENTS: Final = (  # however it is led
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--no-first-run",
)  # fmt: skip
_PIPED: Final = ("--remote-debugging-pipe", "--window-size=1366,768")
_BITS: Final = 8
_FREE: Final = 10  # lowest number for our ends of the pipes: 3 and 4 are Chromium's
_QUIET: Final = 40  # milliseconds after the load event in which late requests (a font) begin
_SEND: Final = """(() => {
  const form = document.createElement("form"); form.method = "post"; form.action = %s;
  const add = (name, value) => form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  for (const [name, value] of Object.entries(%s)) add(name, value);
  add("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  document.body.append(form); form.submit();
})()"""
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0] || 0"


class Line(NamedTuple):
    """A line and a machine: bits a second, milliseconds of a round trip, how many times slower the CPU is."""

    bits: float
    trip_ms: float
    cpu: int


SLOW: Final = Line(1.6e6, 300, 6)
FREE: Final = Line(0, 0, 1)


class Loaded(NamedTuple):
    """One page as loaded: bytes over the line with headers, requests, first contentful paint in milliseconds."""

    bytes: int
    requests: int
    fcp_ms: float


class Tab:
    """One tab with its own cookies and cache."""

    def __init__(self, browser: Browser, session: str) -> None:
        """Take the session of a tab."""
        self._browser, self._session = browser, session

    def send(self, method: str, **params: Any) -> Any:  # noqa: ANN401  # the protocol's JSON
        """Send a command to the tab and return its result."""
        return self._browser.send(method, self._session, **params)

    def set_line(self, line: Line) -> None:
        """Make line and machine as slow as given."""
        rate = line.bits / _BITS if line.bits else -1
        self.send("Network.emulateNetworkConditions", offline=False, latency=line.trip_ms, downloadThroughput=rate, uploadThroughput=rate)
        self.send("Emulation.setCPUThrottlingRate", rate=line.cpu)

    def set_cookie(self, url: str, cookie: str) -> None:
        """Sign in with a cookie "name=value"."""
        name, _, value = cookie.partition("=")
        self.send("Network.setCookie", name=name, value=value, url=url, secure=True, path="/")

    def set_cache(self, *, kept: bool) -> None:
        """Let what was loaded before be used again, or not."""
        self.send("Network.setCacheDisabled", cacheDisabled=not kept)

    def load(self, url: str) -> Loaded:
        """Open an address and wait until everything it asks for has come."""
        self._browser.heard.clear()
        self.send("Page.navigate", url=url)
        return self._loaded()

    def send_form(self, url: str, fields: Mapping[str, str]) -> Loaded:
        """Send a form from the page that is open, with its token, and wait until everything the answer asks for has come."""
        self._browser.heard.clear()
        self.send("Runtime.evaluate", expression=_SEND % (json.dumps(url), json.dumps(dict(fields))))
        return self._loaded()

    def _loaded(self) -> Loaded:
        self._browser.wait_for("Page.loadEventFired")
        self.send("Runtime.evaluate", expression=f"new Promise(done => setTimeout(done, {_QUIET}))", awaitPromise=True)
        self._browser.wait_until_quiet()
        paint = self.send("Runtime.evaluate", expression=_PAINT)["result"].get("value", 0)
        ended = [one["params"] for one in self._browser.heard if one["method"] == "Network.loadingFinished"]
        return Loaded(int(sum(one["encodedDataLength"] for one in ended)), len(ended), float(paint))


class Browser:
    """The process and its pipe."""

    def __init__(self, commands: int, answers: int) -> None:
        """Take the two ends of the pipes."""
        self._commands, self._answers, self._rest, self._number = commands, answers, b"", 0
        self.heard: list[dict[str, Any]] = []

    def send(self, method: str, session: str = "", **params: Any) -> Any:  # noqa: ANN401  # the protocol's JSON
        """Send one command and return its result; what happens meanwhile is kept in ``heard``. Raises Internal when it is refused."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Internal(f"Chromium refused {method}: {answer['error'].get('message', '')}.")
                return answer.get("result", {})

    def wait_for(self, method: str) -> None:
        """Wait until something happened since the last clearing."""
        while not any(one["method"] == method for one in self.heard):
            self._read()

    def wait_until_quiet(self) -> None:
        """Wait until every request has ended."""
        while self._asked() - self._over():
            self._read()

    def _asked(self) -> set[str]:
        return {one["params"]["requestId"] for one in self.heard if one["method"] == "Network.requestWillBeSent"}

    def _over(self) -> set[str]:
        return {one["params"]["requestId"] for one in self.heard if one["method"] in {"Network.loadingFinished", "Network.loadingFailed"}}

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self._answers, 1 << 16)
            if not more:
                raise Internal("Chromium ended.")
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        told: dict[str, Any] = json.loads(message)
        if "method" in told:
            self.heard.append(told)
        return told

    @contextmanager
    def tab(self) -> Iterator[Tab]:
        """Open a tab that shares nothing with others."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session)
        for domain in ("Page", "Network", "Runtime"):
            tab.send(f"{domain}.enable")
        yield tab
        self.send("Target.disposeBrowserContext", browserContextId=context)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start Chromium and end it. Raises NotFound where there is none."""
    if not PATH.exists():
        raise NotFound("Chromium is not installed.")
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    given = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, _FREE) for end in (theirs_in, theirs_out)]
    with tempfile.TemporaryDirectory() as profile:
        null = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, given[0], 3), (os.POSIX_SPAWN_DUP2, given[1], 4), (os.POSIX_SPAWN_DUP2, null, 2)]
        command = [str(PATH), *ARGUMENTS, *_PIPED, f"--user-data-dir={profile}", "about:blank"]
        process = os.posix_spawn(PATH, command, os.environ, file_actions=actions)
        for end in (theirs_in, theirs_out, null, *given):
            os.close(end)
        try:
            yield Browser(ours_out, ours_in)
        finally:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(ours_out)
            os.close(ours_in)
            _emptied(Path(profile))


def _emptied(profile: Path) -> None:
    """Take the profile away though its helpers may still be ending."""
    shutil.rmtree(profile, ignore_errors=True)
    profile.mkdir(exist_ok=True)
