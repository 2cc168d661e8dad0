#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST 8192

struct entry {
    int pid, parent, counted;
    unsigned long user, system;
    long pages;
};

static int read_entry(const char *name, struct entry *e)
{
    char path[300], line[1024];
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = 0;
    char *rest = strrchr(line, ')'); /* a program's name may hold spaces and brackets */
    e->pid = atoi(line);
    e->counted = 0;
    return rest && sscanf(rest + 2,
                          "%*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu "
                          "%*d %*d %*d %*d %*d %*d %*u %*u %ld",
                          &e->parent, &e->user, &e->system, &e->pages) == 4;
}

static int is_of(const struct entry *e, const struct entry *all, int n, const int *roots, int count)
{
    for (int i = 0; i < count; i++)
        if (e->pid == roots[i])
            return 1;
    for (int i = 0; i < n; i++)
        if (all[i].counted && all[i].pid == e->parent)
            return 1;
    return 0;
}

static long tcp_pages(void)
{
    char line[256];
    long pages = 0;
    FILE *file = fopen("/proc/net/sockstat", "r");
    while (file && fgets(line, sizeof line, file)) {
        char *found = strncmp(line, "TCP:", 4) ? NULL : strstr(line, " mem ");
        if (found)
            pages = atol(found + 5);
    }
    if (file)
        fclose(file);
    return pages;
}

struct usage usage_of(const int *roots, int count)
{
    static struct entry all[MOST];
    struct usage sum = { 0, 0, 0 };
    long ticks = sysconf(_SC_CLK_TCK), page_kib = sysconf(_SC_PAGESIZE) / 1024;
    int n = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *d; folder && n < MOST && (d = readdir(folder));)
        if (isdigit((unsigned char)d->d_name[0]))
            n += read_entry(d->d_name, &all[n]);
    if (folder)
        closedir(folder);
    for (int grown = 1; grown;) { /* children may be listed before their parents */
        grown = 0;
        for (int i = 0; i < n; i++)
            if (!all[i].counted && is_of(&all[i], all, n, roots, count))
                grown = all[i].counted = 1;
    }
    for (int i = 0; i < n; i++)
        if (all[i].counted) {
            sum.cpu += (double)(all[i].user + all[i].system) / (double)ticks;
            sum.rss_kib += all[i].pages * page_kib;
        }
    sum.tcp_kib = tcp_pages() * page_kib;
    return sum;
}
