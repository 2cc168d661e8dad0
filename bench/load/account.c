#include "account.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COMPLETE (~0u)

struct tally *mine;
static unsigned *received, audience; /* received: by so many readers, each message */
static int process, latest;

void open_account(int number, int readers, struct receipts *of_reader(int))
{
    size_t words = (size_t)plan.messages / 64 + 1;
    uint64_t *bits = calloc((size_t)readers * words, sizeof *bits);
    process = number;
    mine = &board->tally[number];
    received = calloc((size_t)plan.messages + 1, sizeof *received);
    if (!bits || !received) {
        fputs("fanload: no memory for the account\n", stderr);
        _exit(2);
    }
    for (int i = 0; i < readers; i++)
        of_reader(i)->seen = bits + (size_t)i * words;
}

static void complete(int number)
{
    uint64_t one = 1;
    received[number] = COMPLETE;
    atomic_fetch_add(&done_by[number], 1);
    if (write(board->wake, &one, sizeof one) < 0) {
        /* Full: somebody is about to be woken anyway. */
    }
}

void audience_grows(void) { audience++; }

void audience_shrinks(void)
{
    audience--;
    for (int n = 1; n <= latest; n++)
        if (received[n] != COMPLETE && received[n] && received[n] >= audience)
            complete(n);
}

void receive(struct receipts *r, uint64_t number, uint64_t stamp, uint64_t at, int counted)
{
    if (number < 1 || number > (uint64_t)plan.messages) {
        mine->foreign++;
        return;
    }
    int n = (int)number, p = phase_of(n);
    if (r->seen[n / 64] >> (n % 64) & 1) {
        mine->duplicate++;
        return;
    }
    r->seen[n / 64] |= UINT64_C(1) << (n % 64);
    r->unique++;
    if (number < r->latest)
        mine->out_of_order++;
    else
        r->latest = (unsigned)number;
    if (!counted) {
        mine->whole_again += r->unique == (unsigned)board->published;
        return;
    }
    uint64_t since = plan.phases[p].away ? board->return_ns : stamp;
    mine->phase[p].unique++;
    mine->phase[p].last_ns = at;
    histogram_add(&mine->phase[p].latency, at > since ? at - since : 0);
    last_seen[(size_t)process * ((size_t)plan.messages + 1) + number] = at;
    if (plan.external)
        stamps[n] = stamp;
    if (n > latest)
        latest = n;
    if (received[n] != COMPLETE && ++received[n] >= audience)
        complete(n);
}
