/* Connections to a server on this machine; refuses every other address. */
#ifndef DIAL_H
#define DIAL_H

/* Check that an address is in 127.0.0.0/8, and ask for as many descriptors as the system gives. */
int dial_prepare(const char *host);
/* The most descriptors that one process may have. */
int dial_limit(void);
/*
 * Connect, without waiting unless `source` is negative.
 * source: from 127.0.0.(2 + source), as an address has 28,000 ports only; negative: no choice.
 * receive_buffer: bytes, before the window is announced; 0 leaves it to the kernel.
 * Returns the descriptor, or -1 and errno.
 */
int dial(const char *host, int port, int source, int receive_buffer);
#endif
