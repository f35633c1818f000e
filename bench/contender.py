"""What all contenders share: `python -m bench.MODULE FUNCTION ARGUMENTS…` does one piece of work and tells about it.

Contenders are in modules by what they import, so that a peak of memory is of what was needed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clirld.settings import Settings

SETTINGS = Settings.from_environment({})
Told = dict[str, Any]


def main(*contenders: Callable[..., Told]) -> None:
    """Run the named contender and print what it told; its seconds are of all it did unless it counted them itself."""
    _, name, *texts = sys.argv
    work = next(one for one in contenders if one.__name__ == name)
    start = time.perf_counter()
    told = work(*(Path(text) if "/" in text else int(text) for text in texts))
    print(json.dumps({"seconds": time.perf_counter() - start} | told))
