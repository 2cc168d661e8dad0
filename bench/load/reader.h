/* One reader: its connection from dialling to its end, and its way back. */
#ifndef READER_H
#define READER_H
#include <stdint.h>

#include "account.h"
#include "answer.h"
#include "scanner.h"

#define NEVER UINT64_MAX

enum state { WAITING, CONNECTING, HEAD, BODY, GONE };

struct reader {
    int fd, index; /* index: among all of the run */
    uint8_t state, opened, deaf, careful, was_cut;
    struct receipts receipts;
    struct answer answer;
    struct scanner scanner;
};

/* All readers of this process. */
struct crowd {
    struct reader *readers;
    uint64_t *due; /* [reader]: when it dials; beside the readers, as it is swept often */
    int count, poller, waiting, unanswered, thawed;
};

extern struct crowd crowd;

void reader_wait(struct reader *r, uint64_t when);
void reader_watch(struct reader *r, int operation, uint32_t events);
void reader_dial(struct reader *r);
/* Its connection stands, or was refused: send the request. */
void reader_connected(struct reader *r);
/* Bytes have come, or the end. */
void reader_read(struct reader *r);
#endif
