"""replicate: releases → object storage of the S3 kind → the data folders of replicas.

in: a release on disk, or a bucket with some; out: the same release there, whole or not there, and a pointer to it.

    <bucket>/<prefix>/current.json            the pointer: which release is published, which there are, which are given
                                              no more (`pointer.py`); replaced by one conditional write
    <bucket>/<prefix>/releases/<id>/…         the files of a release, as on disk; its checksums.json last

A release is sent under its id first (`upload.py`), and is published by the pointer alone. A replica reads the pointer,
fetches what it lacks, looks at every byte, and switches (`fetch.py`, `follow.py`). Nothing else is shared.
"""
