"""Drives Helix in a terminal that is emulated, and prints what stands on its screen.  Needs pexpect and pyte."""

from __future__ import annotations

import sys
import time

import pexpect
import pyte


class Screen(pyte.Screen):
    """A terminal that takes two sequences of Helix which pyte does not know."""

    def report_device_status(self, *given: int, **more: bool) -> None:
        """Helix asks; nothing waits for an answer."""

    def select_graphic_rendition(self, *given: int, **more: bool) -> None:
        more.pop("private", None)
        super().select_graphic_rendition(*given)


def main(program: str, path: str) -> None:
    screen = Screen(120, 30)
    stream = pyte.ByteStream(screen)
    helix = pexpect.spawn(program, [path], dimensions=(30, 120))

    def shown(words: str, *, gone: bool = False) -> str:
        """The screen once it holds some words, or no longer does; after half a minute as it is."""
        end = time.time() + 30
        while time.time() < end:
            try:
                stream.feed(helix.read_nonblocking(65536, 0.1))
            except pexpect.TIMEOUT:
                if (words in "\n".join(screen.display)) is not gone:
                    break
        return "\n".join(line.rstrip() for line in screen.display if line.strip())

    shown("\u25cf")  # the mark of a finding
    helix.send("8ggf3")  # to the argument that is wrong; Helix asks for shapes when a key was pressed
    print(shown("(N, 8"))
    helix.send(" a")
    print("---- menu of fixes")
    print(shown("set in_channels"))
    helix.send("\r")
    shown("Conv2d(16, 64")
    print("---- after the first of them")
    print(shown("expects 32", gone=True))
    helix.send(":q!\r")


if __name__ == "__main__":
    main(*sys.argv[1:])
