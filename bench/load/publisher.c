#define _GNU_SOURCE
#include "publisher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "answer.h"
#include "board.h"
#include "clock.h"
#include "dial.h"

#define LONGEST_HEAD 8192
#define PATIENCE_S 30

struct publisher publisher;
static int kept = -1;

static char *fill_in(char *out, const char *body, int number, uint64_t stamp)
{
    for (const char *p = body; *p; p++) {
        if (*p != '%')
            *out++ = *p;
        else if (*++p == 'N')
            out += sprintf(out, "%d", number);
        else if (*p == 'T')
            out += sprintf(out, "%llu", (unsigned long long)stamp);
        else
            *out++ = '%';
    }
    return out;
}

static size_t format_post(char **request, int number)
{
    static char *text, *body;
    size_t room = 2 * strlen(plan.body) + 4096;
    if (!text) {
        text = malloc(LONGEST_HEAD + room);
        body = malloc(room);
    }
    char once[80] = "";
    if (plan.resume) /* a POST whose answer was lost is not made twice */
        snprintf(once, sizeof once, "Idempotency-Key: fanload-%d-%d\r\n", getpid(), number);
    size_t length = (size_t)(fill_in(body, plan.body, number, stamps[number]) - body);
    int head = snprintf(text, LONGEST_HEAD,
                        "POST %s HTTP/1.1\r\nHost: %s:%d\r\nContent-Length: %zu\r\n%s%s\r\n",
                        plan.publish_path, plan.host, plan.publish_port, length, once,
                        plan.publish_headers);
    memcpy(text + head, body, length);
    *request = text;
    return (size_t)head + length;
}

static void ignore_text(void *owner, const char *bytes, size_t length)
{
    (void)owner, (void)bytes, (void)length;
}
static void ignore_end(void *owner) { (void)owner; }

static void hang_up(void)
{
    close(kept);
    kept = -1;
}

/* Read an answer to its end; gives its status, or 0 when the connection ended before. */
static int read_answer(void)
{
    static const struct listener silent = { ignore_text, ignore_end, ignore_text };
    struct answer answer = { 0 };
    enum progress progress = GOES_ON;
    char bytes[16384];
    while (progress == GOES_ON) {
        ssize_t n = recv(kept, bytes, sizeof bytes, 0);
        size_t used = 0;
        if (n <= 0) {
            if (!n && answer.head_done && answer.body == UNTIL_END)
                progress = CLOSED_BY_SERVER;
            break;
        }
        if (!answer.head_done)
            progress = answer_head(&answer, bytes, (size_t)n, &used);
        if (progress == HEAD_DONE)
            progress = GOES_ON;
        if (answer.head_done && progress == GOES_ON)
            progress = answer_body(&answer, bytes + used, (size_t)n - used, &used, &silent, NULL);
    }
    int status = progress == BODY_DONE || progress == CLOSED_BY_SERVER ? answer.status : 0;
    answer_clear(&answer);
    return status;
}

static int post_once(const char *request, size_t length)
{
    struct timeval patience = { .tv_sec = PATIENCE_S };
    if (kept < 0) {
        if ((kept = dial(plan.host, plan.publish_port, -1, 0)) < 0)
            return 0;
        setsockopt(kept, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    int status = 0;
    if (send(kept, request, length, MSG_NOSIGNAL) == (ssize_t)length)
        status = read_answer();
    if (!status)
        hang_up();
    return status;
}

static int taken(int status) { return status >= 200 && status < 300; }

int publish(int number)
{
    char *request;
    uint64_t begun = now_ns();
    stamps[number] = begun;
    size_t length = format_post(&request, number);
    int status = post_once(request, length);
    if (!status && !plan.resume) /* the server may have closed a connection that it kept */
        status = post_once(request, length);
    uint64_t end = begun + PATIENCE_S * 1000000000ull;
    while (plan.resume && (!status || status >= 500) && now_ns() < end) {
        publisher.retries++;
        usleep(50000);
        status = post_once(request, length);
    }
    histogram_add(&publisher.answered, now_ns() - begun);
    publisher.last_status = status;
    if (!taken(status) && !publisher.errors++)
        fprintf(stderr, "fanload: a POST was answered with %d\n", status);
    return taken(status) || publisher.errors < 10;
}
