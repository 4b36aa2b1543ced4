// load PORT [-c CONNECTIONS] [-b MESSAGE_BYTES] [-w WINDOW] [-t SECONDS] [-f none|len32] [-i]
//
// Drives an echo server on 127.0.0.1: each connection keeps up to WINDOW messages in flight, and every
// byte that comes back is compared with what was sent there. len32 puts each message behind a 4-byte
// big-endian length. Every connection sends one message and gets it back before the time begins; the first
// fifth of the time warms up and is not measured.
// -i: after that one message the connections stay silent until standard input ends.
//
// Prints "ready" when every connection was served, then one JSON object: connect_s (until then), mb_s (echoed bytes a
// second, one way, in 10^6), messages_s, p50_us, p99_us and longest_us (from the send of a message's first byte until its
// last byte is back; the longest also of those that are not back at the end), all_messages (since ready),
// ended (connections that the server ended), user_s and system_s (this process's own time since ready), waited_s (how long
// it could have run and no core was free).
// Exit status: 0 measured, 1 not connected, 2 usage, 3 a byte differed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 256 * 1024, AT_ONCE = 4, EVENTS = 512, FINE = 32 };

typedef struct {
  int fd, writing;
  uint64_t phase;           // where in the pattern it begins: each connection says something else
  uint64_t sent, returned;  // bytes
  uint64_t *began;          // when each message in flight was begun
} stream;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

// Times in nanoseconds, counted in FINE steps a power of two: 3 % at most between neighbours.
static uint64_t counts[64 * FINE], counted, longest;
static void note(uint64_t ns) {
  if (ns > longest) longest = ns;
  int power = ns < FINE ? 0 : 63 - __builtin_clzll(ns) - 5;
  counts[power * FINE + (ns >> power)]++;
  counted++;
}
static double quantile_us(double part) {
  uint64_t seen = 0;
  for (int i = 0; i < 64 * FINE; i++) {
    seen += counts[i];
    if (!counts[i] || seen < part * counted) continue;
    int power = i < 2 * FINE ? 0 : i / FINE - 1;
    return ((uint64_t)(i - power * FINE) << power) / 1e3;
  }
  return 0;
}

static int poller, connections = 1, idle, framed, greeting = 1;
static size_t message = 1024, window = 1, unit, cycle;
static unsigned char *pattern, in[PIECE];
static stream *streams;
static uint64_t messages, bytes, ended, all_messages;

// Messages of noise that does not repeat within a cycle, written out far enough to send from any place in it.
static void make_pattern(void) {
  unit = message + (framed ? 4 : 0);
  cycle = unit * (PIECE / unit + 2);
  pattern = malloc(cycle + PIECE);
  uint32_t noise = 2463534242u;
  for (size_t at = 0; at < cycle; at++) {
    noise ^= noise << 13, noise ^= noise >> 17, noise ^= noise << 5;
    size_t place = at % unit;
    pattern[at] = framed && place < 4 ? message >> (24 - 8 * place) : 'a' + noise % 26;
  }
  for (size_t at = cycle; at < cycle + PIECE; at++) pattern[at] = pattern[at - cycle];
}

static void end(stream *s, const char *why) {
  fprintf(stderr, "load: connection %d ended: %s\n", (int)(s - streams), why);
  close(s->fd);
  s->fd = -1;
  ended++;
}

static void take(stream *s) {
  for (int turn = 0; turn < AT_ONCE; turn++) {
    ssize_t got = recv(s->fd, in, PIECE, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return end(s, got ? strerror(errno) : "end of stream");
    if (s->returned + got > s->sent || memcmp(in, pattern + (s->phase + s->returned) % cycle, got)) {
      fprintf(stderr, "load: connection %d: the echo differs after byte %llu\n", (int)(s - streams),
              (unsigned long long)s->returned);
      exit(3);
    }
    uint64_t first = s->returned / unit, time = now();
    s->returned += got;
    bytes += got;
    for (uint64_t i = first; i < s->returned / unit; i++) {
      note(time - s->began[i % window]);
      messages++;
    }
    if (got < PIECE) return;
  }
}

static void give(stream *s) {
  uint64_t most = (s->returned / unit + window) * unit;
  if (greeting) most = unit;
  for (int turn = 0; turn < AT_ONCE && s->sent < most; turn++) {
    size_t length = most - s->sent < PIECE ? most - s->sent : PIECE;
    uint64_t time = now();
    ssize_t put = send(s->fd, pattern + (s->phase + s->sent) % cycle, length, MSG_NOSIGNAL);
    if (put < 0 && errno == EAGAIN) break;
    if (put < 0) return end(s, strerror(errno));
    for (uint64_t i = (s->sent + unit - 1) / unit; i * unit < s->sent + put; i++) s->began[i % window] = time;
    s->sent += put;
  }
  int writing = s->sent < most;
  if (writing == s->writing) return;
  s->writing = writing;
  struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = s};
  epoll_ctl(poller, EPOLL_CTL_MOD, s->fd, &event);
}

// This process's own time: in the program, in the kernel, and waiting for a core.
typedef struct {
  double user, system, waited;
} spent;

static spent used(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  unsigned long long ran, waited = 0;
  FILE *file = fopen("/proc/self/schedstat", "r");
  if (file && fscanf(file, "%llu %llu", &ran, &waited) != 2) waited = 0;
  if (file) fclose(file);
  return (spent){usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6,
                 usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6, waited / 1e9};
}

static void connect_all(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  address.sin_port = htons(port);
  streams = calloc(connections, sizeof *streams);
  for (int i = 0, one = 1; i < connections; i++) {
    stream *s = &streams[i];
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (s->fd < 0 || connect(s->fd, (void *)&address, sizeof address)) {
      fprintf(stderr, "load: cannot open connection %d of %d: %s\n", i + 1, connections, strerror(errno));
      exit(1);
    }
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(s->fd, F_SETFL, O_NONBLOCK);
    s->phase = i * 7 * unit % cycle;
    s->began = calloc(window, sizeof *s->began);
    s->writing = 1;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = s};
    epoll_ctl(poller, EPOLL_CTL_ADD, s->fd, &event);
  }
}

static void turn(int wait) {
  struct epoll_event events[EVENTS];
  int ready = epoll_wait(poller, events, EVENTS, wait);
  for (int i = 0; i < ready; i++) {
    stream *s = events[i].data.ptr;
    if (s->fd >= 0 && events[i].events & ~EPOLLOUT) take(s);
    if (s->fd >= 0) give(s);
  }
}

int main(int count, char **words) {
  double seconds = 1;
  for (int option; (option = getopt(count, words, "c:b:w:t:f:i")) > 0;) {
    if (option == 'c') connections = atoi(optarg);
    else if (option == 'b') message = atol(optarg);
    else if (option == 'w') window = atol(optarg);
    else if (option == 't') seconds = atof(optarg);
    else if (option == 'f') framed = !strcmp(optarg, "len32");
    else if (option == 'i') idle = 1;
    else return 2;
  }
  if (optind != count - 1 || connections < 1 || message < 1 || window < 1) {
    fprintf(stderr, "usage: load [-c CONNECTIONS] [-b BYTES] [-w WINDOW] [-t SECONDS] [-f none|len32] [-i] PORT\n");
    return 2;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  make_pattern();
  poller = epoll_create1(0);
  uint64_t connecting = now();
  connect_all(atoi(words[optind]));
  while (messages + ended < (uint64_t)connections) turn(50);
  double connect_s = (now() - connecting) / 1e9;
  printf("ready\n");
  fflush(stdout);
  char byte;
  if (idle) {
    while (read(0, &byte, 1) > 0) {}
    return ended > 0;
  }

  spent before = used();
  greeting = 0;
  messages = 0;
  for (int i = 0; i < connections; i++) if (streams[i].fd >= 0) give(&streams[i]);
  uint64_t start = now(), from = start, warm = start + seconds * .2e9, until = start + seconds * 1e9;
  while (now() < until && ended < (uint64_t)connections) {
    turn(50);
    if (from != start || now() < warm) continue;
    from = now();
    all_messages = messages;
    messages = bytes = counted = longest = 0;
    memset(counts, 0, sizeof counts);
  }
  double measured = (now() - from) / 1e9;
  spent after = used();
  for (int i = 0; i < connections; i++) {
    uint64_t back = streams[i].returned / unit;
    if (streams[i].fd < 0 || back * unit >= streams[i].sent) continue;
    uint64_t waited = now() - streams[i].began[back % window];
    if (waited > longest) longest = waited;
  }
  printf("{\"connect_s\":%.3f,\"mb_s\":%.3f,\"messages_s\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
         "\"longest_us\":%.1f,\"all_messages\":%llu,"
         "\"ended\":%llu,\"user_s\":%.3f,\"system_s\":%.3f,\"waited_s\":%.3f}\n",
         connect_s, bytes / measured / 1e6, messages / measured, quantile_us(.5), quantile_us(.99), longest / 1e3,
         (unsigned long long)(all_messages + messages), (unsigned long long)ended, after.user - before.user,
         after.system - before.system, after.waited - before.waited);
  return 0;
}
