#define _GNU_SOURCE
#include "readers.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "account.h"
#include "answer.h"
#include "clock.h"
#include "dial.h"
#include "scanner.h"

#define NEVER UINT64_MAX
#define LONGEST_REQUEST 8192

enum state { WAITING, CONNECTING, HEAD, BODY, GONE };

struct reader {
    int fd, index;       /* index: among all of the run */
    uint8_t state, opened, deaf, careful, was_cut;
    struct receipts receipts;
    struct answer answer;
    struct scanner scanner;
};

static struct reader *readers;
static uint64_t *due; /* [reader]: when it dials; beside the readers, as it is swept often */
static int count, poller, waiting, unanswered, is_away, is_thawed;
static uint64_t at; /* when the bytes in hand were read */

static struct receipts *receipts_of(int i) { return &readers[i].receipts; }

static void delivered(void *owner)
{
    struct reader *r = owner;
    receive(&r->receipts, r->scanner.number, r->scanner.stamp, at, !r->deaf);
}

static void took_text(void *owner, const char *text, size_t length)
{
    struct reader *r = owner;
    enum scanned kind = plan.transport == SSE ? SSE_EVENTS
                      : plan.transport == SOCKET ? MESSAGES : PAGES;
    if (r->careful)
        scan_events(&r->scanner, kind, text, length, delivered, r);
    else
        scan_markers(&r->scanner, text, length, delivered, r);
}

static void took_message(void *owner)
{
    struct reader *r = owner;
    if (r->careful)
        scan_end(&r->scanner, delivered, r);
}

static void took_ping(void *owner, const char *bytes, size_t length)
{
    struct reader *r = owner;
    unsigned char pong[6 + 125] = { 0x8a, (unsigned char)(0x80 | length) }; /* mask: zeros */
    memcpy(pong + 6, bytes, length);
    if (send(r->fd, pong, 6 + length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
        /* The end will be read. */
    }
}

static const struct listener LISTENER = { took_text, took_message, took_ping };

static int format_request(const struct reader *r, char *request)
{
    const char *cursor = r->scanner.cursor, *joint = strchr(plan.path, '?') ? "&" : "?";
    char query[128] = "", extra[384] = "";
    if (plan.transport == POLL)
        snprintf(query, sizeof query, "%safter=%s&wait=25", joint, cursor);
    else if (plan.transport == SOCKET) {
        if (*cursor)
            snprintf(query, sizeof query, "%safter=%s", joint, cursor);
        snprintf(extra, sizeof extra,
                 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s",
                 plan.compressed ? "Sec-WebSocket-Extensions: permessage-deflate; "
                                   "client_max_window_bits\r\n" : "");
    } else
        snprintf(extra, sizeof extra, "Accept: text/event-stream\r\n%s%s%s%s",
                 plan.compressed ? "Accept-Encoding: gzip\r\n" : "",
                 *cursor ? "Last-Event-ID: " : "", cursor, *cursor ? "\r\n" : "");
    return snprintf(request, LONGEST_REQUEST, "GET %s%s HTTP/1.1\r\nHost: %s:%d\r\n%s%s\r\n",
                    plan.path, query, plan.host, plan.port, extra, plan.headers);
}

static int ask(struct reader *r)
{
    char request[LONGEST_REQUEST];
    int length = format_request(r, request);
    return send(r->fd, request, (size_t)length, MSG_NOSIGNAL) == length;
}

static void wait_until(struct reader *r, uint64_t when)
{
    r->state = WAITING;
    due[r - readers] = when;
    waiting++;
}

static void leave_count(struct reader *r)
{
    if (r->state == BODY || plan.transport == POLL)
        mine->live--;
    if (!r->deaf)
        audience_shrinks();
    if (!r->deaf)
        mine->dropped++;
}

static void note_end(const struct reader *r)
{
    if (r->state != BODY || !board->outage_ns)
        return;
    histogram_add(&mine->closing, now_ns() - board->outage_ns);
    if (plan.transport == SSE)
        histogram_add(&mine->retry, (uint64_t)r->scanner.retry_ms * 1000000u);
    if (r->answer.close_code < 5000)
        mine->close_codes[r->answer.close_code]++;
}

/* An end that the server made. Whoever may come back does so after the pause it was told. */
static void lose(struct reader *r, int error, int status)
{
    uint64_t pause_ms = r->scanner.retry_ms ? r->scanner.retry_ms : 500 + (unsigned)random() % 2000;
    if (error)
        mine->last_error = error;
    if (status)
        mine->last_status = status;
    note_end(r);
    close(r->fd);
    if (r->state == CONNECTING || (r->state == HEAD && plan.transport != POLL))
        unanswered--;
    if (r->opened && (plan.resume || (r->deaf && is_thawed))) {
        if (r->state == BODY)
            mine->live--;
        else
            mine->refused++;
        r->was_cut = 1;
        wait_until(r, r->deaf ? now_ns() : now_ns() + pause_ms * 1000000u);
    } else {
        if (r->opened)
            leave_count(r);
        else
            mine->failed++;
        r->state = GONE;
    }
    answer_clear(&r->answer);
}

static void watch(struct reader *r, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.u32 = (uint32_t)(r - readers) };
    epoll_ctl(poller, operation, r->fd, &event);
}

static void establish(struct reader *r)
{
    unanswered--;
    mine->live++;
    if (r->opened) {
        mine->resumed++;
        return;
    }
    r->opened = 1;
    mine->established++;
    if (!r->deaf)
        audience_grows();
    else
        watch(r, EPOLL_CTL_DEL, 0); /* from here on its window fills up */
}

static void dial_reader(struct reader *r)
{
    waiting--;
    due[r - readers] = NEVER;
    mine->started++;
    unanswered++;
    r->state = CONNECTING;
    scan_restart(&r->scanner);
    r->fd = dial(plan.host, plan.port, r->index % plan.sources,
                 r->deaf && !is_thawed ? plan.receive_buffer : 0);
    if (r->fd < 0)
        lose(r, errno, 0);
    else
        watch(r, EPOLL_CTL_ADD, EPOLLOUT);
}

static void connected(struct reader *r)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error || !ask(r)) {
        lose(r, error ? error : errno, 0);
        return;
    }
    watch(r, EPOLL_CTL_MOD, EPOLLIN);
    r->state = HEAD;
    if (plan.transport == POLL)
        establish(r); /* the answer comes with the first event */
}

static void take_head(struct reader *r, const char **bytes, size_t *length)
{
    size_t used = 0;
    enum progress progress = answer_head(&r->answer, *bytes, *length, &used);
    int wanted = plan.transport == SOCKET ? 101 : 200;
    if (progress == GOES_ON) {
        *length = 0;
        return;
    }
    if (progress == BROKEN || r->answer.status != wanted) {
        lose(r, progress == BROKEN ? EPROTO : 0, r->answer.status);
        *length = 0;
        return;
    }
    r->state = BODY;
    if (plan.transport != POLL)
        establish(r);
    *bytes += used;
    *length -= used;
}

static void ask_again(struct reader *r)
{
    scan_end(&r->scanner, delivered, r);
    answer_clear(&r->answer);
    r->state = HEAD;
    if (!ask(r))
        lose(r, errno, 0);
}

static void take(struct reader *r, const char *bytes, size_t length)
{
    while (length && (r->state == HEAD || r->state == BODY)) {
        if (r->state == HEAD)
            take_head(r, &bytes, &length);
        if (r->state != BODY || !(length || r->answer.body == SIZED))
            continue;
        size_t used = 0;
        enum progress progress = answer_body(&r->answer, bytes, length, &used, &LISTENER, r);
        bytes += used;
        length -= used;
        if (progress == BODY_DONE && plan.transport == POLL)
            ask_again(r);
        else if (progress != GOES_ON)
            lose(r, progress == BROKEN ? EPROTO : 0, 0);
    }
}

static void read_from(struct reader *r)
{
    static char bytes[1 << 18];
    ssize_t n = recv(r->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) {
        at = now_ns();
        mine->bytes += (uint64_t)n;
        mine->reads++;
        take(r, bytes, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        lose(r, n ? errno : 0, 0);
}

static void go_away(void)
{
    for (int i = 0; i < count; i++)
        if (readers[i].state == BODY) {
            close(readers[i].fd);
            answer_clear(&readers[i].answer);
            wait_until(&readers[i], NEVER);
            mine->live--;
        }
}

static void come_back(void)
{
    for (int i = 0; i < count; i++)
        if (readers[i].state == WAITING)
            due[i] = 0;
}

static void thaw(void)
{
    int room = 1 << 18; /* with its small buffer it would take minutes */
    for (int i = 0; i < count; i++)
        if (readers[i].deaf && readers[i].state == BODY) {
            setsockopt(readers[i].fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
            watch(&readers[i], EPOLL_CTL_ADD, EPOLLIN);
        }
}

static void follow_board(void)
{
    if (board->away != is_away) {
        is_away = board->away;
        if (is_away)
            go_away();
        else
            come_back();
    }
    if (board->thaw && !is_thawed) {
        is_thawed = 1;
        thaw();
    }
}

static void dial_due(void)
{
    static uint64_t swept;
    uint64_t now = now_ns();
    if (!waiting || now - swept < 1000000)
        return;
    swept = now;
    for (int i = 0; i < count && unanswered < plan.in_flight; i++)
        if (due[i] <= now && readers[i].state == WAITING)
            dial_reader(&readers[i]);
}

static void set_up(int process, int first)
{
    int careful = plan.resume || plan.transport == POLL;
    for (int i = 0; i < plan.phase_count; i++)
        careful |= plan.phases[i].away;
    readers = calloc((size_t)count, sizeof *readers);
    due = calloc((size_t)count, sizeof *due);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!readers || !due || poller < 0) {
        perror("fanload: readers");
        _exit(2);
    }
    open_account(process, count, receipts_of);
    uint64_t now = now_ns();
    for (int i = 0; i < count; i++) {
        struct reader *r = &readers[i];
        r->index = first + i;
        r->deaf = r->index < plan.stalled;
        r->careful = (uint8_t)(careful | r->deaf);
        if (plan.cursor)
            snprintf(r->scanner.cursor, sizeof r->scanner.cursor, "%s", plan.cursor);
        wait_until(r, now + (uint64_t)(1e9 / plan.ramp * plan.processes * i));
    }
    srandom((unsigned)now);
}

static void settle_account(void)
{
    unsigned all = (unsigned)board->published;
    for (int i = 0; i < count; i++) {
        struct reader *r = &readers[i];
        mine->resets += r->scanner.resets;
        if (r->deaf) {
            unsigned *end = r->receipts.unique < all ? &mine->still_stalled
                          : r->was_cut ? &mine->cut : &mine->caught_up;
            ++*end;
        } else if (r->opened)
            *(r->state == GONE ? &mine->missing_on_dropped : &mine->missing)
                += all - r->receipts.unique;
    }
}

void run_readers(int process, int first, int n)
{
    struct epoll_event events[1024];
    count = n;
    set_up(process, first);
    while (!board->stop) {
        follow_board();
        dial_due();
        int ready = epoll_wait(poller, events, 1024, waiting ? 1 : 20);
        for (int i = 0; i < ready; i++) {
            struct reader *r = &readers[events[i].data.u32];
            if (r->state == CONNECTING)
                connected(r);
            else if (r->state == HEAD || r->state == BODY)
                read_from(r);
        }
    }
    settle_account();
    mine->finished = 1;
    _exit(0);
}
