// epoll_echo: the yardstick. One thread, one 64 KiB buffer for all, no framing, no log.
//
// Prints "listening on 127.0.0.1:PORT" once it accepts. What a peer does not take at once is kept
// for it, and nothing more is read from it until that has left: no peer holds up another.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, EVENTS = 512 };

typedef struct {
  int fd;
  char *kept;  // what the peer has not taken yet; 0: nothing
  size_t from, to;
} peer;

static int poller;
static char buffer[BUFFER];

static void watch(peer *p, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = p};
  epoll_ctl(poller, operation, p->fd, &event);
}

static void drop(peer *p) {
  close(p->fd);
  free(p->kept);
  free(p);
}

// Sends as much as the socket takes; -1: the peer is gone.
static ssize_t give(int fd, const char *bytes, size_t length) {
  size_t done = 0;
  while (done < length) {
    ssize_t n = send(fd, bytes + done, length - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return -1;
    done += n;
  }
  return done;
}

static void readable(peer *p) {
  ssize_t got = recv(p->fd, buffer, BUFFER, 0);
  if (got < 0 && errno == EAGAIN) return;
  ssize_t put = got > 0 ? give(p->fd, buffer, got) : -1;
  if (put < 0) return drop(p);
  if (put == got) return;
  p->kept = malloc(got - put);
  p->from = 0;
  p->to = got - put;
  memcpy(p->kept, buffer + put, p->to);
  watch(p, EPOLL_CTL_MOD, EPOLLOUT);
}

static void writable(peer *p) {
  ssize_t put = give(p->fd, p->kept + p->from, p->to - p->from);
  if (put < 0) return drop(p);
  p->from += put;
  if (p->from < p->to) return;
  free(p->kept);
  p->kept = 0;
  watch(p, EPOLL_CTL_MOD, EPOLLIN);
}

static void accept_all(int listener) {
  for (int fd, one = 1; (fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0;) {
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    peer *p = calloc(1, sizeof *p);
    p->fd = fd;
    watch(p, EPOLL_CTL_ADD, EPOLLIN);
  }
}

int main(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (bind(listener, (void *)&address, size) || listen(listener, 4096)) {
    perror("epoll_echo: cannot listen");
    return 1;
  }
  getsockname(listener, (void *)&address, &size);
  poller = epoll_create1(0);
  peer self = {.fd = listener};
  watch(&self, EPOLL_CTL_ADD, EPOLLIN);
  printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (struct epoll_event events[EVENTS];;) {
    int ready = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      peer *p = events[i].data.ptr;
      if (p == &self) accept_all(listener);
      else if (p->kept) writable(p);
      else readable(p);
    }
  }
}
