"""What bleak sees of BlueZ: an adapter and straps, on a D-Bus of their own."""

import asyncio
import itertools
import subprocess
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from calmloop.heart_monitor.gatt import BATTERY_LEVEL, HEART_RATE_MEASUREMENT, HEART_RATE_SERVICE

BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
ADAPTER = "/org/bluez/hci0"
DEVICE = "org.bluez.Device1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
STARTED_S = 10.0
ADVERTISE_S = 0.02
Interfaces = dict[str, dict[str, Variant]]


class DbusStrap:
    """A strap as BlueZ shows it. One that is connected does not advertise."""

    def __init__(self, address: str, name: str, *, connected: bool = False) -> None:
        self.path = f"{ADAPTER}/dev_{address.replace(':', '_')}"
        self.measurement = f"{self.path}/service0010/char0011"
        self.connected = connected
        self.device = {
            "Address": Variant("s", address),
            "Name": Variant("s", name),
            "Alias": Variant("s", name),
            "Adapter": Variant("o", ADAPTER),
            "Paired": Variant("b", False),
            "UUIDs": Variant("as", [HEART_RATE_SERVICE]),
        }

    def objects(self) -> dict[str, Interfaces]:
        heart, battery = f"{self.path}/service0010", f"{self.path}/service0020"
        state = {name: Variant("b", self.connected) for name in ("Connected", "ServicesResolved")}
        return {
            self.path: {DEVICE: {**self.device, **state}},
            heart: self._service(HEART_RATE_SERVICE),
            battery: self._service(BATTERY_SERVICE),
            self.measurement: _characteristic(heart, HEART_RATE_MEASUREMENT, "notify"),
            f"{battery}/char0021": _characteristic(battery, BATTERY_LEVEL, "read"),
        }

    def _service(self, uuid: str) -> Interfaces:
        shown = {"UUID": Variant("s", uuid), "Device": Variant("o", self.path)}
        return {"org.bluez.GattService1": shown}


def _characteristic(service: str, uuid: str, flag: str) -> Interfaces:
    shown = {"UUID": Variant("s", uuid), "Service": Variant("o", service)}
    return {CHARACTERISTIC: {**shown, "Flags": Variant("as", [flag]), "MTU": Variant("q", 23)}}


class BlueZ:
    """Runs while the context is open; answers in a thread of its own.

    Attributes:
        address: Of its bus, for DBUS_SYSTEM_BUS_ADDRESS.
        calls: The members that were called, in order.
    """

    def __init__(self, folder: Path, *straps: DbusStrap) -> None:
        self.address = f"unix:path={folder / 'bus'}"
        self.calls: list[str] = []
        self._straps = {strap.path: strap for strap in straps}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._bus: MessageBus
        self._scanning = False

    def __enter__(self) -> Self:
        self._daemon = subprocess.Popen(
            [
                "dbus-daemon",
                "--session",
                "--nofork",
                "--print-address",
                f"--address={self.address}",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._daemon.stdout is not None
        assert self._daemon.stdout.readline(), "dbus-daemon did not start"
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._do(self._stop())
        self._daemon.terminate()
        self._daemon.communicate()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def tell(self, strap: DbusStrap, measurement: bytes) -> None:
        """The strap notifies who listens."""
        value = {"Value": Variant("ay", measurement)}
        self._do(self._change(strap.measurement, CHARACTERISTIC, value))

    def part(self, strap: DbusStrap) -> None:
        """The strap goes out of reach."""
        self._do(self._connect(strap, connected=False))

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(STARTED_S)

    async def _start(self) -> None:
        self._bus = await MessageBus(bus_address=self.address).connect()
        self._bus.add_message_handler(self._answer)
        await self._bus.request_name("org.bluez")

    async def _stop(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._bus.disconnect()

    def _answer(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        self.calls.append(str(message.member))
        strap = self._straps.get(str(message.path))
        match message.member:
            case "GetManagedObjects":
                return Message.new_method_return(message, "a{oa{sa{sv}}}", [self._objects()])
            case "ReadValue":
                return Message.new_method_return(message, "ay", [b"\x5f"])
            case "StartDiscovery":
                self._scanning = True
                self._loop.create_task(self._advertise())
            case "StopDiscovery":
                self._scanning = False
            case "Connect" | "Disconnect" if strap is not None:
                self._loop.create_task(self._obey(message, strap))
                return True
        return Message.new_method_return(message)

    def _objects(self) -> dict[str, Interfaces]:
        powered, roles = Variant("b", True), Variant("as", ["central"])
        adapter = {"org.bluez.Adapter1": {"Powered": powered, "Roles": roles}}
        found: dict[str, Interfaces] = {ADAPTER: adapter}
        for strap in self._straps.values():
            found |= strap.objects()
        return found

    async def _advertise(self) -> None:
        for number in itertools.count():
            if not self._scanning:
                return
            for strap in self._straps.values():
                if not strap.connected:
                    signal = {"RSSI": Variant("n", -60 - number % 2)}
                    await self._change(strap.path, DEVICE, signal)
            await asyncio.sleep(ADVERTISE_S)

    async def _obey(self, message: Message, strap: DbusStrap) -> None:
        """What changes is told before the answer, as BlueZ does."""
        await self._connect(strap, connected=message.member == "Connect")
        await self._bus.send(Message.new_method_return(message))

    async def _connect(self, strap: DbusStrap, *, connected: bool) -> None:
        strap.connected = connected
        state = {name: Variant("b", connected) for name in ("Connected", "ServicesResolved")}
        await self._change(strap.path, DEVICE, state)

    async def _change(self, path: str, interface: str, changed: dict[str, Variant]) -> None:
        await self._bus.send(
            Message.new_signal(
                path,
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                "sa{sv}as",
                [interface, changed, []],
            )
        )
