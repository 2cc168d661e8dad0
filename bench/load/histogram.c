#include "histogram.h"

static int bucket_of(uint64_t value)
{
    int shift = value < STEPS ? 0 : 64 - __builtin_clzll(value) - 7;
    int i = shift <= 0 ? (int)value : shift * STEPS + (int)(value >> shift);
    return i < BUCKETS ? i : BUCKETS - 1;
}

static uint64_t upper_edge(int i)
{
    int shift = i < 2 * STEPS ? 0 : i / STEPS - 1;
    return shift ? ((uint64_t)(i - shift * STEPS) + 1) << shift : (uint64_t)i;
}

void histogram_add(struct histogram *h, uint64_t value)
{
    h->bucket[bucket_of(value)]++;
    h->count++;
    if (value > h->largest)
        h->largest = value;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (int i = 0; from->count && i < BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
    into->count += from->count;
    if (from->largest > into->largest)
        into->largest = from->largest;
}

double histogram_quantile(const struct histogram *h, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)h->count + 0.999999), passed = 0;
    for (int i = 0; h->count && i < BUCKETS; i++) {
        passed += h->bucket[i];
        if (passed && passed >= wanted) {
            uint64_t edge = upper_edge(i);
            return (double)(edge < h->largest ? edge : h->largest) / 1e3;
        }
    }
    return 0;
}

void histogram_print(FILE *out, const struct histogram *h)
{
    fprintf(out, "{\"count\":%llu,\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"max\":%.0f}",
            (unsigned long long)h->count, histogram_quantile(h, .5), histogram_quantile(h, .9),
            histogram_quantile(h, .99), (double)h->largest / 1e3);
}
