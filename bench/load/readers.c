#include "readers.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "reader.h"

static int is_away;

static struct receipts *receipts_of(int i) { return &crowd.readers[i].receipts; }

static void go_away(void)
{
    for (int i = 0; i < crowd.count; i++)
        if (crowd.readers[i].state == BODY) {
            close(crowd.readers[i].fd);
            answer_clear(&crowd.readers[i].answer);
            reader_wait(&crowd.readers[i], NEVER);
            mine->live--;
        }
}

static void come_back(void)
{
    for (int i = 0; i < crowd.count; i++)
        if (crowd.readers[i].state == WAITING)
            crowd.due[i] = 0;
}

static void thaw(void)
{
    int room = 1 << 18; /* with its small buffer it would take minutes */
    for (int i = 0; i < crowd.count; i++)
        if (crowd.readers[i].deaf && crowd.readers[i].state == BODY) {
            setsockopt(crowd.readers[i].fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
            reader_watch(&crowd.readers[i], EPOLL_CTL_ADD, EPOLLIN);
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
    if (board->thaw && !crowd.thawed) {
        crowd.thawed = 1;
        thaw();
    }
}

static void dial_due(void)
{
    static uint64_t swept;
    uint64_t now = now_ns();
    if (!crowd.waiting || now - swept < 1000000)
        return;
    swept = now;
    for (int i = 0; i < crowd.count && crowd.unanswered < plan.in_flight; i++)
        if (crowd.due[i] <= now && crowd.readers[i].state == WAITING)
            reader_dial(&crowd.readers[i]);
}

static void set_up(int process, int first)
{
    int careful = plan.resume || plan.transport == POLL;
    for (int i = 0; i < plan.phase_count; i++)
        careful |= plan.phases[i].away;
    crowd.readers = calloc((size_t)crowd.count, sizeof *crowd.readers);
    crowd.due = calloc((size_t)crowd.count, sizeof *crowd.due);
    crowd.poller = epoll_create1(EPOLL_CLOEXEC);
    if (!crowd.readers || !crowd.due || crowd.poller < 0) {
        perror("fanload: readers");
        _exit(2);
    }
    open_account(process, crowd.count, receipts_of);
    uint64_t now = now_ns();
    for (int i = 0; i < crowd.count; i++) {
        struct reader *r = &crowd.readers[i];
        r->index = first + i;
        r->deaf = r->index < plan.stalled;
        r->careful = (uint8_t)(careful | r->deaf);
        if (plan.cursor)
            snprintf(r->scanner.cursor, sizeof r->scanner.cursor, "%s", plan.cursor);
        reader_wait(r, now + (uint64_t)(1e9 / plan.ramp * plan.processes * i));
    }
    srandom((unsigned)now);
}

static void settle_account(void)
{
    unsigned all = (unsigned)board->published;
    for (int i = 0; i < crowd.count; i++) {
        struct reader *r = &crowd.readers[i];
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
    crowd.count = n;
    set_up(process, first);
    while (!board->stop) {
        follow_board();
        dial_due();
        int ready = epoll_wait(crowd.poller, events, 1024, crowd.waiting ? 1 : 20);
        for (int i = 0; i < ready; i++) {
            struct reader *r = &crowd.readers[events[i].data.u32];
            if (r->state == CONNECTING)
                reader_connected(r);
            else if (r->state == HEAD || r->state == BODY)
                reader_read(r);
        }
    }
    settle_account();
    mine->finished = 1;
    _exit(0);
}
