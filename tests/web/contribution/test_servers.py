"""The forms and the moderators' pages over HTTP: from a form to a release that shows it, and all that is refused."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from clirld.contributions.inbox import Kind
from clirld.contributions.rates import DAILY
from clirld.contributions.tokens import LIFETIME, WAIT
from clirld.fetch.stage import Origin
from clirld.harvest import line
from clirld.query.failure import Language
from clirld.release.make import make_release
from clirld.web.contribution.address import contribute
from clirld.web.contribution.posted import MAX_BYTES
from clirld.web.contribution.words import labels
from tests.conftest import PROJECT, linked_copy
from tests.contributions.forms import ADDITION, CASE, PLACE
from tests.contributions.test_tokens import NOW
from tests.web.contribution.conftest import PROXY_LOGIN, SECRET, Form, Servers
from tests.web.served import serve_settings, serving
from tests.web.test_pages import Page

PATHS: dict[Kind, str] = {
    "addition": "/contribute/addition",
    "correction": f"/contribute?about={PLACE}",
    "case": "/contribute/case",
}
NAMED = "Exemple – Lieu sans typologie"
PROOF_OF_IT = {"page": "https://example.org/page", "remark": "Le lieu a changé de nom."}


def right(servers: Servers, kind: Kind) -> tuple[Form, dict[str, str]]:
    """A form and what makes it a right one."""
    form = servers.open(PATHS[kind])
    name = next((one for one, text in form.fields.items() if text == NAMED), "")
    given = {"addition": ADDITION, "case": CASE, "correction": {name: "Exemple – Lieu corrigé", **PROOF_OF_IT}}
    return form, given[kind]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", ["/contribute", *PATHS.values()])
def test_pages_are_whole_small_and_lead_to_the_release(servers: Servers, path: str, language: str) -> None:
    response = requests.get(servers.forms + path, {"lang": language}, timeout=30)
    assert response.status_code == 200
    assert len(response.content) < 50_000
    assert f'<html lang="{language}">' in response.text
    page = Page(response.text)
    assert (page.language, len(page.ids)) == (language, len(set(page.ids)))
    policy = response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in response.text
    assert "style=" not in response.text
    assert response.headers["cache-control"] == "no-store"
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("kind", PATHS)
def test_a_form_is_checked_shown_and_sent_once(servers: Servers, kind: Kind) -> None:
    form, given = right(servers, kind)
    checked = servers.send(form, given, "check")
    assert checked.status_code == 200, Form(checked.text).errors
    assert "Ce qui serait publié" in checked.text
    assert servers.numbers() == []
    sent = servers.send(form, {**given, "email": "camille@example.org"})
    receipt = sent.headers["location"]
    again = [
        servers.send(form, changed).headers["location"] for changed in (given, {**given, "page": "https://x.example/"})
    ]
    assert {urlsplit(one).path for one in again} == {urlsplit(receipt).path}
    (number,) = servers.numbers()
    page = requests.get(servers.forms + receipt, timeout=30).text
    assert "Reçue" in page
    assert number in page
    assert "camille" not in page
    assert number not in receipt
    assert servers.desk.inbox.contact(number) == "camille@example.org"
    submission = servers.desk.inbox.submission(number)
    assert submission
    assert not submission.with_proof
    assert {"token", "email", "consent", "lang", "q"} & submission.fields.keys() == set()


@pytest.mark.parametrize("kind", PATHS)
def test_what_is_shown_before_it_is_sent_is_shown_in_the_other_language_too(servers: Servers, kind: Kind) -> None:
    form, given = right(servers, kind)
    page = servers.send(form, given, "check").text
    head = page[: page.index("</header>")]
    button = re.search(r'<button[^>]* form="contribution"[^>]*>English</button>', head)
    assert button
    assert f'formaction="/contribute/{kind}?lang=en"' in button[0]
    do = re.findall(r' value="(\w+)"', button[0])[0]
    form.action = f"/contribute/{kind}?lang=en"
    other = servers.send(form, given, do).text
    assert "What would be published" in other
    assert "Ce qui serait publié" not in other


@pytest.mark.parametrize(
    ("email", "language", "said"),
    [
        ("camille@example.org", "fr", "il est effacé 30 jours après la décision"),
        ("camille@example.org", "en", "it is deleted 30 days after the decision"),
        ("", "fr", "Aucun courriel n'est gardé avec elle"),
        ("", "en", "No e-mail address is kept with it"),
    ],
)
def test_a_receipt_says_what_to_expect(servers: Servers, email: str, language: str, said: str) -> None:
    form, given = right(servers, "addition")
    receipt = urlsplit(servers.send(form, {**given, "email": email}).headers["location"]).path
    text = unescape(requests.get(f"{servers.forms}{receipt}?lang={language}", timeout=30).text)
    assert said in text
    assert {"fr": "Aucun délai n'est fixé", "en": "No time is set"}[language] in text


def test_what_a_correction_says_is_shown_before_it_is_sent_and_on_its_receipt(servers: Servers) -> None:
    form, given = right(servers, "correction")
    preview = servers.send(form, given, "check").text
    preview = preview[preview.index('id="preview"') : preview.index("</section>")]
    receipt = requests.get(servers.forms + servers.send(form, given).headers["location"], timeout=30).text
    for page in (preview, receipt):
        told = [NAMED, "Exemple – Lieu corrigé", *PROOF_OF_IT.values()]
        assert [one for one in told if one not in unescape(page)] == []
    assert f">{PLACE}<" not in receipt  # its name, and not its IRI
    assert unescape(receipt).count("Exemple – Lieu corrigé") == 1


@pytest.mark.parametrize("kind", PATHS)
def test_a_form_that_has_expired_loses_nothing_but_its_token(servers: Servers, kind: Kind) -> None:
    form, given = right(servers, kind)
    servers.clock[0] += LIFETIME
    response = servers.send(form, given)
    assert response.status_code == 409
    anew = Form(response.text)
    assert {name: anew.fields[name].strip() for name in given} == given
    assert anew.fields["token"] != form.fields["token"]
    assert servers.numbers() == []
    servers.clock[0] += WAIT
    assert servers.send(anew, {}).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "../../etc/passwd", "a" * 32 + ".1.2"])
def test_a_token_that_is_none_keeps_nothing(servers: Servers, token: str) -> None:
    form, given = right(servers, "addition")
    assert servers.send(form, {**given, "token": token}).status_code == 409
    assert servers.numbers() == []


@pytest.mark.parametrize("missing", ["consent", "contributor_role", "email"])
def test_what_every_form_asks_is_told_at_its_field(servers: Servers, missing: str) -> None:
    form, given = right(servers, "addition")
    response = servers.send(form, {**given, missing: "x" if missing == "email" else ""})
    assert (response.status_code, set(Form(response.text).errors)) == (422, {missing})
    assert servers.numbers() == []


def test_what_the_shapes_and_places_say_is_told_too(servers: Servers) -> None:
    form, given = right(servers, "addition")
    response = servers.send(form, {**given, "locality": "Nulle-Part-sur-Rien", "postcode": ""})
    assert response.status_code == 422
    assert "locality" in Form(response.text).errors or "lieu" in response.text
    assert servers.numbers() == []


def test_facts_of_a_case_are_added_and_taken_out_without_a_script(servers: Servers) -> None:
    form = servers.open("/contribute/case")
    assert not any(name.startswith("obstacles.") for name in form.fields)
    added = Form(servers.send(form, {"add": "obstacles", "titre": "Exemple"}, "").text)
    assert "obstacles.0.description" in added.fields
    twice = Form(servers.send(added, {"add": "obstacles", "obstacles.0.description": "Un"}, "").text)
    assert "obstacles.1.description" in twice.fields
    left = Form(servers.send(twice, {"remove": "obstacles.1"}, "").text)
    assert left.fields["obstacles.0.description"].strip() == "Un"
    assert "obstacles.1.description" not in left.fields
    assert left.fields["titre"] == "Exemple"


def test_without_a_proof_one_waits_and_may_send_less_often(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    form = Form(requests.get(servers.forms + "/contribute/addition", timeout=30).text)
    assert servers.send(form, ADDITION).status_code == 429
    monkeypatch.setitem(DAILY, "waited", 1)
    for count in range(2):
        form = servers.open("/contribute/addition")
        status = servers.send(
            form, {**ADDITION, "name": f"Exemple {count}"}, **{"x-forwarded-for": "192.0.2.7"}
        ).status_code
        assert status == (429 if count else 303)
    form = servers.open("/contribute/addition")
    assert servers.send(form, ADDITION, **{"x-forwarded-for": "192.0.2.8"}).status_code == 303
    assert b"192.0.2" not in b"".join(
        path.read_bytes() for path in servers.desk.inbox.folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        ("name=" + "x" * (MAX_BYTES + 1), {}, 413, "too_much"),
        ("name=%FF", {}, 400, "no_form"),
        ("é", {}, 400, "no_form"),
        ("&".join(["a=1"] * 5000), {}, 400, "no_form"),
        ("a=1", {"content-type": "multipart/form-data; boundary=x"}, 415, "no_form"),
        ("{}", {"content-type": "application/json"}, 415, "no_form"),
        ("a=1", {"sec-fetch-site": "cross-site"}, 403, "from_elsewhere"),
        ("a=1", {"origin": "https://example.org"}, 403, "from_elsewhere"),
        ("a=1", {"origin": "null"}, 403, "from_elsewhere"),
    ],
)
@pytest.mark.parametrize("path", ["/contribute/addition", "/contribute/correction", "/contribute/case"])
def test_junk_is_answered_in_words(
    servers: Servers, path: str, body: str, headers: dict[str, str], status: int, reason: str
) -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    response = requests.post(servers.forms + path, body.encode(), headers={**kind, **headers}, timeout=30)
    assert response.status_code == status
    what = labels("fr")[f"refused_{reason}"].format(most=MAX_BYTES // 1024)
    assert what.split(" → ")[0].split("\u00a0")[0].replace("'", "&#39;") in response.text
    assert servers.numbers() == []


def test_a_case_in_a_file_fills_in_the_form_and_is_not_kept(servers: Servers) -> None:
    address = f"{servers.forms}/contribute/case/file?lang=en"
    (path,) = (PROJECT / "pipelines/sources/capitalisation/sample").glob("pole-fictif-du-val.md")
    answer = requests.post(address, files={"file": (path.name, path.read_bytes())}, timeout=60)
    assert answer.status_code == 200
    form = Form(answer.text)
    assert form.fields["titre"] == "Pôle fictif du Val"
    assert form.fields["documents.1.titre"]
    assert servers.numbers() == []
    wrong = requests.post(address, files={"file": ("x.md", b"no form")}, timeout=60)
    assert wrong.status_code == 422
    assert "This file could not be read." in wrong.text
    assert requests.post(address, {"file": "x"}, timeout=60).status_code == 415
    assert requests.post(address, files={"other": ("x.md", b"")}, timeout=60).status_code == 400
    assert requests.get(address, timeout=60).status_code == 405


def test_ten_megabytes_are_refused_before_they_are_read(servers: Servers) -> None:
    host, port = urlsplit(servers.forms).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        head = "POST /contribute/addition HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        client.sendall(f"{head}content-length: 10000000\r\n\r\nname=x".encode())
        assert b" 413 " in client.recv(100)


def test_a_body_that_comes_too_slowly_is_given_up(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clirld.web.contribution.posted.SECONDS", 0.05)
    host, port = urlsplit(servers.forms).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as client:
        head = "POST /contribute/case HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        client.sendall(f"{head}content-length: 1000\r\n\r\ntitre=x".encode())
        assert b" 408 " in client.recv(100)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/contribute?about=https://example.org/x", 400),
        ("/contribute?about=https://w3id.org/clirld/id/initiative/no-such", 404),
        ("/contribute?about=https://w3id.org/clirld/id/x%20y/%3C%3E", 404),
        ("/contribute/x", 404),
        ("/contribution/x", 404),
        ("/contribution/" + "a" * 5000, 404),
        ("/moderation", 404),
        ("/sparql", 404),
    ],
)
def test_what_is_not_there(servers: Servers, path: str, status: int) -> None:
    response = requests.get(servers.forms + path, timeout=30)
    assert response.status_code == status
    assert 'role="alert"' in response.text
    assert "→" in response.text


def submit(servers: Servers, kind: Kind) -> str:
    form, given = right(servers, kind)
    return urlsplit(servers.send(form, given).headers["location"]).path


def decide(servers: Servers, session: requests.Session, number: str, verdict: str, **given: str) -> requests.Response:
    """A moderator's decision, with the page that they have before them."""
    where = f"{servers.moderators}/moderation/{number}"
    form = Form(session.get(where, timeout=30).text)
    said = {**form.fields, "verdict": verdict, "role": "steward", **given}
    return session.post(where, said, timeout=30, allow_redirects=False)


def test_nobody_comes_in_without_the_token(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DAILY, "login", 2)
    submit(servers, "addition")
    (number,) = servers.numbers()
    for path in ("/moderation", f"/moderation/{number}"):
        assert "secret" in requests.get(servers.moderators + path, timeout=30).text
    wrong = requests.post(f"{servers.moderators}/moderation/login", {"secret": "x"}, timeout=30)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
    forged = {"clirld-moderation": f"{int(NOW) + 999}.aa.{'0' * 64}"}
    for cookies in ({}, forged):
        where = f"{servers.moderators}/moderation/{number}"
        assert requests.post(where, {"verdict": "accepted"}, cookies=cookies, timeout=30).status_code == 403
    assert servers.desk.inbox.decisions() == {}
    requests.post(f"{servers.moderators}/moderation/login", {"secret": "x"}, timeout=30)
    locked = requests.post(f"{servers.moderators}/moderation/login", {"secret": SECRET}, timeout=30)
    assert locked.status_code == 429


def test_a_login_ends_and_is_of_no_use_to_other_sites(servers: Servers) -> None:
    submit(servers, "addition")
    (number,) = servers.numbers()
    session = servers.login()
    (cookie,) = session.cookies
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "strict"
    assert decide(servers, session, number, "rejected", reason="Non.", csrf="x").status_code == 403
    where = f"{servers.moderators}/moderation/{number}"
    assert (
        session.post(where, {"verdict": "accepted"}, headers={"origin": "https://x.example"}, timeout=30).status_code
        == 403
    )
    assert servers.desk.inbox.decisions() == {}
    servers.clock[0] += 9 * 3600
    assert "secret" in session.get(f"{servers.moderators}/moderation", timeout=30).text


def test_the_login_of_a_proxy_is_one_too(servers: Servers) -> None:
    submit(servers, "addition")
    (number,) = servers.numbers()
    session = requests.Session()
    session.headers[PROXY_LOGIN] = "somebody"
    assert decide(servers, session, number, "rejected", reason="Un doublon.").status_code == 303
    (decision,) = servers.desk.inbox.decisions()[number]
    assert (decision.verdict, decision.role) == ("rejected", "steward")
    assert "somebody" not in (servers.desk.inbox.folder / "decisions.jsonl").read_text(encoding="utf-8")


def test_a_question_is_answered_on_the_page_of_the_receipt(servers: Servers) -> None:
    receipt = submit(servers, "addition")
    (number,) = servers.numbers()
    session = servers.login()
    assert decide(servers, session, number, "asked").status_code == 409  # a reason is needed
    decide(servers, session, number, "asked", reason="Depuis quand ?")
    page = requests.get(servers.forms + receipt, timeout=30).text
    assert "Depuis quand ?" in page
    personal = requests.post(servers.forms + receipt, {"answer": "Demandez à Mme Camille Durand"}, timeout=30)
    assert (personal.status_code, "Camille Durand" in personal.text) == (422, True)
    requests.post(servers.forms + receipt, {"answer": "Depuis 2019."}, timeout=30)
    assert "Depuis 2019." in session.get(f"{servers.moderators}/moderation/{number}", timeout=30).text


def test_two_moderators_with_the_same_page(servers: Servers) -> None:
    submit(servers, "addition")
    (number,) = servers.numbers()
    one, other = servers.login(), servers.login()
    seen = Form(other.get(f"{servers.moderators}/moderation/{number}", timeout=30).text).fields
    decide(servers, one, number, "rejected", reason="Un doublon.")
    late = other.post(f"{servers.moderators}/moderation/{number}", {**seen, "verdict": "accepted"}, timeout=30)
    assert late.status_code == 409
    assert "Un doublon." in late.text
    assert [decision.verdict for decision in servers.desk.inbox.decisions()[number]] == ["rejected"]


def test_what_is_gone_is_not_corrected_unseen(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    submit(servers, "correction")
    (number,) = servers.numbers()
    session = servers.login()
    here = servers.desk.find(PLACE)
    assert here
    other = f"{PLACE}0"
    found = {PLACE: replace(here, is_gone=True, successor=other), other: replace(here, iri=other)}
    monkeypatch.setattr(servers.desk, "find", found.get)
    refused = decide(servers, session, number, "accepted")
    assert (refused.status_code, other in refused.text) == (409, True)
    assert (
        decide(servers, session, number, "accepted", onto="https://w3id.org/clirld/id/initiative/x").status_code == 409
    )
    assert servers.desk.inbox.decisions() == {}
    assert decide(servers, session, number, "accepted", onto=other).status_code == 303
    written = (servers.desk.inbox.folder / "accepted.jsonl").read_text(encoding="utf-8")
    assert "tiers-lieux-2019-150" in written
    found.pop(other)
    found[PLACE] = replace(here, is_gone=True)
    assert decide(servers, session, number, "rejected", reason="La fiche a disparu.").status_code == 303
    assert (servers.desk.inbox.folder / "accepted.jsonl").read_text(encoding="utf-8") == ""


def test_from_a_form_to_the_page_that_shows_it(servers: Servers, samples: Path, tmp_path: Path) -> None:
    """Both statements stay, side by side, each with its source."""
    receipt = submit(servers, "correction")
    submit(servers, "addition")
    session = servers.login()
    for number in servers.numbers():
        assert decide(servers, session, number, "accepted").status_code == 303
    assert "Acceptée" in requests.get(servers.forms + receipt, timeout=30).text
    data = linked_copy(samples, tmp_path / "data")
    settings = replace(servers.desk.project.settings, data=data, inbox=servers.desk.inbox.folder.parent)
    few = {name: servers.desk.project.sources[name] for name in ("territories", "tiers-lieux-2019", "contributions")}
    project = replace(servers.desk.project, settings=settings, sources=few)
    accepted = servers.desk.inbox.folder / "accepted.jsonl"
    os.utime(accepted, (NOW, NOW))  # it is no longer being written
    harvest = line.harvest(project, project.sources["contributions"], Origin())
    assert harvest.account.summary()["held"] == harvest.account.summary()["dropped"] == 0
    make_release(project)
    address = PLACE.replace("https://w3id.org/clirld/id/", "/doc/")
    settings_of_pages = replace(serve_settings(), contributions_url="https://contribute.example.org")
    with serving(data, settings_of_pages) as site:
        said: dict[Language, str] = {"fr": "selon un contributeur", "en": "according to a contributor"}
        for language, words in said.items():
            page = requests.get(f"{site}{address}.html?lang={language}", timeout=30).text
            assert "<h1>Exemple – Lieu corrigé</h1>" in page
            assert NAMED in page
            assert words in page
            assert "Le lieu a changé de nom." in page
            assert contribute("https://contribute.example.org", language, PLACE).replace("&", "&amp;") in page
        query = project.settings.queries.joinpath("corrections.rq").read_text(encoding="utf-8")
        rows = requests.get(f"{site}/sparql", {"query": query}, timeout=30)
        assert NAMED in rows.text
