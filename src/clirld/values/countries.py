"""Countries: ISO 3166-1 alpha-2 codes, from codes and from names in French and English."""

from __future__ import annotations

import gettext
from functools import cache

import pycountry

from clirld.values.text import fold

FRANCE = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF"})
"""Codes of ISO 3166-1 for France and its parts overseas."""

_OTHER_NAMES = {
    "FR": ("France métropolitaine", "Métropole", "Corse", "République française", "FX"),
    "GB": ("UK", "Angleterre", "England", "Écosse", "Scotland", "Pays de Galles", "Wales", "Grande-Bretagne",
           "Great Britain", "Irlande du Nord", "Northern Ireland"),
    "NL": ("Hollande", "Holland"),
    "US": ("USA", "Etats-Unis d'Amérique", "United States of America"),
    "PF": ("Tahiti",),
    "NC": ("Kanaky",),
    "RE": ("La Réunion",),
    "TF": ("TAAF",),
    "CI": ("Ivory Coast",),
    "CD": ("République démocratique du Congo", "RDC", "Congo-Kinshasa"),
    "CG": ("République du Congo", "Congo-Brazzaville"),
    "CV": ("Cap-Vert", "Cape Verde"),
    "TR": ("Turkey", "Turquie"),
    "BY": ("Biélorussie",),
    "MM": ("Birmanie", "Burma"),
    "SZ": ("Swaziland",),
    "MK": ("Macédoine", "Macedonia"),
    "CZ": ("Czech Republic", "République tchèque"),
    "VA": ("Vatican",),
    "PS": ("Palestine",),
}  # fmt: skip
"""Names in use that ISO 3166 does not have."""


def country_code(name: str) -> str | None:
    """The code that a code (alpha-2 or alpha-3) or a name means; None for what is not known."""
    return _codes().get(fold(name))


@cache
def _codes() -> dict[str, str]:
    # The names of ISO 3166-1 in English, and their translations by the Debian project iso-codes.
    french = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"])
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        code = str(country.alpha_2)
        for kind in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            name = getattr(country, kind, None)
            if name:
                # « Bolivie, État plurinational de » is « Bolivie » too.
                for one in (name, french.gettext(name)):
                    codes.setdefault(fold(one), code)
                    if ", " in one and kind == "name":
                        codes.setdefault(fold(one.partition(", ")[0]), code)
    for code, names in _OTHER_NAMES.items():
        codes.update((fold(name), code) for name in names)
    for ambiguous in ("congo", "coree", "korea"):  # two countries each
        codes.pop(ambiguous, None)
    return codes
