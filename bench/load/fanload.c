/*
 * fanload: a load generator for servers that push, on loopback.
 *
 * The parent publishes over HTTP and measures the server's processes; its children are the readers.
 * A message carries "@n=NUMBER@" (from 1) and "@t=STAMP@" (of the monotonic clock, in nanoseconds);
 * a delivery is the receipt of both by one reader. Ends by itself in every case.
 *
 * Exit status: 0 all connected and nothing missing, 1 otherwise, 2 wrong usage, 3 stuck.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"
#include "clock.h"
#include "publisher.h"
#include "readers.h"
#include "report.h"

static struct course course;
static uint64_t deadline;
static int self, complete; /* complete: messages 1 … that all have */

static int expired(void) { return now_ns() > deadline; }

static void on_alarm(int signal)
{
    static const char said[] = "fanload: still here long after --max-time; giving up\n";
    (void)signal;
    if (write(2, said, sizeof said - 1) < 0)
        _exit(4);
    _exit(3);
}

static void on_outage(int signal)
{
    (void)signal;
    board->outage_ns = now_ns();
}

static struct usage of_server(void) { return usage_of(plan.pids, plan.pid_count); }
static struct usage of_self(void) { return usage_of(&self, 1); }

static void begin(void)
{
    self = getpid();
    make_board();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGALRM, on_alarm);
    struct sigaction outage = { .sa_handler = on_outage, .sa_flags = SA_RESTART };
    sigaction(SIGUSR1, &outage, NULL);
    alarm((unsigned)plan.max_seconds + 40);
    deadline = now_ns() + (uint64_t)plan.max_seconds * 1000000000u;
    course.first = of_server();
    course.self_first = of_self();
}

static void fork_readers(void)
{
    for (int i = 0, first = 0; i < plan.processes; i++) {
        int n = plan.conns / plan.processes + (i < plan.conns % plan.processes);
        pid_t child = fork();
        if (child < 0) {
            perror("fanload: fork");
            exit(2);
        }
        if (!child) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            signal(SIGUSR1, SIG_IGN);
            run_readers(i, first, n);
        }
        first += n;
    }
}

/* Wait until `progress` has reached `goal`; gives 0 when it stood still for too long. */
static int wait_for(unsigned long long (*progress)(void), unsigned long long goal)
{
    unsigned long long known = 0, now;
    uint64_t since = now_ns();
    while ((now = progress()) != goal) {
        if (now != known) {
            known = now;
            since = now_ns();
        }
        if ((double)(now_ns() - since) > plan.stall * 1e9 || expired())
            return 0;
        usleep(1000);
    }
    return 1;
}

static unsigned long long answered(void) { return SUM(established) + SUM(failed); }
static unsigned long long living(void) { return SUM(live); }

/* What has arrived, and when all has: everything. */
static unsigned long long arrived(void)
{
    unsigned long long sum = 0;
    while (complete < course.published && done_by[complete + 1] >= (unsigned)plan.processes)
        complete++;
    if (complete >= course.published)
        return ~0ull;
    for (int i = 0; i < plan.processes; i++) {
        for (int p = 0; p < plan.phase_count; p++)
            sum += board->tally[i].phase[p].unique;
        sum += board->tally[i].resumed + board->tally[i].refused;
    }
    return sum;
}

/* For whoever started this and wants to do something at the same time. */
static void tell(const char *what) { fprintf(stderr, "fanload: %s\n", what); }

static void fail(const char *what)
{
    tell(what);
    course.stuck = 1;
}

static void connect_all(void)
{
    uint64_t begun = now_ns();
    fork_readers();
    if (!wait_for(answered, (unsigned)plan.conns))
        fail("not everybody could connect");
    course.connect_seconds = (double)(now_ns() - begun) / 1e9;
    course.connected = of_server();
    usleep((unsigned)plan.settle_ms * 1000);
    course.settled = of_server();
    course.self_settled = of_self();
    tell("connected");
}

/* Wait until fewer than `window` messages are under way. */
static int wait_for_window(int window)
{
    uint64_t since = now_ns(), ignored;
    for (int known = complete; arrived() != ~0ull && course.published - complete >= window;) {
        struct pollfd wake = { .fd = board->wake, .events = POLLIN };
        if (complete != known) {
            known = complete;
            since = now_ns();
        }
        if ((double)(now_ns() - since) > plan.stall * 1e9 || expired())
            return 0;
        if (poll(&wake, 1, 100) > 0 && read(board->wake, &ignored, sizeof ignored) < 0)
            continue;
    }
    return 1;
}

static int publish_next(const struct phase *p, uint64_t begun, int i)
{
    if (!p->away && p->rate > 0)
        sleep_until(begun + (uint64_t)(i / p->rate * 1e9));
    else if (!p->away && !wait_for_window(p->window)) {
        fail("a message does not reach everybody");
        return 0;
    }
    board->published = course.published = p->first + i;
    if (publish(p->first + i))
        return 1;
    fail("messages are not taken");
    return 0;
}

static void run_phase(const struct phase *p)
{
    uint64_t begun = now_ns();
    for (int i = 0; i < p->count && !plan.external; i++)
        if (expired() || (!plan.resume && !p->away && !SUM(live)) || !publish_next(p, begun, i))
            break;
    if (plan.external)
        board->published = course.published = p->first + p->count - 1;
}

static void run_phases(void)
{
    for (int i = 0; i < plan.phase_count && !course.stuck; i++) {
        const struct phase *p = &plan.phases[i];
        board->away = p->away;
        if (p->away && !wait_for(living, 0))
            fail("somebody did not hang up");
        course.before[i] = of_server();
        course.self_before[i] = of_self();
        run_phase(p);
        if (p->away) { /* coming back is what is measured */
            usleep((unsigned)plan.settle_ms * 1000);
            course.before[i] = of_server();
            course.self_before[i] = of_self();
            tell("returning");
            board->return_ns = now_ns();
            board->away = 0;
        }
        if (!wait_for(arrived, ~0ull))
            fail("not everything has arrived");
        course.after[i] = of_server();
        course.self_after[i] = of_self();
        if (p->away) {
            tell("returned");
            usleep((unsigned)plan.settle_ms * 1000);
        }
    }
}

static unsigned long long whole_again(void) { return SUM(whole_again); }

int main(int argc, char **argv)
{
    read_plan(argc, argv);
    begin();
    connect_all();
    run_phases();
    if (plan.stalled) { /* let them read what is left, and come back if they were cut */
        board->thaw = 1;
        wait_for(whole_again, (unsigned)plan.stalled);
    }
    usleep(100000); /* what comes twice may come late */
    board->stop = 1;
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    return !report(&course);
}
