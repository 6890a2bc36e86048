"""Lays out the accounts volume: for each container what it needs, readable by its user alone."""

from pathlib import PurePosixPath

from calmloop.compose_init import broker_files, configuration, files
from calmloop.compose_init.acl import PROBE, access_list
from calmloop.compose_init.owners import BROKER_UID, SERVICE_UIDS
from calmloop.compose_init.settings import InitSettings
from calmloop.compose_init.vault import OUTBOX, Vault
from calmloop.contract.topics import Account

MOUNT = PurePosixPath("/run/accounts")
"""Where every container sees the accounts volume."""


def prepare(settings: InitSettings) -> None:
    """Makes what is missing and writes everything in place; running it again changes nothing.

    Raises:
        ConfigurationError: the settings' file is wrong; nothing has been written then.
    """
    checked = configuration.check(settings.compose)
    vault = Vault(settings.vault)
    files.make_folder(settings.accounts)
    configuration.hand_on(checked, settings.accounts)
    authority = vault.authority()
    files.write(settings.accounts / "ca.crt", authority.certificate, mode=files.READ_BY_ALL)
    _prepare_broker(settings, vault)
    _prepare_services(settings, vault)


def _prepare_broker(settings: InitSettings, vault: Vault) -> None:
    folder = settings.accounts / "broker"
    files.make_folder(folder)
    credentials = vault.credentials()
    server = vault.server(settings.certificate_names())
    contents = {
        broker_files.CONFIGURATION: broker_files.configuration(MOUNT / "broker").encode(),
        broker_files.PASSWORDS: broker_files.password_file(credentials).encode(),
        broker_files.ACCESS_LIST: access_list(settings.chair_id).encode(),
        broker_files.SERVER_CERTIFICATE: server.certificate,
        broker_files.SERVER_KEY: server.key,
        broker_files.PROBE_OPTIONS: broker_files.probe_options(credentials[PROBE]).encode(),
    }
    for name, content in contents.items():
        files.write(folder / name, content, uid=BROKER_UID)


def _prepare_services(settings: InitSettings, vault: Vault) -> None:
    credentials = vault.credentials()
    for account, uid in SERVICE_UIDS.items():
        folder = settings.accounts / account
        files.make_folder(folder)
        files.write(folder / "password", credentials[account].password.encode(), uid=uid)
    for name, token in vault.log_tokens().items():
        asks = Account.FLEET_LINK if name == OUTBOX else Account.CAREGIVER_CONSOLE
        for account in (Account.SESSION_LOG, asks):
            path = settings.accounts / account / f"log-{name}.token"
            files.write(path, token.encode(), uid=SERVICE_UIDS[account])
    files.write(
        settings.accounts / Account.EMOTION_CLASSIFIER / "share-group",
        vault.share_group().encode(),
        uid=SERVICE_UIDS[Account.EMOTION_CLASSIFIER],
    )
    # A key of its own: whoever got hold of the console's could not pass for the broker.
    console = vault.server(settings.certificate_names(), "console")
    contents = {
        broker_files.SERVER_CERTIFICATE: console.certificate,
        broker_files.SERVER_KEY: console.key,
    }
    for name, content in contents.items():
        files.write(
            settings.accounts / Account.CAREGIVER_CONSOLE / name,
            content,
            uid=SERVICE_UIDS[Account.CAREGIVER_CONSOLE],
        )
