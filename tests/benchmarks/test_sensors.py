from dataclasses import replace

import pytest

from benchmarks.device import this_device
from benchmarks.timing.sustained import SustainedPoint, mark_throttling, measure_sustained
from edge_runtime.live_page.sensors import Sensors, throttled_names


@pytest.fixture
def board(tmp_path):
    """The files of a machine with two cores and two thermal zones."""
    for core, khz in enumerate((1_500_000, 1_800_000)):
        folder = tmp_path / f"sys/devices/system/cpu/cpu{core}/cpufreq"
        folder.mkdir(parents=True)
        (folder / "scaling_cur_freq").write_text(f"{khz}\n")
        (folder / "scaling_governor").write_text("ondemand\n")
        (folder / "cpuinfo_max_freq").write_text("1800000\n")
    for zone, millidegrees in enumerate((48_312, 51_000)):
        folder = tmp_path / f"sys/class/thermal/thermal_zone{zone}"
        folder.mkdir(parents=True)
        (folder / "temp").write_text(f"{millidegrees}\n")
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/model").write_text("Raspberry Pi 4 Model B Rev 1.4\0")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('NAME="x"\nPRETTY_NAME="Debian GNU/Linux 12"\n')
    return tmp_path


def test_reads_the_fastest_core_and_the_hottest_zone(board, stand_in):
    stand_in("vcgencmd")
    sensors = Sensors(board)
    reading = sensors.read()
    assert (reading.mhz, reading.celsius) == (1800, 51)
    assert reading.throttled == ("clock capped", "throttled", "soft temperature limit")
    assert sensors.governors == ("ondemand",) and sensors.max_mhz == 1800
    assert sensors.absent == ()


def test_absent_sensors_are_named_not_invented(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    sensors = Sensors(tmp_path)
    reading = sensors.read()
    assert (reading.mhz, reading.celsius, reading.throttled) == (None, None, None)
    assert [name.split(":")[0] for name in sensors.absent] == [
        "CPU clock",
        "temperature",
        "throttling",
    ]


def test_unreadable_sensor_counts_as_absent(board):
    (board / "sys/class/thermal/thermal_zone0/temp").write_text("no figure")
    (board / "sys/class/thermal/thermal_zone1/temp").unlink()
    assert Sensors(board).read().celsius is None


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("throttled=0x0", ()),
        ("throttled=0x50005", ("under-voltage", "throttled")),
        ("throttled=0x50000", ()),
        ("error", None),
    ],
)
def test_throttled_bits(answer, names):
    assert throttled_names(answer) == names


def test_device_names_the_board(board):
    device = this_device(root=board)
    assert device.name == "Raspberry Pi 4 Model B Rev 1.4"
    assert device.system == "Debian GNU/Linux 12" and device.governors == ("ondemand",)
    assert this_device("mine", board).name == "mine"


def test_this_machine_can_be_described():
    device = this_device()
    assert device.cores >= 1 and device.packages["numpy"] and device.git_revision
    assert device.busy_percent is None or 0 <= device.busy_percent <= 100
    assert not replace(device, busy_percent=None).is_quiet
    assert replace(device, busy_percent=0.5).is_quiet


def point(second, mhz, throttled):
    return SustainedPoint(second, 100, 2.0, 2.1, mhz, 50.0, throttled, ())


def test_clock_tells_of_throttling_where_the_firmware_does_not():
    marked = mark_throttling([point(0, 1800, None), point(1, 1750, None), point(2, 1200, None)])
    assert [one.throttled for one in marked] == [False, False, True]
    assert marked[2].reasons == ("clock below 1710 MHz",)


def test_firmware_is_believed_before_the_clock():
    marked = mark_throttling([point(0, 1800, True), point(1, 1200, False)])
    assert [one.throttled for one in marked] == [True, False]


def test_without_clock_and_firmware_nothing_is_claimed():
    assert mark_throttling([point(0, None, None)])[0].throttled is None


def test_sustained_run_counts_every_inference(blazeface, board, stand_in):
    stand_in("vcgencmd")
    found = measure_sustained(blazeface, seconds=0.6, sensors=Sensors(board))
    assert found.inferences == sum(one.inferences for one in found.points) == found.latency.count
    assert found.seconds >= 0.6 and found.slowdown > 0
    assert found.throttled_seconds == pytest.approx(found.seconds, abs=0.2)
    assert found.points[0].celsius == 51 and found.absent_sensors == ()
