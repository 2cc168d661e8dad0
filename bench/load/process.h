/* What process trees have used so far, out of /proc. */
#ifndef PROCESS_H
#define PROCESS_H

struct usage {
    double cpu;    /* seconds, user and system; the kernel counts in steps of 10 ms */
    long rss_kib;  /* pages shared by several processes count once for each */
    long tcp_kib;  /* the kernel's TCP memory of the whole machine */
};

struct usage usage_of(const int *roots, int count);
#endif
