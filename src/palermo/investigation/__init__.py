"""The main job: formats, evidence, engine and laboratory composed into one run with its dossier."""

from palermo.investigation.campaigns import assign_against, assign_gathered, gather_texts
from palermo.investigation.custody import Node
from palermo.investigation.distributed import campaigns_at
from palermo.investigation.erasing import Erasure, erase, hold, release
from palermo.investigation.handing_over import ACTS, HandOver, correct_unfinished, hand_over
from palermo.investigation.hashing_files import HashedFiles, hash_files, photo_finder
from palermo.investigation.intake import BESIDE, Given, Texts, check_readable, read_texts
from palermo.investigation.keeping_keys import revoke_key, rewrap_vaults
from palermo.investigation.laboratory import assign_campaigns, extract_identifiers
from palermo.investigation.measure import Score, measure
from palermo.investigation.opening import open_exhibit
from palermo.investigation.outputs import settle
from palermo.investigation.receipts import give_receipt
from palermo.investigation.receiving import Receipt, Received, receive
from palermo.investigation.recipe import How, Input
from palermo.investigation.replay import Repeated, replay
from palermo.investigation.run import Outcome, Request, investigate
from palermo.investigation.settings import Settings, read_settings
from palermo.investigation.stamping import Vouched, vouch
from palermo.investigation.templates import largest_templates, template_json

__all__ = [
    "ACTS",
    "BESIDE",
    "Erasure",
    "Given",
    "HandOver",
    "HashedFiles",
    "How",
    "Input",
    "Node",
    "Outcome",
    "Receipt",
    "Received",
    "Repeated",
    "Request",
    "Score",
    "Settings",
    "Texts",
    "Vouched",
    "assign_against",
    "assign_campaigns",
    "assign_gathered",
    "campaigns_at",
    "check_readable",
    "correct_unfinished",
    "erase",
    "extract_identifiers",
    "gather_texts",
    "give_receipt",
    "hand_over",
    "hash_files",
    "hold",
    "investigate",
    "largest_templates",
    "measure",
    "open_exhibit",
    "photo_finder",
    "read_settings",
    "read_texts",
    "receive",
    "release",
    "replay",
    "revoke_key",
    "rewrap_vaults",
    "settle",
    "template_json",
    "vouch",
]
