#include "scanner.h"

#include <stdlib.h>
#include <string.h>

enum { OUTSIDE, AT, NUMBER, STAMP, NUMBER_VALUE, STAMP_VALUE };
enum { CURSOR, RETRY, RESET };

static const char *const SSE_PATTERNS[] = { "id: ", "retry: ", "event: reset" };
static const char *const JSON_PATTERNS[] = { "\"cursor\":\"", NULL, "\"type\":\"reset\"" };

static void mark(struct scanner *s, char c)
{
    if (s->state == OUTSIDE)
        s->state = c == '@';
    else if (s->state == AT)
        s->state = c == 'n' ? NUMBER : c == 't' ? STAMP : c == '@';
    else if (s->state < NUMBER_VALUE) {
        s->state = c == '=' ? s->state + 2 : c == '@';
        s->value = s->digits = 0;
    } else if (c >= '0' && c <= '9' && s->digits < 19) {
        s->value = s->value * 10 + (uint64_t)(c - '0');
        s->digits++;
    } else if (c == '@' && s->digits) {
        if (s->state == NUMBER_VALUE)
            s->number = s->value;
        else
            s->stamp = s->value;
        s->have |= s->state == NUMBER_VALUE ? 1 : 2;
        s->state = AT; /* one @ may end a marker and begin the next */
    } else
        s->state = c == '@';
}

static void deliver(struct scanner *s, found delivery, void *owner)
{
    if (s->have == 3)
        delivery(owner);
    s->have = 0;
}

void scan_markers(struct scanner *s, const char *text, size_t length, found delivery, void *owner)
{
    for (const char *end = text + length; text < end; text++) {
        if (!s->state && !(text = memchr(text, '@', (size_t)(end - text))))
            return;
        mark(s, *text);
        if (s->have == 3)
            deliver(s, delivery, owner);
    }
}

static void capture(struct scanner *s, char c)
{
    if (c != '\n' && c != '"') {
        if (s->captured < CURSOR_SIZE - 1)
            s->capture[s->captured++] = c;
        return;
    }
    s->capture[s->captured] = 0;
    if (s->capturing == CURSOR + 1) {
        memcpy(s->pending, s->capture, CURSOR_SIZE);
        s->has_cursor = 1;
    } else
        s->retry_ms = (unsigned)strtoul(s->capture, NULL, 10);
    s->capturing = 0;
}

static void match(struct scanner *s, enum scanned kind, char c)
{
    int may_begin = kind != SSE_EVENTS || s->newlines; /* a field stands at the start of a line */
    for (int i = 0; i < PATTERNS; i++) {
        const char *pattern = kind == SSE_EVENTS ? SSE_PATTERNS[i] : JSON_PATTERNS[i];
        uint8_t m = s->matched[i];
        if (!pattern)
            continue;
        if (c == pattern[m] && (m || may_begin))
            m++;
        else
            m = may_begin && c == pattern[0];
        s->matched[i] = pattern[m] ? m : 0;
        if (pattern[m])
            continue;
        if (i == RESET)
            s->resets++;
        else {
            s->capturing = (uint8_t)(i + 1);
            s->captured = 0;
        }
    }
}

void scan_end(struct scanner *s, found delivery, void *owner)
{
    if (s->has_cursor)
        memcpy(s->cursor, s->pending, CURSOR_SIZE);
    s->has_cursor = 0;
    deliver(s, delivery, owner);
}

void scan_events(struct scanner *s, enum scanned kind, const char *text, size_t length,
                 found delivery, void *owner)
{
    for (const char *end = text + length; text < end; text++) {
        mark(s, *text);
        if (s->capturing)
            capture(s, *text);
        if (!s->capturing && (kind != MESSAGES || !s->has_cursor))
            match(s, kind, *text);
        if (kind == PAGES && s->have == 3) /* one page may hold several */
            deliver(s, delivery, owner);
        if (kind != SSE_EVENTS)
            continue;
        s->newlines = *text == '\n' ? s->newlines + 1 : 0;
        if (s->newlines == 2) {
            scan_end(s, delivery, owner);
            s->newlines = 1;
        }
    }
}

void scan_restart(struct scanner *s)
{
    s->state = s->have = s->capturing = s->has_cursor = 0;
    s->newlines = 1; /* a stream begins like a line */
    memset(s->matched, 0, sizeof s->matched);
}
