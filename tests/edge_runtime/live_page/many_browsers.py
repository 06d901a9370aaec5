"""Many connections, as so many browsers would open them; prints what they got.

    python many_browsers.py LINK COUNT MUTE_EVERY SECONDS

Of MUTE_EVERY connections, one asks and does not read.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys

import aiohttp


async def run(url: str, count: int, mute_every: int, seconds: float) -> list[int]:
    got = [0] * count

    async def one(number: int) -> None:
        async with session.ws_connect(url) as socket:
            await socket.send_str("next")
            if number % mute_every == 0:
                await asyncio.sleep(seconds)
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    got[number] += 1
                    await socket.send_str("next")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        tasks = [asyncio.create_task(one(number)) for number in range(count)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [frames for number, frames in enumerate(got) if number % mute_every]


if __name__ == "__main__":
    os.nice(10)  # browsers are on other machines
    link, count, mute_every, seconds = sys.argv[1:]
    done = run(f"{link}live", int(count), int(mute_every), float(seconds))
    print(json.dumps(asyncio.run(done)))
