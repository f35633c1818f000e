"""card: `pipelines/sources/<id>/source.yaml`, typed and checked: who publishes what, where, and what columns mean.

In: YAML. Out: a `Source`, or a CardError that names the line. The JSON Schema of cards is made here.
"""
