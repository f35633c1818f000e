"""The pages that are looked at in a browser: an address of each kind, on the release of the samples. Add yours.

Each is opened in both languages (`lang` is added), at two widths, with and without script.
"""

from __future__ import annotations

from clirld.web.documentation.routes import is_built

ADDRESSES = [
    # The documentation, where `make docs` has built it.
    *(["/docs/", "/docs/operate.html", "/docs/fr/", "/docs/search.html?q=licence"] if is_built() else []),
    *([] if is_built() else ["/docs", "/docs/fr"]),
    "/",
    "/table",
    "/search",
    "/search?q=fictif",
    "/search?q=fictfi",
    "/search?q=zzzzz",
    "/search?q=a&page=2",
    "/search?type=nothing",  # a page that says what was wrong
    "/sparql",
    "/sparql?format=html&query=SELECT * WHERE { ?s ?p ?o } LIMIT 20",
    "/sparql?format=html&query=nothing",
    "/doc/initiative/capitalisation-pole-fictif-du-val",
    "/doc/organization/actee-laureats-46-figeac",
    "/doc/territory/commune-39300",
    "/doc/territory/epci-200071116",
    "/doc/territory/departement-39",
    "/doc/process/capitalisation-pole-fictif-du-val-process-ecouter-essayer",
    "/doc/participation/capitalisation-pole-fictif-du-val-role-ville-locaux",
    "/doc/concept/practice-field/recycling-centre",
    "/graph/ptce",
    "/doc/process/capitalisation-pole-fictif-du-val-process-ecouter-essayer/sheet",
    "/doc/concept/need/premises",
    "/doc/programme/appel-fictif-2016",
    "/compare",
    "/compare?a=39300&add=Lons",
    "/compare?a=39300&b=26281",
    "/compare?a=epci-200071116&b=epci-200068781",
    "/compare?a=initiative/capitalisation-pole-fictif-du-val&b=initiative/capitalisation-atelier-fictif",
    "/contribute",
    "/contribute?about=initiative/tiers-lieux-2019-15",
    "/reuse",
    "/reuse?territory=39300&need=jobs",
    "/reuse/missing",
    "/catalog?format=html",
    "/release/?format=html",
    "/changes?format=html",
    "/map",
    "/map?departement=39&view=map",
    "/map?place=none",
    "/map?q=fictif",
    "/search?q=PVD",
    "/figure/",
    "/figure/recognitions-by-year",
    "/figure/initiatives-by-start-year",
    "/figure/initiatives-by-density",
    "/figure/network?thing=initiative/capitalisation-pole-fictif-du-val",
    "/issues",
    "/issues/ptce",
    "/quality",
    "/quality/ptce",
    "/queries/registered",
    "/grade",
    "/ontology/{lang}/index.html",
    "/nowhere",
]

LONG = ["/ontology/", "/docs/"]
"""Where pages may weigh more: what is read as one document, and searched in as one."""
