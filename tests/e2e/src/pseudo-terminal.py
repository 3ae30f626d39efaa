"""Runs a program in a pseudo-terminal: `pseudo-terminal.py PROGRAM ARGUMENT…`.

Its output goes to standard output. A line on standard input is typed: `ctrl-c` as that key, which the terminal
turns into SIGINT for the programs in its foreground. Ends with the program's exit code, 128 + n for signal n.
"""

import os
import pty
import select
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])

inputs = [terminal, sys.stdin.fileno()]
while terminal in inputs:
    readable, _, _ = select.select(inputs, [], [])
    if terminal in readable:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux reports the end of a terminal as an input/output error.
            data = b""
        if not data:
            inputs.remove(terminal)
        os.write(sys.stdout.fileno(), data)
    if sys.stdin.fileno() in readable:
        line = os.read(sys.stdin.fileno(), 65536)
        if not line:
            inputs.remove(sys.stdin.fileno())
        os.write(terminal, line.replace(b"ctrl-c\n", b"\x03"))

_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256 if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
