"""extracts: what researchers analyse, made of the tables of a licence group alone, so that no file mixes licences.

In: the tables of a group as they are released, and which of its records are one. Out, in `extracts/<group>/`:

network_nodes          actors and initiatives that take part in something
network_affiliations   who takes part in which initiative, in which role (two-mode); also as GraphML
network_cooperations   pairs of actors of one initiative (its one-mode projection); also as GraphML
territory_panel_epci, territory_panel_commune   territories of today by year
codebook.csv, csv-metadata.json   what each column is
"""
