"""clirld: linked open data of territorial cooperation.

The data goes through one straight line, one module a stage:

    fetch → snapshot → records → map → validate → link → release → serve
    URL     bytes      tables    quads  report     links   folder    HTTP
"""

__version__ = "0.1.0"
