/* The memory that the publisher and its readers' processes share. */
#ifndef BOARD_H
#define BOARD_H
#include <stdatomic.h>
#include <stdint.h>

#include "histogram.h"
#include "plan.h"

/* What one process of readers says. Only it writes; the publisher reads. */
struct tally {
    atomic_uint started, established, failed, dropped, live, resumed, refused, whole_again;
    int last_error, last_status, finished;
    uint64_t duplicate, out_of_order, foreign, resets, bytes, reads, missing, missing_on_dropped;
    unsigned caught_up, cut, still_stalled, close_codes[5000];
    struct {
        uint64_t unique, last_ns;
        struct histogram latency; /* from the stamp, or of `away` from the return */
    } phase[MOST_PHASES];
    struct histogram closing, retry; /* of an outage; retry in microseconds like all */
};

struct board {
    atomic_int stop, away, thaw, published;
    atomic_ullong outage_ns, return_ns; /* 0: not yet */
    int wake; /* an eventfd: some message has reached all of one process */
    struct tally tally[MOST_PROCESSES];
};

extern struct board *board;
extern atomic_uint *done_by;    /* [message]: processes all of whose readers have it */
extern atomic_ullong *last_seen; /* [process * (messages + 1) + message]: its last receipt */
extern atomic_ullong *stamps;   /* [message]: when it was published */

void make_board(void);
/* The sum of one counter over all processes. */
#define SUM(field) sum_of(offsetof(struct tally, field))
unsigned sum_of(unsigned long offset);
#endif
