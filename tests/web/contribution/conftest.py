"""The two servers of contributions, real ones on 127.0.0.1, before the release of all samples, with a clock given."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
import requests
import uvicorn
from starlette.applications import Starlette

from clirld.contributions.rates import Rates
from clirld.contributions.tokens import hashed_secret
from clirld.project import Project
from clirld.settings import Settings
from clirld.web import connections
from clirld.web.app import listening
from clirld.web.contribution import server
from clirld.web.contribution.desk import Desk
from clirld.web.contribution.moderation import Gate
from tests.contributions.test_tokens import NOW
from tests.web.served import serve_settings

SECRET = "secret-of-the-moderators"
PROXY_LOGIN = "Remote-User"


class Form(HTMLParser):
    """The fields of the form of a page, as a browser would send them; and what is said to be wrong, by field."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.action = ""
        self._area = ""
        self._inside = False
        self.feed(text)
        self.errors = {
            unescape(name): unescape(words)
            for name, words in re.findall(r'class="error" id="e-([^"]+)">([^<]*)<', text)
        }

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = "contribution" in given.get("class", "")
            self.action = given["action"] if self._inside else self.action
        name = given.get("name", "") if self._inside else ""
        if tag == "input" and name and given.get("type") != "checkbox":
            text = given.get("value", "")
            self.fields[name] = f"{self.fields[name]}\n{text}" if name in self.fields else text
        self._area = name if tag == "textarea" else ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] = data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        self._area = "" if tag == "textarea" else self._area
        self._inside = self._inside and tag != "form"


@dataclass
class Servers:
    """Their addresses, and what they work with. `now` is the clock of both."""

    forms: str
    moderators: str
    desk: Desk
    clock: list[float] = field(default_factory=lambda: [NOW])

    def open(self, path: str) -> Form:
        """A form as a visitor gets it, left open for as long as one takes to fill it in."""
        form = Form(requests.get(f"{self.forms}{path}", timeout=30).text)
        self.clock[0] += 20
        return form

    def send(self, form: Form, given: dict[str, str], do: str = "send", **headers: str) -> requests.Response:
        """Send a form with other texts in some of its fields."""
        said = {**form.fields, "contributor_role": "resident", "consent": "4.0", **given, "do": do}
        where = f"{self.forms}{form.action}"
        return requests.post(where, said, timeout=30, allow_redirects=False, headers=headers)

    def login(self) -> requests.Session:
        """A moderator who has given the token."""
        session = requests.Session()
        session.post(f"{self.moderators}/moderation/login", {"secret": SECRET}, timeout=30)
        return session

    def numbers(self) -> list[str]:
        """The contributions that are kept."""
        return [one.number for one in self.desk.inbox.submissions()]


@contextmanager
def serving(app: Starlette, desk: Desk) -> Iterator[str]:
    """An application on a free port."""
    with listening("127.0.0.1", 0) as listener:
        running = uvicorn.Server(connections.config(app, desk.settings, log_config=None))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        thread.join(10)


@contextmanager
def both(data: Path, inbox: Path) -> Iterator[Servers]:
    """Both servers of a data folder."""
    settings = replace(Settings.from_environment({}), data=data, inbox=inbox)
    clock = [NOW]
    desk = Desk(Project.load(settings), serve_settings(trusted_proxies=1), now=lambda: clock[0])
    gate = Gate(hashed_secret(SECRET), PROXY_LOGIN)
    with serving(server.forms(desk), desk) as forms, serving(server.moderators(desk, gate), desk) as moderators:
        yield Servers(forms, moderators, desk, clock)


@pytest.fixture(scope="session")
def running(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Both servers, for the whole session."""
    with both(samples, tmp_path_factory.mktemp("inbox")) as servers:
        yield servers


@pytest.fixture
def servers(running: Servers, tmp_path: Path) -> Servers:
    """Both servers, with an empty inbox and nothing counted yet."""
    key = running.desk.inbox.key()
    running.desk.__dict__["inbox"] = type(running.desk.inbox)(tmp_path / "contributions")
    running.desk.__dict__["key"] = key
    running.desk.rates = Rates()
    running.clock[0] = NOW
    return running
