"""At the centre of a fleet: who is in it. Codes, certificates, accounts at the broker."""
