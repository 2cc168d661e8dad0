/* A histogram of nanoseconds whose buckets are 1.6 % wide, so that quantiles cost no memory. */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H
#include <stdint.h>
#include <stdio.h>

#define STEPS 64 /* linear buckets in each power of two */
#define BUCKETS (STEPS * 42)

struct histogram {
    uint64_t bucket[BUCKETS], count, largest;
};

void histogram_add(struct histogram *h, uint64_t value);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The upper edge of the bucket in which that share of all values ends, in microseconds. */
double histogram_quantile(const struct histogram *h, double share);
/* {"count":…,"p50":…,"p90":…,"p99":…,"max":…} in microseconds. */
void histogram_print(FILE *out, const struct histogram *h);
#endif
