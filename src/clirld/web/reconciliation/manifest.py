"""What the service says of itself (Reconciliation Service API 0.2, section 3)."""

from __future__ import annotations

from typing import Any

from clirld.link.reconciliation.properties import TYPES, Language
from clirld.settings import BASE

BATCH = 100
"""Queries of a batch."""
_NAME = {
    "fr": "clirld – initiatives, organisations et territoires",
    "en": "clirld – initiatives, organizations, territories",
}


def manifest(service: str, host: str, release: str, language: Language) -> dict[str, Any]:
    """The manifest: `service` is its own address, in one language and, if it was asked for, of one release."""

    def service_of(kind: str) -> dict[str, str]:
        return {
            "service_url": service,
            "service_path": f"/suggest/{kind}",
            "flyout_service_url": service,
            "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
        }

    return {
        "versions": ["0.2"],
        "name": f"{_NAME[language]} ({release})",
        "identifierSpace": f"{BASE}id/",
        "schemaSpace": f"{BASE}ontology#",
        "documentation": f"{host}/table?lang={language}",
        "serviceVersion": release,
        "defaultTypes": [{"id": id_, "name": labels[language]} for id_, labels in TYPES.items()],
        "view": {"url": f"{service}/view?id={{{{id}}}}"},
        "preview": {"url": f"{service}/preview?id={{{{id}}}}", "width": 430, "height": 220},
        "suggest": {kind: service_of(kind) for kind in ("entity", "property", "type")},
        "extend": {
            "propose_properties": {"service_url": service, "service_path": "/properties"},
            "property_settings": [],
        },
        "batchSize": BATCH,
    }
