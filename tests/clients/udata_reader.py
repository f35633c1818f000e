"""Read a catalogue as data.gouv.fr would, by the reader of udata; runs in the environment of `make clients`.

python udata_reader.py catalog.ttl        prints one JSON object a dataset
"""

import json
import sys

import mongoengine
import mongomock
import rdflib

mongoengine.connect("udata", mongo_client_class=mongomock.MongoClient, uuidRepresentation="standard")

from flask import Flask  # noqa: E402
from udata import i18n  # noqa: E402
from udata.app import cache  # noqa: E402
from udata.core.dataset.models import License  # noqa: E402
from udata.core.dataset.rdf import dataset_from_rdf  # noqa: E402
from udata.settings import Defaults  # noqa: E402

LICENCES = {
    "lov2": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
    "odc-odbl": "https://opendatacommons.org/licenses/odbl/1-0/",
    "cc-by": "https://creativecommons.org/licenses/by/4.0/",
    "cc-by-sa": "https://creativecommons.org/licenses/by-sa/4.0/",
    "cc-zero": "https://creativecommons.org/publicdomain/zero/1.0/",
    "notspecified": None,
}

app = Flask("udata")
app.config.from_object(Defaults)
app.config.update(DEFAULT_LANGUAGE="fr", LANGUAGES={"fr": "Français"}, SECRET_KEY="x", CACHE_TYPE="NullCache")
app.config.update(SERVER_NAME="local.test")
i18n.init_app(app)
cache.init_app(app)
graph = rdflib.Graph().parse(sys.argv[1])
with app.app_context(), app.test_request_context("/"):
    for name, url in LICENCES.items():
        License(id=name, title=name, url=url).save()
    for node in sorted(graph.subjects(rdflib.RDF.type, rdflib.Namespace("http://www.w3.org/ns/dcat#").Dataset)):
        dataset = dataset_from_rdf(graph, node=node, dryrun=True)
        resources = [[one.title, one.format, one.url] for one in dataset.resources]
        found = {"iri": str(node), "title": dataset.title, "license": dataset.license.id, "resources": resources}
        print(json.dumps({**found, "frequency": dataset.frequency and str(dataset.frequency)}))
