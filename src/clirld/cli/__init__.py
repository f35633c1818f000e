"""The command line, a module a command: `clirld run` is `clirld.cli.run`. `app` puts them together.

Verbs only, no logic: arguments in, a call of the engine, tables (`report`) or JSON out.
"""
