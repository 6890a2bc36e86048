"""What can speak against a scenario, by a code of its own: a person ticks it off for each child."""

from collections.abc import Collection

CONTRAINDICATIONS = {
    "seizures": "Epilepsy or seizures without the consent of the treating physician",
    "photosensitivity": "Photosensitive epilepsy",
    "implant": "Pacemaker, or an implant that vibration can reach",
    "tissue": "Acute inflammation, thrombosis, bleeding, or a fracture that has not healed",
    "neck-and-back": "Acute pain or injury of neck or back",
    "low-blood-pressure": "Low blood pressure, since deep low-frequency rest can lower it further",
    "touch": "Touch that is hard to bear (tactile defensiveness)",
    "bright-light": "Light that is hard to bear (migraine, photophobia)",
    "darkness": "Fear of the dark",
}
"""Text by code. A scenario may name others, in its own words: these are ticked by their text."""

_CODES = {text: code for code, text in CONTRAINDICATIONS.items()}


def code_of(contraindication: str) -> str:
    """The code of one that is written as its text; else what is written."""
    return _CODES.get(contraindication, contraindication)


def explained(contraindications: Collection[str]) -> str:
    """The texts of those that have a code, to end a sentence with."""
    known = [name for name in contraindications if name in CONTRAINDICATIONS]
    texts = "; ".join(f"'{name}': {CONTRAINDICATIONS[name]}" for name in known)
    return f" ({texts})" if texts else ""
