#include "board.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

struct board *board;
atomic_uint *done_by;
atomic_ullong *last_seen, *stamps;

void make_board(void)
{
    size_t rows = (size_t)plan.messages + 1, columns = (size_t)plan.processes;
    size_t stamp = sizeof(atomic_ullong);
    size_t size = sizeof *board + rows * (stamp + columns * stamp + sizeof(atomic_uint));
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("fanload: shared memory");
        exit(2);
    }
    board = memory;
    stamps = (atomic_ullong *)(board + 1);
    last_seen = stamps + rows;
    done_by = (atomic_uint *)(last_seen + rows * columns);
    board->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

unsigned sum_of(unsigned long offset)
{
    unsigned sum = 0;
    for (int i = 0; i < plan.processes; i++)
        sum += *(atomic_uint *)((char *)&board->tally[i] + offset);
    return sum;
}
