/* One process full of readers: connects its share, keeps account of what arrives, comes back. */
#ifndef READERS_H
#define READERS_H

/* Run `count` readers, the first with this index in the whole run, until the board stops. */
_Noreturn void run_readers(int process, int first, int count);
#endif
