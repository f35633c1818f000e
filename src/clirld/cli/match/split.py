"""`clirld match split` and `withdraw`: what was said and is wrong."""

from __future__ import annotations

from typing import Annotated

import typer

from clirld.cli.match.shared import Because, By, append, today
from clirld.cli.terminal import Data, out
from clirld.errors import DataError
from clirld.link.judgements import split as splitting
from clirld.link.judgements import sssom
from clirld.link.judgements.judgement import author, free_text, short_name, withdrawal
from clirld.settings import Settings

_WORDS = {
    "fr": {"apart": "{0} ≠ {1} ; jugements retirés : {2}", "withdrawn": "retiré : {0}", "nothing": "aucun"},
    "en": {"apart": "{0} ≠ {1}; judgements withdrawn: {2}", "withdrawn": "withdrawn: {0}", "nothing": "none"},
}


def split(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="IRI of a record, or the end of it.")],
    by: By,
    other: Annotated[
        str | None, typer.Argument(metavar="[OTHER]", help="Another record; else all that it was judged to be.")
    ] = None,
    because: Because = "",
    data: Data = None,
) -> None:
    """Take a record apart from others: withdraws who said that they are one, and says at once that they are not."""
    settings = Settings.from_environment(data=data)
    words = _WORDS[settings.message_language]
    name, why = author(by), free_text(because, "--because")
    apart = short_name(other) if other else None
    ledger = sssom.read(settings.judgements)
    made = splitting.split(ledger.judgements, short_name(record), apart, name, today(), why)
    append(settings, made)
    for one in made:
        withdrawn = ", ".join(one.withdraws) or words["nothing"]
        out.print(words["apart"].format(one.subject, one.object, withdrawn), highlight=False, soft_wrap=True)


def withdraw(
    identifiers: Annotated[list[str], typer.Argument(metavar="JUDGEMENT...", help="Ids of judgements.")],
    by: By,
    because: Because = "",
    data: Data = None,
) -> None:
    """Withdraw judgements, and say nothing in their place."""
    settings = Settings.from_environment(data=data)
    name, why = author(by), free_text(because, "--because")
    known = {one.id: one for one in sssom.read(settings.judgements).judgements}
    named = [f"judgement:{one.rpartition('/')[2].removeprefix('judgement:')}" for one in identifiers]
    for one in named:
        if one not in known:
            raise DataError(
                f"there is no judgement {one}",
                where=str(settings.judgements),
                do="give the record_id of a line of these files",
            )
    append(settings, [withdrawal(known[one], name, today(), why) for one in dict.fromkeys(named)])
    words = _WORDS[settings.message_language]
    out.print(words["withdrawn"].format(", ".join(named)), highlight=False, soft_wrap=True)
