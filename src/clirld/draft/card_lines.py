"""Lines of YAML with comments: what the text of a new source card is made of."""

from __future__ import annotations

import json
import re

TO_FILL = "À COMPLÉTER / TO FILL"
TO_CHECK = "À VÉRIFIER / TO CHECK"

_PLAIN_SCALAR = re.compile(r"@?[^\W\d_][\w.-]*( [\w.-]+)*")
_YAML_KEYWORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_COMMENT_COLUMN = 46


def prefilled(line: str, value: str, hint: str) -> str:
    """A line with what is known, to be checked; a marked one where nothing is."""
    return commented(f"{line} {scalar(value)}", TO_CHECK) if value else to_fill(line, hint)


def to_fill(line: str, hint: str) -> str:
    """A marked line for what only a person knows."""
    return commented(line, f"{TO_FILL} : {hint}")


def commented(line: str, comment: str) -> str:
    """A line with a comment, if there is one."""
    return f"{line:{_COMMENT_COLUMN}} # {comment}" if comment else line


def scalar(text: str) -> str:
    """A text as YAML: as it is where that is plain, in double quotes otherwise (JSON's are YAML's)."""
    if _PLAIN_SCALAR.fullmatch(text) and not text.startswith("@") and text.lower() not in _YAML_KEYWORDS:
        return text
    if re.fullmatch(r"https?://[\w./~%?=&+-]+", text):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def on_one_line(text: str) -> str:
    """A text without line breaks and signs that cannot be seen."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))
