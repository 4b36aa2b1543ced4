"""OpenBSD's `nc -N HOST PORT`, for machines that have another nc or none: half-closes when its input ends."""
import socket, sys, threading

host, port = [word for word in sys.argv[1:] if not word.startswith("-")]
peer = socket.create_connection((host, int(port)), 30)


def send():
    try:
        while chunk := sys.stdin.buffer.read1(65536):
            peer.sendall(chunk)
        peer.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the peer has closed; what it sent is still read


threading.Thread(target=send, daemon=True).start()
while chunk := peer.recv(65536):
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
