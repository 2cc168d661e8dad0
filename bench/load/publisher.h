/* Publishes messages, one POST each, over one connection that is kept. */
#ifndef PUBLISHER_H
#define PUBLISHER_H
#include "histogram.h"

struct publisher {
    struct histogram answered; /* POST to its answer */
    int errors, retries, last_status;
};

extern struct publisher publisher;

/* Publish a message; with --resume again and again until it is taken. Gives 0 when it was not. */
int publish(int number);
#endif
