"""formats: the tables and dumps of a release for those who do not speak RDF.

tables of a licence group → GeoParquet, a GeoPackage, and what says what their columns are (CSVW, Data Package)
dump of a licence group   → JSON-LD
the whole release         → an RO-Crate's metadata
"""
