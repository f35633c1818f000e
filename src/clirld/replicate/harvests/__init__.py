"""harvests: the stages of sources through object storage, so that machines that harvest share nothing else.

in: a data folder on each machine; out: the committed harvest of every source in a bucket, and in the data folders.

    <prefix>/harvests/sources/<source>/commit.json          what the last harvest of a source is: path in a data folder
                                                            → size, time, SHA-256 and attempt of each file; replaced
                                                            by one conditional write
    <prefix>/harvests/sources/<source>/<attempt>/<sha256>   those files, by content; never changed
    <prefix>/harvests/given.json                            what people said: acceptances, rights, erasures
    data/exchanged/                                         which commits of which bucket the data folder is at

A harvest begins with the commits of its source and of those that it is made of (`exchange.py`), runs in the data folder
as everywhere (`clirld.harvest.line`), sends what is new under an attempt of its own, and is committed by one write,
which fails where another machine was quicker: then it is done again from what that one has committed (`shared.py`).
Releases are made of the commits on one machine, and published as in `clirld.replicate.upload`.
"""
