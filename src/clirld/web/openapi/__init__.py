"""The description of all routes for programs: `/openapi.json` (OpenAPI 3.1), `/.well-known/api-catalog` (RFC 9727).

in: the application's own routes, and what `routes.yaml` says of each; out: one description, which a route cannot lack.
"""
