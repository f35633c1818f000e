"""Keys of the terminal that a person decides with, one key a decision."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from select import select

_LOOK_EVERY = 0.2
"""Seconds after which it is seen that somebody has interrupted."""


def chosen_key(keys: Mapping[str, str]) -> str:
    """What the person wants, of `keys`; another key asks again. The end of the input is “quit”."""
    while (key := read_key().lower()) not in keys:
        if not key:
            return "quit"
    return keys[key]


def read_key() -> str:
    """One key of the terminal, without the return key; the next sign where input is no terminal; none at its end."""
    if not sys.stdin.isatty():
        return sys.stdin.read(1)
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number, termios.TCSADRAIN)  # what was typed ahead is kept
        wait_for_input()
        return os.read(number, 1).decode("ascii", "replace")  # of another letter, bytes that are no key
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def wait_for_input() -> None:
    """Wait until something was typed: an interruption may come to another thread, and would wait for a key too."""
    while sys.stdin.isatty() and not select([sys.stdin], [], [], _LOOK_EVERY)[0]:
        pass
