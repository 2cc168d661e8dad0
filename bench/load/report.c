#include "report.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "publisher.h"

static struct tally all;

static void add_up(void)
{
    for (int i = 0; i < plan.processes; i++) {
        struct tally *t = &board->tally[i];
        all.duplicate += t->duplicate, all.out_of_order += t->out_of_order;
        all.foreign += t->foreign, all.resets += t->resets;
        all.bytes += t->bytes, all.reads += t->reads;
        all.missing += t->missing, all.missing_on_dropped += t->missing_on_dropped;
        all.caught_up += t->caught_up, all.cut += t->cut, all.still_stalled += t->still_stalled;
        if (t->last_error)
            all.last_error = t->last_error;
        if (t->last_status)
            all.last_status = t->last_status;
        for (int p = 0; p < plan.phase_count; p++) {
            all.phase[p].unique += t->phase[p].unique;
            if (t->phase[p].last_ns > all.phase[p].last_ns)
                all.phase[p].last_ns = t->phase[p].last_ns;
            histogram_merge(&all.phase[p].latency, &t->phase[p].latency);
        }
        histogram_merge(&all.closing, &t->closing);
        histogram_merge(&all.retry, &t->retry);
        for (int c = 0; c < 5000; c++)
            all.close_codes[c] += t->close_codes[c];
    }
}

static void print_named(const char *name, const struct histogram *h)
{
    printf("\"%s\":", name);
    histogram_print(stdout, h);
}

/* From the stamp to the last receipt, of messages that reached everybody. */
static void print_to_all(const struct phase *p)
{
    struct histogram h = { 0 };
    size_t rows = (size_t)plan.messages + 1;
    for (int n = p->first; n < p->first + p->count; n++) {
        uint64_t last = 0, begun = p->away ? board->return_ns : stamps[n];
        for (int i = 0; i < plan.processes; i++)
            if (last_seen[(size_t)i * rows + (size_t)n] > last)
                last = last_seen[(size_t)i * rows + (size_t)n];
        if (done_by[n] >= (unsigned)plan.processes && last > begun)
            histogram_add(&h, last - begun);
    }
    print_named("to_all_us", &h);
}

static void print_phase(int i, const struct course *c, unsigned readers)
{
    const struct phase *p = &plan.phases[i];
    int published = c->published - p->first + 1;
    published = published < 0 ? 0 : published < p->count ? published : p->count;
    uint64_t begun = p->away ? board->return_ns : stamps[p->first], unique = all.phase[i].unique;
    double seconds = unique ? (double)(all.phase[i].last_ns - begun) / 1e9 : 0;
    double each = 1e6 / (double)(unique ? unique : 1), cpu = c->after[i].cpu - c->before[i].cpu;
    printf("%s{\"away\":%s,\"rate\":%g,\"published\":%d,\"expected\":%llu,\"unique\":%llu,"
           "\"seconds\":%.3f,\"per_s\":%.0f,\"cpu_s\":%.2f,\"cpu_us_per_delivery\":%.3f,"
           "\"cpu_us_per_reader\":%.1f,\"self_us_per_delivery\":%.3f,\"rss_kib\":[%ld,%ld],",
           i ? ",\n  " : "", p->away ? "true" : "false", p->rate, published,
           (unsigned long long)readers * (unsigned)published, (unsigned long long)unique, seconds,
           seconds > 0 ? (double)unique / seconds : 0, cpu, cpu * each,
           readers ? cpu * 1e6 / readers : 0,
           (c->self_after[i].cpu - c->self_before[i].cpu) * each, c->before[i].rss_kib,
           c->after[i].rss_kib);
    print_named("latency_us", &all.phase[i].latency);
    putchar(',');
    print_to_all(p);
    putchar('}');
}

static void print_connects(const struct course *c, unsigned established)
{
    double readers = established ? established : 1, cpu = c->settled.cpu - c->first.cpu;
    printf("{\"label\":\"%s\",\"conns\":%d,\"processes\":%d,\"stuck\":%s,\n", plan.label,
           plan.conns, plan.processes, c->stuck ? "true" : "false");
    printf(" \"connect\":{\"established\":%u,\"failed\":%u,\"dropped\":%u,\"resumed\":%u,"
           "\"refused\":%u,\"seconds\":%.3f,\"cpu_us_each\":%.1f,\"last_error\":\"%s\","
           "\"last_status\":%d},\n",
           established, SUM(failed), SUM(dropped), SUM(resumed), SUM(refused), c->connect_seconds,
           cpu * 1e6 / readers, all.last_error ? strerror(all.last_error) : "", all.last_status);
    printf(" \"memory\":{\"rss_kib\":[%ld,%ld,%ld],\"rss_kib_each\":%.2f,\"tcp_kib\":[%ld,%ld]},\n",
           c->first.rss_kib, c->connected.rss_kib, c->settled.rss_kib,
           (double)(c->settled.rss_kib - c->first.rss_kib) / readers, c->first.tcp_kib,
           c->settled.tcp_kib);
}

static void print_outage(void)
{
    printf(" \"outage\":{");
    print_named("closing_us", &all.closing);
    putchar(',');
    print_named("retry_us", &all.retry);
    printf(",\"close_codes\":{");
    for (int code = 0, n = 0; code < 5000; code++)
        if (all.close_codes[code])
            printf("%s\"%d\":%u", n++ ? "," : "", code, all.close_codes[code]);
    printf("}},\n");
}

int report(const struct course *c)
{
    add_up();
    unsigned established = SUM(established);
    print_connects(c, established);
    printf(" \"publish\":{\"published\":%d,\"errors\":%d,\"retries\":%d,\"last_status\":%d,",
           c->published, publisher.errors, publisher.retries, publisher.last_status);
    print_named("post_us", &publisher.answered);
    printf("},\n \"deliveries\":{\"missing\":%llu,\"missing_on_dropped\":%llu,\"duplicate\":%llu,"
           "\"out_of_order\":%llu,\"foreign\":%llu,\"resets\":%llu,\"bytes\":%llu,"
           "\"reads\":%llu},\n",
           (unsigned long long)all.missing, (unsigned long long)all.missing_on_dropped,
           (unsigned long long)all.duplicate, (unsigned long long)all.out_of_order,
           (unsigned long long)all.foreign, (unsigned long long)all.resets,
           (unsigned long long)all.bytes, (unsigned long long)all.reads);
    printf(" \"stalled\":{\"caught_up\":%u,\"cut_and_returned\":%u,\"lost\":%u},\n", all.caught_up,
           all.cut, all.still_stalled);
    print_outage();
    printf(" \"phases\":[");
    for (int i = 0; i < plan.phase_count; i++)
        print_phase(i, c, established - (unsigned)plan.stalled);
    printf("]}\n");
    return established == (unsigned)plan.conns && !c->stuck && !all.missing
        && !all.missing_on_dropped && !all.still_stalled && !publisher.errors;
}
