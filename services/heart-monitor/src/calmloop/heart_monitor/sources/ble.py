"""A strap by Bluetooth Low Energy: the Heart Rate Service of a Polar H10 and of many others."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Protocol, TypeVar

from pydantic import Field

from calmloop.base.clock import Clock, monotonic_s
from calmloop.base.errors import DeviceError
from calmloop.contract.messages.base import SignalKind
from calmloop.heart_monitor import gatt
from calmloop.heart_monitor.reading import Reading
from calmloop.heart_monitor.sources.source import READ_S, SourceContext, SourceSection

SEARCH_S = 8.0
CONNECT_S = 15.0
ASK_S = 5.0
BATTERY_EVERY_S = 300.0
MAX_WAITING = 256
"""Messages that nobody has read yet; a strap sends one a second."""
MAX_NAMED = 6

ResultT = TypeVar("ResultT")


class Radio(Protocol):
    """What of bleak is used: these names of its module."""

    @property
    def BleakAdapter(self) -> Any:  # noqa: N802
        """Knows which devices are connected already."""

    @property
    def BleakScanner(self) -> Any:  # noqa: N802
        """Finds devices."""

    @property
    def BleakClient(self) -> Any:  # noqa: N802
        """Connects to one."""

    @property
    def BleakError(self) -> type[Exception]:  # noqa: N802
        """What both raise."""


class BleSection(SourceSection):
    """A strap or watch with the Bluetooth Heart Rate Service."""

    backend = "ble"
    auto_rank = 2

    address: str = Field(
        "",
        pattern=r"^([0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5})?$",
        description="The strap's; without address and name the only one in reach.",
    )
    name: str = Field("", max_length=64, description="What the strap's own name begins with.")
    adapter: str = Field(
        "", pattern=r"^(hci\d{1,3})?$", description="Which radio, as hci0; empty: the first."
    )

    def load(self, context: SourceContext) -> "BleSource":
        """See `SourceSection.load`."""
        return BleSource(self, context)


def load_bleak() -> Radio:
    """The library, which is loaded here: the settings are read without it.

    Raises:
        ImportError: it is not installed.
    """
    radio: Any = import_module("bleak")
    return radio  # type: ignore[no-any-return]


class BleSource:
    """Finds the strap, listens to it, and asks for its battery's level now and then.

    bleak's event loop runs while this is opened, read or closed, and not otherwise.
    """

    source_kind = SignalKind.LIVE

    def __init__(
        self,
        section: BleSection,
        context: SourceContext,
        load: Callable[[], Radio] = load_bleak,
    ) -> None:
        self._wanted = section.address or section.name or "a heart rate strap"
        self.origin = self._wanted
        self._section = section
        self._clock: Clock = context.clock
        self._load = load
        self._radio: Radio | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self._came: deque[Reading] = deque(maxlen=MAX_WAITING)
        self._news = asyncio.Event()
        self._lost = False
        self._ask_due_s = 0.0

    def open(self) -> None:
        """Finds the strap, connects and subscribes.

        Raises:
            DeviceError: no Bluetooth, no strap or more than one, or it does not answer.
        """
        self.close()
        try:
            self._radio = self._load()
        except ImportError as error:
            raise DeviceError(f"Bluetooth needs the package bleak ({error}): install it") from None
        # One for all connections: what bleak knows of D-Bus belongs to it.
        self._loop = self._loop or asyncio.new_event_loop()
        self._news, self._lost, self._ask_due_s = asyncio.Event(), False, 0.0
        self._came.clear()
        self._run(self._connect(self._radio))

    def read(self) -> Sequence[Reading]:
        """What the strap has told since.

        Raises:
            DeviceError: the strap is gone.
        """
        return self._run(self._gather())

    def close(self) -> None:
        """Disconnects."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(DeviceError):
                self._run(asyncio.wait_for(client.disconnect(), ASK_S))

    def _run(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """Runs it to its end; whatever Bluetooth's stack raises is a DeviceError."""
        if self._loop is None or self._radio is None:
            work.close()
            raise DeviceError(f"{self.origin} is not open")
        try:
            return self._loop.run_until_complete(work)
        except (self._radio.BleakError, OSError, EOFError) as error:
            why = str(error) or type(error).__name__
            raise DeviceError(
                f"{self.origin}: {why[:100]}: check that Bluetooth is on (BlueZ and D-Bus run),"
                " that D-Bus knows this user (docs/guides/heart.md), and that the strap is worn"
            ) from None

    async def _connect(self, radio: Radio) -> None:
        device = await self._find(radio)
        self.origin = _called(device)
        client = radio.BleakClient(
            device, disconnected_callback=self._on_lost, timeout=CONNECT_S, **self._on_adapter()
        )
        await client.connect()
        self._client = client
        if client.services.get_characteristic(gatt.HEART_RATE_MEASUREMENT) is None:
            raise DeviceError(f"{self.origin} measures no heart rate: choose another device")
        await client.start_notify(gatt.HEART_RATE_MEASUREMENT, self._on_measurement)

    async def _find(self, radio: Radio) -> Any:
        found = await self._connected(radio)
        if self._section.address and any(map(self._is_wanted, found)):
            return self._chosen(found)
        return self._chosen([*found, *await self._advertising(radio)])

    async def _connected(self, radio: Radio) -> list[Any]:
        """Straps that BlueZ holds: a killed process leaves its own, which advertises no more."""
        adapter = await radio.BleakAdapter.get(**self._on_adapter())
        found = await adapter.get_connected_devices([gatt.HEART_RATE_SERVICE])
        return list(found)

    async def _advertising(self, radio: Radio) -> list[Any]:
        how = {"service_uuids": [gatt.HEART_RATE_SERVICE], **self._on_adapter()}
        if not self._section.address:
            return list(await radio.BleakScanner.discover(timeout=SEARCH_S, **how))
        device = await radio.BleakScanner.find_device_by_filter(
            lambda device, _advertised: self._is_wanted(device), timeout=SEARCH_S, **how
        )
        return [] if device is None else [device]

    def _chosen(self, found: Sequence[Any]) -> Any:
        wanted = [device for device in found if self._is_wanted(device)]
        if len(wanted) == 1:
            return wanted[0]
        named = ", ".join(_called(device) for device in (wanted or found)[:MAX_NAMED])
        if wanted:
            raise DeviceError(
                f"several straps are in reach: {named}: set heart_monitor.ble.address to that"
                " of this child, so that no other's heart is taken for it"
            )
        raise DeviceError(
            f"{self._wanted} is not in reach{f', only {named}' if named else ''}: put it on, since"
            " most are silent until they are worn, and end other apps' connections to it"
        )

    def _is_wanted(self, device: Any) -> bool:
        address, name = self._section.address, self._section.name
        if address and str(device.address).lower() != address.lower():
            return False
        return str(device.name or "").lower().startswith(name.lower())

    def _on_adapter(self) -> dict[str, Any]:
        return {"bluez": {"adapter": self._section.adapter}} if self._section.adapter else {}

    async def _gather(self) -> list[Reading]:
        await self._ask_battery()
        if not self._came:
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), READ_S)
        if self._lost and not self._came:
            raise DeviceError(f"{self.origin} is lost: see that it is worn, near and charged")
        readings = list(self._came)
        self._came.clear()
        return readings

    async def _ask_battery(self) -> None:
        """Asks when it is due; a strap that does not say is listened to all the same."""
        if self._radio is None or self._lost or monotonic_s(self._clock) < self._ask_due_s:
            return
        self._ask_due_s = monotonic_s(self._clock) + BATTERY_EVERY_S
        if self._client.services.get_characteristic(gatt.BATTERY_LEVEL) is None:
            return
        with suppress(self._radio.BleakError, OSError):
            asked = self._client.read_gatt_char(gatt.BATTERY_LEVEL)
            data = bytes(await asyncio.wait_for(asked, ASK_S))
            self._keep(gatt.parse_battery(data, self._clock.monotonic_ns()))

    def _on_measurement(self, _characteristic: Any, data: bytearray) -> None:
        self._keep(gatt.parse_measurement(bytes(data), self._clock.monotonic_ns()))

    def _keep(self, reading: Reading) -> None:
        self._came.append(reading)
        self._news.set()

    def _on_lost(self, _client: Any) -> None:
        self._lost = True
        self._news.set()


def _called(device: Any) -> str:
    name = "".join(letter for letter in str(device.name or "") if letter.isprintable())[:40]
    return f"{name} ({device.address})" if name else str(device.address)
