"""vocabulary: what the files of `ontology/` say: canonical tables, classes, properties, concepts, licences.

In: YAML and Turtle. Out: `Tables` and `Vocabulary`, read once.
"""
