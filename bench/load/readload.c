/*
 * readload: a load generator for plain reads, on loopback.
 *
 *   readload --port P --path /… [--header 'K: V']… --conns 16 --seconds 5 [--rate R] [--pid P]…
 *
 * Each connection is kept and has one request under way. Without a rate the next is sent as soon as
 * one is answered; with one, requests are due at even times, R a second in all, and their time
 * counts from when they were due, so that a server cannot hide by holding requests up.
 * SIGTERM ends it early. Prints JSON; exit status 0 when every answer was whole, 2 wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "clock.h"
#include "dial.h"
#include "histogram.h"
#include "process.h"

#define MOST 20000

struct asker {
    int fd, busy;
    uint64_t due;
    struct answer answer;
};

static struct asker askers[MOST];
static int port, conns = 16, pids[32], pid_count, poller;
static double seconds = 5, rate;
static const char *host = "127.0.0.1", *path = "/";
static char headers[8192], request[12288];
static size_t request_length;
static struct histogram latency;
static volatile sig_atomic_t stopped;
static unsigned long long answers, failures, bytes_read, statuses[600];

static void refuse(const char *what)
{
    fprintf(stderr, "readload: %s\n", what);
    exit(2);
}

static void stop(int number)
{
    (void)number;
    stopped = 1;
}

static void add_header(const char *line)
{
    if (strlen(headers) + strlen(line) + 3 > sizeof headers)
        refuse("too many headers");
    sprintf(headers + strlen(headers), "%s\r\n", line);
}

static void read_options(int argc, char **argv)
{
    enum { PORT = 1, PATH, HEADER, CONNS, SECONDS, RATE, PID };
    static const struct option options[] = {
        { "port", 1, 0, PORT }, { "path", 1, 0, PATH }, { "header", 1, 0, HEADER },
        { "conns", 1, 0, CONNS }, { "seconds", 1, 0, SECONDS }, { "rate", 1, 0, RATE },
        { "pid", 1, 0, PID }, { 0, 0, 0, 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        switch (option) {
        case PORT: port = atoi(optarg); break;
        case PATH: path = optarg; break;
        case HEADER: add_header(optarg); break;
        case CONNS: conns = atoi(optarg); break;
        case SECONDS: seconds = atof(optarg); break;
        case RATE: rate = atof(optarg); break;
        case PID: if (pid_count < 32) pids[pid_count++] = atoi(optarg); break;
        default: refuse("unknown option");
        }
    if (port < 1 || port > 65535 || conns < 1 || conns > MOST || rate < 0 || seconds <= 0
        || seconds > 600 || strlen(path) > 2048 || !dial_prepare(host))
        refuse("--port is 1 to 65535, --conns 1 to 20,000, --seconds up to 600");
}

static void ask(struct asker *a, uint64_t due)
{
    a->due = due;
    a->busy = 1;
    if (send(a->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length)
        refuse("a request could not be sent");
}

static void connect_asker(struct asker *a, int i)
{
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
    a->fd = dial(host, port, -1, 0);
    if (a->fd < 0)
        refuse(strerror(errno));
    epoll_ctl(poller, EPOLL_CTL_ADD, a->fd, &event);
}

static void reconnect(struct asker *a)
{
    failures++;
    close(a->fd);
    answer_clear(&a->answer);
    a->busy = 0;
    connect_asker(a, (int)(a - askers));
}

static void ignore_text(void *owner, const char *text, size_t length)
{
    (void)owner, (void)text, (void)length;
}
static void ignore_end(void *owner) { (void)owner; }

static void finish(struct asker *a)
{
    int status = a->answer.status;
    histogram_add(&latency, now_ns() - a->due);
    answers++;
    statuses[status > 0 && status < 600 ? status : 0]++;
    answer_clear(&a->answer);
    a->busy = 0;
}

static void read_from(struct asker *a)
{
    static const struct listener silent = { ignore_text, ignore_end, ignore_text };
    static char bytes[1 << 17];
    ssize_t n = recv(a->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    enum progress progress = GOES_ON;
    size_t used = 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        reconnect(a);
        return;
    }
    bytes_read += (unsigned long long)n;
    if (!a->answer.head_done)
        progress = answer_head(&a->answer, bytes, (size_t)n, &used);
    if (progress == HEAD_DONE || (progress == GOES_ON && a->answer.head_done))
        progress = answer_body(&a->answer, bytes + used, (size_t)n - used, &used, &silent, NULL);
    if (progress == BODY_DONE || (progress == CLOSED_BY_SERVER && a->answer.body == CHUNKED))
        finish(a);
    else if (progress != GOES_ON)
        reconnect(a);
}

/* Send what is due; gives how long nothing else will be, in milliseconds. */
static int send_due(uint64_t begun, uint64_t now)
{
    static unsigned long long next;
    static int turn;
    for (int i = 0; i < conns && !rate; i++)
        if (!askers[i].busy)
            ask(&askers[i], now);
    if (!rate)
        return 50;
    for (int looked = 0; looked < conns; looked++) {
        uint64_t due = begun + (uint64_t)((double)next / rate * 1e9);
        if (due > now)
            return 1;
        turn = (turn + 1) % conns;
        if (askers[turn].busy)
            continue;
        ask(&askers[turn], due);
        next++;
    }
    return 1;
}

static void print_report(double lasted, struct usage before, struct usage after)
{
    double cpu = after.cpu - before.cpu;
    printf("{\"path\":\"%s\",\"conns\":%d,\"rate\":%g,\"seconds\":%.3f,\"answers\":%llu,"
           "\"failures\":%llu,\"per_s\":%.1f,\"cpu_s\":%.2f,\"cpu_us_each\":%.2f,\"core\":%.4f,"
           "\"bytes_each\":%.0f,\"statuses\":{",
           path, conns, rate, lasted, answers, failures, (double)answers / lasted, cpu,
           answers ? cpu * 1e6 / (double)answers : 0, cpu / lasted,
           answers ? (double)bytes_read / (double)answers : 0);
    for (int i = 0, n = 0; i < 600; i++)
        if (statuses[i])
            printf("%s\"%d\":%llu", n++ ? "," : "", i, statuses[i]);
    printf("},\"latency_us\":");
    histogram_print(stdout, &latency);
    printf("}\n");
}

int main(int argc, char **argv)
{
    struct epoll_event events[512];
    read_options(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    alarm((unsigned)seconds + 60);
    poller = epoll_create1(EPOLL_CLOEXEC);
    request_length = (size_t)snprintf(request, sizeof request,
                                      "GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n", path, host,
                                      port, headers);
    for (int i = 0; i < conns; i++)
        connect_asker(&askers[i], i);
    struct usage before = usage_of(pids, pid_count);
    uint64_t begun = now_ns(), end = begun + (uint64_t)(seconds * 1e9), now;
    while (!stopped && (now = now_ns()) < end) {
        int ready = epoll_wait(poller, events, 512, send_due(begun, now));
        for (int i = 0; i < ready; i++)
            read_from(&askers[events[i].data.u32]);
    }
    struct usage after = usage_of(pids, pid_count);
    print_report((double)(now_ns() - begun) / 1e9, before, after);
    return failures != 0;
}
