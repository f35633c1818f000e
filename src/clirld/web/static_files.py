"""The server's own files, packed with gzip for who takes it: each once, and kept."""

from __future__ import annotations

import os
import zlib
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from clirld.web.content_negotiation import accepts_gzip

_TEXT = (".css", ".js", ".svg", ".txt")


class PackedFiles(StaticFiles):
    """A folder of files; those of text are packed."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The answer to a request for a file."""
        plain = super().file_response(full_path, stat_result, scope, status_code)
        if not str(full_path).endswith(_TEXT):
            return plain
        plain.headers["vary"] = "Accept-Encoding"
        if not accepts_gzip(scope):
            return plain
        whole = FileResponse(full_path, stat_result=stat_result)
        headers = {"vary": "Accept-Encoding", "content-encoding": "gzip"}
        headers |= {"last-modified": whole.headers["last-modified"], "etag": f'{whole.headers["etag"][:-1]}-gzip"'}
        packed = Response(media_type=whole.media_type, headers=headers)
        if self.is_not_modified(packed.headers, Headers(scope=scope)):
            return NotModifiedResponse(packed.headers)
        return Response(_packed(Path(full_path), stat_result.st_mtime_ns), media_type=whole.media_type, headers=headers)


@lru_cache(maxsize=64)
def _packed(path: Path, _modified: int) -> bytes:
    packer = zlib.compressobj(level=9, wbits=31)
    return packer.compress(path.read_bytes()) + packer.flush()
