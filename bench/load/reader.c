#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "dial.h"

#define LONGEST_REQUEST 8192

struct crowd crowd;
static uint64_t at; /* when the bytes in hand were read */

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

void reader_wait(struct reader *r, uint64_t when)
{
    r->state = WAITING;
    crowd.due[r - crowd.readers] = when;
    crowd.waiting++;
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
        crowd.unanswered--;
    if (r->opened && (plan.resume || (r->deaf && crowd.thawed))) {
        if (r->state == BODY)
            mine->live--;
        else
            mine->refused++;
        r->was_cut = 1;
        reader_wait(r, r->deaf ? now_ns() : now_ns() + pause_ms * 1000000u);
    } else {
        if (r->opened)
            leave_count(r);
        else
            mine->failed++;
        r->state = GONE;
    }
    answer_clear(&r->answer);
}

void reader_watch(struct reader *r, int operation, uint32_t events)
{
    struct epoll_event event = { .events = events, .data.u32 = (uint32_t)(r - crowd.readers) };
    epoll_ctl(crowd.poller, operation, r->fd, &event);
}

static void establish(struct reader *r)
{
    crowd.unanswered--;
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
        reader_watch(r, EPOLL_CTL_DEL, 0); /* from here on its window fills up */
}

void reader_dial(struct reader *r)
{
    crowd.waiting--;
    crowd.due[r - crowd.readers] = NEVER;
    mine->started++;
    crowd.unanswered++;
    r->state = CONNECTING;
    scan_restart(&r->scanner);
    r->fd = dial(plan.host, plan.port, r->index % plan.sources,
                 r->deaf && !crowd.thawed ? plan.receive_buffer : 0);
    if (r->fd < 0)
        lose(r, errno, 0);
    else
        reader_watch(r, EPOLL_CTL_ADD, EPOLLOUT);
}

void reader_connected(struct reader *r)
{
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error || !ask(r)) {
        lose(r, error ? error : errno, 0);
        return;
    }
    reader_watch(r, EPOLL_CTL_MOD, EPOLLIN);
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

void reader_read(struct reader *r)
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
