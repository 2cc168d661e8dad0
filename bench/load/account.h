/* One process's account of what its readers have received. */
#ifndef ACCOUNT_H
#define ACCOUNT_H
#include <stdint.h>

#include "board.h"

extern struct tally *mine;

/* What one reader has received so far. */
struct receipts {
    uint64_t *seen; /* a bit for each message */
    unsigned unique, latest;
};

void open_account(int process, int readers, struct receipts *of_reader(int));
/* A reader more, or less, who must have a message before it is complete. */
void audience_grows(void);
void audience_shrinks(void);
/* A message has come. `counted`: it belongs to the figures, and not to somebody who stalled. */
void receive(struct receipts *r, uint64_t number, uint64_t stamp, uint64_t at, int counted);
#endif
