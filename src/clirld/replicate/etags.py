"""Entity tags of a file as S3 stores make them, so that what a store has already is not sent again.

That of an object put whole is the MD5 of its bytes; of one put in parts, the MD5 of the parts' MD5s, a hyphen and how
many they were (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>, ETag). A store that encrypts with
keys of its own makes others: then everything is sent, which is slower and as right.
"""

from __future__ import annotations

from hashlib import md5
from pathlib import Path


def etags(path: Path, part: int) -> set[str]:
    """What a store may have made of the file, put whole or in parts of so many bytes; quoted, as in answers."""
    whole, parts = md5(usedforsecurity=False), []
    with path.open("rb") as file:
        while chunk := file.read(part):
            whole.update(chunk)
            parts.append(md5(chunk, usedforsecurity=False).digest())
    joined = md5(b"".join(parts), usedforsecurity=False).hexdigest()
    return {f'"{whole.hexdigest()}"', f'"{joined}-{max(len(parts), 1)}"'}
