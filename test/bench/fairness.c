// fairness PORT [-n BULK] [-t SECONDS]
//
// Drives an echo server on 127.0.0.1 from two processes. In one, BULK connections keep sending without limit and read
// what returns. In the other, 10 honest connections, opened before, send 64 bytes every 20 ms and wait for the answer;
// after a second, newcomers connect one after the other, 64 bytes each, and leave when they were answered.
//
// Prints one JSON object: honest_p50_us, honest_p99_us, honest_longest_us; newcomers (answered), newcomer_p50_us,
// newcomer_longest_us (from connect to the whole answer; one that is not answered at the end counts as answered then);
// bulk_mb_s (echoed bytes a second, in 10^6), unserved (bulk connections that got nothing back while measured).
// Exit status: 0 measured, 1 not connected or ended, 2 usage, 3 a byte differed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HONEST = 10, MESSAGE = 64, PIECE = 64 * 1024, MOST = 1 << 20 };
static const uint64_t MS = 1000000, WARM = 1000, EVERY = 20;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static struct sockaddr_in address = {.sin_family = AF_INET};

static int opened(void) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (void *)&address, sizeof address)) {
    perror("fairness: cannot connect");
    exit(1);
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

static void gone(const char *which) {
  fprintf(stderr, "fairness: the server ended a %s connection: %s\n", which, strerror(errno));
  exit(1);
}

// The bulk clients: `returned` is shared with the process that measures.
static void send_bulk(int count, volatile uint64_t *returned) {
  static unsigned char out[PIECE], in[PIECE];
  memset(out, 'a', PIECE);
  int poller = epoll_create1(0), *fds = calloc(count, sizeof *fds);
  for (int i = 0; i < count; i++) {
    fds[i] = opened();
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = i};
    epoll_ctl(poller, EPOLL_CTL_ADD, fds[i], &event);
  }
  for (struct epoll_event events[512];;) {
    int ready = epoll_wait(poller, events, 512, -1);
    for (int e = 0; e < ready; e++) {
      int i = events[e].data.u32;
      if (events[e].events & ~EPOLLOUT) {
        ssize_t got = recv(fds[i], in, PIECE, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN)) gone("bulk");
        if (got > 0 && (in[0] != 'a' || in[got - 1] != 'a')) exit(3);
        if (got > 0) returned[i] += got;
      }
      if (events[e].events & EPOLLOUT) send(fds[i], out, PIECE, MSG_NOSIGNAL);
    }
  }
}

// A client that sends one message and waits for the answer. Which it is: its byte.
typedef struct {
  int fd, got, waits;
  uint64_t began, next;
  unsigned char byte;
} client;

static void ask(client *c, uint64_t time) {
  unsigned char out[MESSAGE];
  memset(out, c->byte, MESSAGE);
  if (send(c->fd, out, MESSAGE, MSG_NOSIGNAL) != MESSAGE) gone("honest");
  c->got = 0, c->waits = 1, c->began = time;
}

// Whether the answer is complete.
static int answered(client *c) {
  unsigned char in[MESSAGE];
  ssize_t got = recv(c->fd, in, MESSAGE - c->got, 0);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) gone("honest");
  for (int i = 0; i < got; i++) if (in[i] != c->byte) exit(3);
  c->got += got;
  if (c->got < MESSAGE) return 0;
  c->waits = 0;
  return 1;
}

typedef struct {
  double *us;
  int count;
} times;

static void note(times *t, uint64_t ns) {
  if (t->count < MOST) t->us[t->count++] = ns / 1e3;
}
static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
static double quantile(times *t, double part) {
  if (t->count == 0) return 0;
  qsort(t->us, t->count, sizeof *t->us, by_size);
  int at = part * t->count;
  return t->us[at < t->count ? at : t->count - 1];
}

int main(int argc, char **words) {
  int bulk = 0;
  double seconds = 3;
  for (int option; (option = getopt(argc, words, "n:t:")) > 0;) {
    if (option == 'n') bulk = atoi(optarg);
    else if (option == 't') seconds = atof(optarg);
    else return 2;
  }
  if (optind != argc - 1 || bulk < 0 || seconds <= 0) {
    fprintf(stderr, "usage: fairness [-n BULK] [-t SECONDS] PORT\n");
    return 2;
  }
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(atoi(words[optind]));
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  size_t size = (bulk + 1) * sizeof(uint64_t);
  volatile uint64_t *returned = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  uint64_t *before = calloc(bulk + 1, sizeof *before);
  times honest = {malloc(MOST * sizeof(double)), 0}, newcomers = {malloc(MOST * sizeof(double)), 0};

  int poller = epoll_create1(0);
  client clients[HONEST + 1] = {0}, *newcomer = &clients[HONEST];
  for (int i = 0; i <= HONEST; i++) clients[i] = (client){.fd = i < HONEST ? opened() : -1, .byte = 'b' + i};
  for (int i = 0; i < HONEST; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(poller, EPOLL_CTL_ADD, clients[i].fd, &event);
    for (ask(&clients[i], now()); !answered(&clients[i]);) usleep(1000);
    clients[i].next = now() + i * EVERY * MS / HONEST;
  }
  pid_t child = bulk > 0 ? fork() : 0;
  if (bulk > 0 && child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    send_bulk(bulk, returned);
  }

  uint64_t start = now(), from = start + WARM * MS, until = from + seconds * 1e9, time;
  int measuring = 0;
  while ((time = now()) < until) {
    if (!measuring && time >= from) {
      measuring = 1;
      from = time;
      for (int i = 0; i < bulk; i++) before[i] = returned[i];
    }
    for (int i = 0; i < HONEST; i++) if (!clients[i].waits && clients[i].next <= time) ask(&clients[i], time);
    if (measuring && newcomer->fd < 0 && newcomer->next <= time) {
      newcomer->fd = opened();
      struct epoll_event event = {.events = EPOLLIN, .data.u32 = HONEST};
      epoll_ctl(poller, EPOLL_CTL_ADD, newcomer->fd, &event);
      ask(newcomer, time);
    }
    struct epoll_event events[HONEST + 1];
    int ready = epoll_wait(poller, events, HONEST + 1, 1);
    time = now();
    for (int e = 0; e < ready; e++) {
      client *c = &clients[events[e].data.u32];
      if (!answered(c)) continue;
      if (measuring) note(c == newcomer ? &newcomers : &honest, time - c->began);
      c->next = time + (c == newcomer ? 1 : EVERY) * MS;
      if (c != newcomer) continue;
      close(c->fd);
      c->fd = -1;
    }
    if (bulk > 0 && waitpid(child, 0, WNOHANG) > 0) return 1;
  }
  int complete = newcomers.count, unserved = 0;
  for (int i = 0; i <= HONEST; i++) {
    if (clients[i].waits) note(i == HONEST ? &newcomers : &honest, time - clients[i].began);
  }
  double bytes = 0;
  for (int i = 0; i < bulk; i++) {
    bytes += returned[i] - before[i];
    if (returned[i] == before[i]) unserved++;
  }
  if (bulk > 0) kill(child, SIGKILL);
  printf("{\"honest_p50_us\":%.0f,\"honest_p99_us\":%.0f,\"honest_longest_us\":%.0f,\"newcomers\":%d,"
         "\"newcomer_p50_us\":%.0f,\"newcomer_longest_us\":%.0f,\"bulk_mb_s\":%.1f,\"unserved\":%d}\n",
         quantile(&honest, .5), quantile(&honest, .99), quantile(&honest, 1), complete, quantile(&newcomers, .5),
         quantile(&newcomers, 1), bytes / ((time - from) / 1e9) / 1e6, unserved);
  return 0;
}
