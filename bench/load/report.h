/* The run's figures, as one JSON document. */
#ifndef REPORT_H
#define REPORT_H
#include "plan.h"
#include "process.h"

/* Marks: before connecting, all connected, settled, then before and after each phase. */
struct course {
    struct usage first, connected, settled, self_first, self_settled;
    struct usage before[MOST_PHASES], after[MOST_PHASES];
    struct usage self_before[MOST_PHASES], self_after[MOST_PHASES];
    double connect_seconds;
    int published; /* the last message that was */
    int stuck;     /* something never ended */
};

/* Print it; gives whether everybody was connected and nothing is missing. */
int report(const struct course *course);
#endif
