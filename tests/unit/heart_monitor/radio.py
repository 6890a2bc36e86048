"""Straps in the air of a virtual Bluetooth controller, and bleak's interface to them.

The GATT exchange is a real one, by bumble: advertising, connecting, discovering, subscribing, over
HCI and ATT. Only bleak's own end of it, which needs BlueZ, is stood in for, by `Radio`.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Advertisement, Connection, Device, Peer
from bumble.gatt import (
    GATT_BATTERY_LEVEL_CHARACTERISTIC,
    GATT_HEART_RATE_MEASUREMENT_CHARACTERISTIC,
    Characteristic,
    Service,
)
from bumble.hci import Address
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

ADVERTISE_MS = 20
MAX_SCAN_S = 0.3


@dataclass
class Strap:
    """A heart rate strap. It begins to advertise when someone scans."""

    name: str = "Polar H10 12345678"
    address: str = "F0:F1:F2:F3:F4:F5"
    battery: bytes | None = b"\x5f"
    measures: bool = True
    device: Device = field(init=False)

    async def switch_on(self, link: LocalLink) -> None:
        self.device = await powered(link, self.name, self.address)
        self._measurement: Any = Characteristic(
            GATT_HEART_RATE_MEASUREMENT_CHARACTERISTIC,
            Characteristic.Properties.NOTIFY,
            Characteristic.Permissions(0),
        )
        body_location: Any = Characteristic(
            "2A38", Characteristic.Properties.READ, Characteristic.READABLE, b"\x01"
        )
        told = [self._measurement] if self.measures else [body_location]
        self.device.add_service(Service(UUID("180D"), told))
        if self.battery is not None:
            level: Any = Characteristic(
                GATT_BATTERY_LEVEL_CHARACTERISTIC,
                Characteristic.Properties.READ,
                Characteristic.READABLE,
                self.battery,
            )
            self.device.add_service(Service(UUID("180F"), [level]))
        self.device.advertising_data = bytes(
            AdvertisingData(
                [
                    (
                        AdvertisingData.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
                        struct.pack("<H", 0x180D),
                    ),
                    (AdvertisingData.COMPLETE_LOCAL_NAME, self.name.encode()),
                ]
            )
        )
        await self.device.start_advertising(
            auto_restart=True,
            advertising_interval_min=ADVERTISE_MS,
            advertising_interval_max=ADVERTISE_MS,
        )

    async def tell(self, measurement: bytes) -> None:
        await self.device.notify_subscribers(self._measurement, measurement)

    async def go_out_of_range(self) -> None:
        for connection in list(self.device.connections.values()):
            await connection.disconnect()

    async def switch_off(self) -> None:
        await self.device.stop_advertising()
        await self.go_out_of_range()


async def powered(link: LocalLink, name: str, address: str) -> Device:
    controller = Controller(name, link=link)
    device = Device(name, Address(address), host=Host(controller, AsyncPipeSink(controller)))
    await device.power_on()
    return device


@dataclass(frozen=True)
class Found:
    """As bleak's BLEDevice."""

    name: str | None
    address: str


class Radio:
    """What of bleak's module is used, over bumble; runs in the loop that it is first called in."""

    BleakError = BaseBumbleError

    def __init__(self, *straps: Strap) -> None:
        self.straps = straps
        self.clients: list[Client] = []
        self._central: Device | None = None

    @property
    def BleakScanner(self) -> "Radio":
        return self

    @property
    def BleakAdapter(self) -> "Radio":
        return self

    async def get(self) -> "Radio":
        return self

    async def get_connected_devices(self, _service_uuids: list[str]) -> list[Found]:
        return []

    def BleakClient(
        self,
        device: Found,
        disconnected_callback: Callable[[Any], None],
        timeout: float,
    ) -> "Client":
        assert timeout > 0
        assert self._central is not None
        self.clients.append(Client(self._central, device.address, disconnected_callback))
        return self.clients[-1]

    async def discover(self, timeout: float, service_uuids: list[str]) -> list[Found]:
        found: dict[str, Found] = {}
        everyone = asyncio.Event()
        central = await self._powered()

        def seen(advertisement: Advertisement) -> None:
            services = advertisement.data.get(
                AdvertisingData.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
            )
            if any(UUID(uuid) in (services or []) for uuid in service_uuids):
                name = advertisement.data.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
                address = advertisement.address.to_string(False)
                found[address] = Found(str(name) if name else None, address)
            if len(found) == len(self.straps):
                everyone.set()

        central.on("advertisement", seen)
        await central.start_scanning()
        try:
            await asyncio.wait_for(everyone.wait(), min(timeout, MAX_SCAN_S))
        except TimeoutError:
            pass
        finally:
            await central.stop_scanning()
            central.remove_listener("advertisement", seen)
        return list(found.values())

    async def find_device_by_filter(
        self, wanted: Callable[[Found, Any], bool], timeout: float, service_uuids: list[str]
    ) -> Found | None:
        found = await self.discover(timeout, service_uuids)
        return next((device for device in found if wanted(device, None)), None)

    async def _powered(self) -> Device:
        if self._central is None:
            link = LocalLink()  # type: ignore[no-untyped-call]
            self._central = await powered(link, "central", "C0:00:00:00:00:01")
            for strap in self.straps:
                await strap.switch_on(link)
        return self._central


class Client:
    """As bleak's BleakClient, over a central of bumble."""

    def __init__(self, central: Device, address: str, on_lost: Callable[[Any], None]) -> None:
        self._central = central
        self._address = address
        self._on_lost = on_lost
        self._connection: Connection | None = None
        self._found: dict[UUID, Any] = {}
        self.services = self

    async def connect(self) -> None:
        connection = await self._central.connect(Address(self._address))
        self._connection = connection
        connection.on("disconnection", lambda _reason: self._on_lost(self))
        peer = Peer(connection)
        await peer.discover_services()
        await peer.discover_characteristics()
        self._found = {c.uuid: c for s in peer.services for c in s.characteristics}

    def get_characteristic(self, uuid: str) -> Any:
        return self._found.get(UUID(uuid))

    async def start_notify(self, uuid: str, callback: Callable[[Any, bytearray], None]) -> None:
        characteristic = self.get_characteristic(uuid)
        await characteristic.subscribe(lambda value: callback(characteristic, bytearray(value)))

    async def read_gatt_char(self, uuid: str) -> bytearray:
        return bytearray(await self.get_characteristic(uuid).read_value())

    async def disconnect(self) -> None:
        if self._connection is not None and self._address in {
            str(c.peer_address.to_string(False)) for c in self._central.connections.values()
        }:
            await self._connection.disconnect()
