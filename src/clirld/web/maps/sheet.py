"""What the map shows as a table for a spreadsheet: the columns of a sheet of the search, and the points.

The sheet has what is not drawn too, as the list beside the map.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from clirld.query.failure import Language
from clirld.search.find import Hit, Label
from clirld.web import pages
from clirld.web.documents import lookup
from clirld.web.documents.naming import Naming
from clirld.web.maps.places import Place
from clirld.web.release import ServedRelease
from clirld.web.search.asked import TERRITORY
from clirld.web.search.page import wording
from clirld.web.search.rows import row
from clirld.web.search.sheet import sheet, sheet_headers


def sheet_of(release: ServedRelease, found: Sequence[Place], language: Language) -> Response:
    """The sheet of some places. Raises sqlite3.DatabaseError, SearchTimeout, and as `lookup.open_store`."""
    naming, said = Naming(lookup.open_store(release.store), language), wording(language)
    say = pages.words(__package__, language)
    rows = [row(_hit(one, naming), "", naming, said, lambda *_facets: 0) for one in found]
    more = {
        said["column-latitude"]: ["" if one.latitude is None else str(one.latitude) for one in found],
        said["column-longitude"]: ["" if one.longitude is None else str(one.longitude) for one in found],
        said["column-precision"]: [say[f"precision_{one.precision or 'none'}"] for one in found],
    }
    content = sheet(rows, naming, said, release, more)
    return Response(content, media_type="text/csv", headers=sheet_headers("clirld-map", language))


def _hit(place: Place, naming: Naming) -> Hit:
    territory = f"{TERRITORY}{place.territory}" if place.territory else None
    label = Label(naming.label(territory), "") if territory else None
    return Hit(place.iri, "0", Label(place.name, ""), None, territory, label, is_gone=False)
