"""HTTP to a store: who we are, requests that are made again where that may help, and refusals in words.

Name and password, or a token, come from the settings, go into the header Authorization and nowhere else. The store says
which way it wants them (basic or digest) when it first refuses; the first thing that is written is small.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from urllib3.util.retry import Retry

from clirld import __version__
from clirld.errors import PublishError, innermost_reason
from clirld.settings import Settings
from clirld.values.text import plain_text

_LATER = (408, 429, 502, 503, 504)
_LONGEST_WAIT = 120.0
_RANDOM = random.SystemRandom()
_GO_ON = "run the same command again: it goes on from where this one stopped"
_WHICH_ADDRESS = (
    "give the address of its Graph Store: …/store for Oxigraph, …/sparql-graph-crud-auth for Virtuoso; "
    "for another store see its documentation"
)


class LostAnswerError(PublishError):
    """A request was sent and its answer did not come: it may have been done, or not."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A body: `chunks` gives it from its start, as often as it is asked; `size` is None where it is not known yet."""

    media_type: str
    chunks: Callable[[], Iterator[bytes]]
    size: int | None
    headers: Mapping[str, str] = field(default_factory=dict)


class _Stream:
    """An upload as requests takes it: with a length if it has one, and from its start whenever it is sent again."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload

    def __iter__(self) -> Iterator[bytes]:
        return self._upload.chunks()

    def tell(self) -> int:
        return 0

    def seek(self, _offset: int, _from: int = 0) -> int:
        return 0


class _SizedStream(_Stream):
    def __len__(self) -> int:
        return self._upload.size or 0


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Nobody(AuthBase):
    """Given where there is nobody to name: else requests would look for a password in ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Client:
    """Asks and sends; every failure is a PublishError that says what to do."""

    def __init__(self, settings: Settings, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` waits between tries."""
        self._settings = settings
        self._sleep = sleep
        self._session = requests.Session()
        self._identities: dict[str, AuthBase] = {}
        self.takes_gzip = False
        """Whether the store has said that it takes packed bodies (RFC 7694)."""

    def send(
        self,
        method: str,
        url: str,
        parameters: Mapping[str, str] | None = None,
        *,
        upload: Upload | None = None,
        accept: str = "*/*",
        also: Collection[int] = (),
        repeat: bool = True,
    ) -> requests.Response:
        """One request; the answer's body is yet to be read. Statuses `also` are answers too, beside 200 to 206.

        Raises:
            LostAnswerError: no answer came; with `repeat` after as many tries as the settings say.
            PublishError: the store refuses.
        """
        tries = 0
        while True:
            tries += 1
            is_last = tries > self._settings.retries or not repeat
            try:
                answer = self._identified(method, url, parameters or {}, upload, accept)
            except LostAnswerError:
                if is_last:
                    raise
                self._sleep(self._wait(tries))
                continue
            if "gzip" in answer.headers.get("Accept-Encoding", ""):
                self.takes_gzip = True
            if 200 <= answer.status_code < 207 or answer.status_code in also:
                return answer
            with answer:
                if answer.status_code not in _LATER or is_last:
                    raise self._refusal(answer, method, url)
                seconds = self._asked_wait(answer, url)
            self._sleep(self._wait(tries) if seconds is None else seconds)

    def _identified(
        self, method: str, url: str, parameters: Mapping[str, str], upload: Upload | None, accept: str
    ) -> requests.Response:
        answer = self._once(method, url, parameters, upload, accept)
        identity = self._asked_identity(answer) if answer.status_code == 401 else None
        if identity is None or url in self._identities:
            return answer
        answer.close()
        self._identities[url] = identity
        return self._once(method, url, parameters, upload, accept)

    def _asked_identity(self, answer: requests.Response) -> AuthBase | None:
        user, password = self._settings.publish_user, self._settings.publish_password
        if not user:
            return None
        is_digest = re.search(r"\bdigest\b", answer.headers.get("WWW-Authenticate", ""), re.IGNORECASE)
        # Encoded here: requests would take text for Latin-1.
        return HTTPDigestAuth(user, password) if is_digest else HTTPBasicAuth(user.encode(), password.encode())

    def _identity(self, url: str) -> AuthBase:
        if self._settings.publish_token:
            return _Bearer(self._settings.publish_token)
        return self._identities.get(url) or _Nobody()

    def _once(
        self, method: str, url: str, parameters: Mapping[str, str], upload: Upload | None, accept: str
    ) -> requests.Response:
        headers = {
            "User-Agent": f"clirld/{__version__} (+{self._settings.contact})",
            "Accept": accept,
            "Cache-Control": "no-cache",
        }
        data: Any = None
        connect = self._settings.connect_timeout
        if upload:
            headers |= {"Content-Type": upload.media_type, **upload.headers}
            data = _Stream(upload) if upload.size is None else _SizedStream(upload)
            connect = self._settings.publish_timeout  # it is the limit of sending too: a store reads when it likes
        try:
            return self._session.request(
                method,
                url,
                params=parameters,
                data=data,
                headers=headers,
                auth=self._identity(url),
                timeout=(connect, self._settings.publish_timeout),
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.SSLError as problem:
            raise PublishError(
                f"no safe connection: {innermost_reason(problem)}",
                where=url,
                do="check the address, and this machine's clock and certificates",
            ) from None
        except requests.exceptions.ReadTimeout:
            raise PublishError(
                f"no answer in {self._settings.publish_timeout:g} s",
                where=url,
                do="see what the store is doing; when it is done, run the same command again, which goes on from "
                "there. CLIRLD_PUBLISH_TIMEOUT gives it longer",
            ) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
            raise LostAnswerError(
                f"the store does not answer: {innermost_reason(problem)}",
                where=url,
                do=f"check that it is running, and the address; then {_GO_ON}",
            ) from None

    def _wait(self, tries: int) -> float:
        return _RANDOM.uniform(0, min(2.0**tries, _LONGEST_WAIT))

    def _asked_wait(self, answer: requests.Response, url: str) -> float | None:
        """What Retry-After says. Raises PublishError where it is longer than anybody waits."""
        try:
            seconds = Retry().get_retry_after(answer.raw)
        except urllib3.exceptions.InvalidHeader:
            return None
        if seconds is not None and seconds > _LONGEST_WAIT:
            raise PublishError(
                f"the store asks to come back in {seconds:.0f} s (it answered {answer.status_code})",
                where=url,
                do=f"after that time, {_GO_ON}",
            )
        return seconds

    def _refusal(self, answer: requests.Response, method: str, url: str) -> PublishError:
        status, has_identity = answer.status_code, bool(self._settings.publish_token or self._settings.publish_user)
        if status == 401 and not has_identity:
            what = "the store asks who we are (it answered 401)"
            do = "set CLIRLD_PUBLISH_USER and CLIRLD_PUBLISH_PASSWORD, or CLIRLD_PUBLISH_TOKEN"
        elif status in (401, 403):
            what = f"the store does not let us in (it answered {status})"
            do = "check CLIRLD_PUBLISH_USER and CLIRLD_PUBLISH_PASSWORD, or CLIRLD_PUBLISH_TOKEN, and their rights"
        elif 300 <= status < 400:
            location = urlsplit(answer.headers.get("Location", ""))
            host = location.netloc.rpartition("@")[2]  # without a password
            what = f"the store leads elsewhere: {location.scheme}://{host}{location.path}"
            do = "give that address, if it is the right one"
        elif status in (404, 405, 501) and method != "POST":
            what = f"no graphs can be put there (it answered {status})"
            do = _WHICH_ADDRESS
        elif status in (404, 405, 501):
            what = f"no updates are taken there (it answered {status})"
            do = "give the address that takes updates: --update; or do without a swap: --in-place"
        else:
            what = f"the store answered {status}: “{self._excerpt(answer)}”"
            do = f"do what it says, or see its log; then {_GO_ON}"
        return PublishError(what, where=url, do=do)

    def _excerpt(self, answer: requests.Response) -> str:
        """The first words of an answer, without what is secret."""
        try:
            body = next(answer.iter_content(2048), b"").decode("utf-8", "replace")
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError):
            body = ""
        text = " ".join(plain_text(body).split())
        for secret in (self._settings.publish_password, self._settings.publish_token):
            text = text.replace(secret, "…") if secret else text
        return text[:200] or str(answer.reason)


def not_a_store(what: str, url: str) -> PublishError:
    """The error for an address that is there, and is something else."""
    return PublishError(f"that is no Graph Store: {what}", where=url, do=_WHICH_ADDRESS)
