"""Runs a command on a terminal of its own: what comes on standard input is typed, what it shows goes to standard output.

PTY_ROWS and PTY_COLUMNS say how large it is.
"""
import fcntl, os, pty, select, struct, sys, termios

rows, columns = (int(os.environ.get(name, usual)) for name, usual in (("PTY_ROWS", 30), ("PTY_COLUMNS", 120)))
pid, terminal = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
typing = True
while True:
    ready, _, _ = select.select([terminal, 0] if typing else [terminal], [], [])
    if 0 in ready:
        keys = os.read(0, 4096)
        typing = bool(keys)
        if keys:
            os.write(terminal, keys)
    if terminal in ready:
        try:
            shown = os.read(terminal, 65536)
        except OSError:  # the command has ended
            break
        if not shown:
            break
        os.write(1, shown)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
