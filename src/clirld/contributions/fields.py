"""The form of a new initiative, and what of a record can be corrected.

Names are those of the canonical tables' columns; `Type` says what the text of a field has to be, as in the form of a
case (`clirld.cases.model`), so that the same cleaners read all three forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from clirld.cases.field_types import Part, TextList, Type, field

CORRECTABLE = ("initiative", "organization")
"""Kinds of things whose values can be given anew; of any other thing, what is wrong can be told."""


class Addition(Part):
    """An initiative that no source has, and who carries it."""

    name: Annotated[str, Type("name")] = field("nom", required=True)
    alternative_name: Annotated[TextList, Type("name")] = field("autres noms", is_list=True)
    kind: Annotated[TextList, Type("concept", "initiative-kind")] = field("genre", required=True)
    description: str | None = field("description", help="ce qui s'y fait, en quelques phrases")
    domain: Annotated[TextList, Type("concept", "activity-domain")] = field("domaines", is_list=True)
    practice_field: Annotated[TextList, Type("concept", "practice-field")] = field("champ de pratique", is_list=True)
    status: Annotated[str | None, Type("concept", "status")] = field("état")
    start_year: Annotated[str | None, Type("year")] = field("année de début")
    homepage: Annotated[str | None, Type("url")] = field("site internet")
    street: Annotated[str | None, Type("street")] = field("voie", help="numéro et rue, sans nom de personne")
    postcode: Annotated[str | None, Type("postcode")] = field("code postal")
    locality: Annotated[str | None, Type("name")] = field("commune", required=True)
    carrier_name: Annotated[str | None, Type("name")] = field("structure porteuse")
    carrier_siren: Annotated[str | None, Type("siren")] = field("SIREN de la structure")
    page: Annotated[str, Type("url")] = field("page publique qui le dit", required=True)


@dataclass(frozen=True, slots=True)
class Correctable:
    """A column of the table `correction`, the property that it is published as, and what its text has to be."""

    column: str
    property: str
    type: Type
    kinds: tuple[str, ...] = CORRECTABLE


_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_CLIR = "https://w3id.org/clirld/ontology#"
_INITIATIVE = ("initiative",)

ADDRESS = "http://www.w3.org/ns/locn#address"
"""The property whose value is a node of its own, corrected in three fields."""
ADDRESS_COLUMNS = ("street", "postcode", "locality")

CORRECTABLES = (
    Correctable("name", _LABEL, Type("name")),
    Correctable("alternative_name", "http://www.w3.org/2004/02/skos/core#altLabel", Type("name")),
    Correctable("description", "http://purl.org/dc/terms/description", Type("text"), _INITIATIVE),
    Correctable("kind", f"{_CLIR}initiativeKind", Type("concept", "initiative-kind"), _INITIATIVE),
    Correctable("domain", f"{_CLIR}activityDomain", Type("concept", "activity-domain"), _INITIATIVE),
    Correctable("practice_field", f"{_CLIR}practiceField", Type("concept", "practice-field"), _INITIATIVE),
    Correctable("status", f"{_CLIR}status", Type("concept", "status")),
    Correctable("legal_form", f"{_CLIR}legalForm", Type("concept", "legal-form"), ("organization",)),
    Correctable("start_year", f"{_CLIR}startYear", Type("year"), _INITIATIVE),
    Correctable("end_year", f"{_CLIR}endYear", Type("year"), _INITIATIVE),
    Correctable("homepage", "http://xmlns.com/foaf/0.1/homepage", Type("url")),
    Correctable("address", ADDRESS, Type("address"), _INITIATIVE),
    Correctable("territory", f"{_CLIR}seatedIn", Type("territory")),
)
"""What can be corrected, in the order of the form."""

ADDRESS_TYPES = {"street": Type("street"), "postcode": Type("postcode"), "locality": Type("name")}


def correctables(kind: str) -> tuple[Correctable, ...]:
    """What can be corrected of a thing of a kind (`initiative`)."""
    return tuple(one for one in CORRECTABLES if kind in one.kinds)
