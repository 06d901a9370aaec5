from threading import Thread
from time import sleep

from edge_runtime.video.handover import Handover


def give_all(handover: Handover, items) -> Thread:
    def work() -> None:
        for item in items:
            if not handover.give(item):
                break
        handover.finish()

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def take_all(handover: Handover) -> list:
    taken = []
    while (item := handover.take(5)) is not None:
        taken.append(item)
    return taken


def test_everything_arrives_in_order():
    handover: Handover[int] = Handover(2, drops_old=False)
    give_all(handover, range(1, 500))
    assert take_all(handover) == list(range(1, 500))
    assert handover.dropped == 0 and handover.is_over


def test_a_slow_taker_gets_the_latest():
    handover: Handover[int] = Handover(1, drops_old=True)
    give_all(handover, range(1, 101)).join(5)
    assert take_all(handover) == [100]
    assert handover.dropped == 99


def test_a_giver_hears_that_nobody_takes():
    handover: Handover[int] = Handover(1, drops_old=False)
    thread = give_all(handover, range(100))
    sleep(0.05)
    assert thread.is_alive(), "it waits for room"
    handover.abandon()
    thread.join(5)
    assert not thread.is_alive() and handover.take() is None


def test_taking_waits_no_longer_than_asked():
    assert Handover(1, drops_old=False).take(0.01) is None
