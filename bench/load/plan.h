/* What a run is to do, as the command line says it; the same in every process of the run. */
#ifndef PLAN_H
#define PLAN_H
#include <stdint.h>

#define MOST_PHASES 8
#define MOST_PIDS 32
#define MOST_PROCESSES 64

enum transport { SSE, SOCKET, POLL };

/* Messages first .. first + count - 1. */
struct phase {
    int away;     /* all readers hang up before, and come back at once after the last message */
    double rate;  /* messages a second; 0: the next when fewer than `window` are under way */
    int window, first, count;
};

struct plan {
    enum transport transport;
    int port, publish_port, conns, stalled, processes, sources, ramp, in_flight, settle_ms;
    int max_seconds, compressed, resume, external, receive_buffer;
    double stall;
    const char *host, *path, *publish_path, *cursor, *label;
    char headers[4096], publish_headers[4096], *body;
    int pids[MOST_PIDS], pid_count;
    struct phase phases[MOST_PHASES];
    int phase_count, messages;
};

extern struct plan plan;

/* Fill `plan`; ends the program with what is wrong. */
void read_plan(int argc, char **argv);
/* The phase to which a message belongs. */
int phase_of(int number);
#endif
