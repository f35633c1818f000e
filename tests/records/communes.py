"""Rows of the canonical table `territory`, for tests: real communes with about their centres and areas."""

from __future__ import annotations

from typing import Any


def commune(code: str, name: str, latitude: float, longitude: float, area: float, *postcodes: str) -> dict[str, Any]:
    departement = code[:3] if code.startswith("97") else code[:2]
    return {
        "key": f"commune-{code}", "kind": "commune", "name": name, "code": code,
        "part_of": [f"departement-{departement}"],
        "latitude": str(latitude), "longitude": str(longitude), "area": str(area), "postcode": list(postcodes),
    }  # fmt: skip


def departement(code: str, name: str) -> dict[str, Any]:
    return {"key": f"departement-{code}", "kind": "departement", "name": name, "code": code}


def former(code: str, name: str, today: str) -> dict[str, Any]:
    return {
        "key": f"commune-{code}", "kind": "former-commune", "name": name, "code": code, "end": "1968-01-01",
        "replaced_by": [f"commune-{today}"],
    }  # fmt: skip


def delegated(code: str, name: str, today: str) -> dict[str, Any]:
    return {
        "key": f"commune-deleguee-{code}", "kind": "commune-deleguee", "name": name, "code": code,
        "part_of": [f"commune-{today}"],
    }  # fmt: skip
