/*
 * Finds in a stream's text, wherever it is split: the markers `@n=NUMBER@` and `@t=STAMP@`, and
 * what a client needs for coming back: its cursor, the server's `retry:`, and a reset.
 */
#ifndef SCANNER_H
#define SCANNER_H
#include <stddef.h>
#include <stdint.h>

#define CURSOR_SIZE 64
#define PATTERNS 3

struct scanner {
    uint8_t state, digits, have; /* have: 1 the number, 2 the stamp */
    uint8_t matched[PATTERNS], capturing, captured, has_cursor, newlines;
    uint64_t value, number, stamp;
    char capture[CURSOR_SIZE], pending[CURSOR_SIZE], cursor[CURSOR_SIZE];
    unsigned retry_ms, resets;
};

/* A message begins with its cursor, and what stands deeper belongs to something else; a page of
   history ends with its own. */
enum scanned { SSE_EVENTS, MESSAGES, PAGES };

typedef void (*found)(void *owner);

/* Look for markers; `delivery` is called when both have been read. */
void scan_markers(struct scanner *s, const char *text, size_t length, found delivery, void *owner);
/*
 * Look for markers and fields. An event counts when it is whole, as a client would have it: at the
 * empty line of SSE, or at scan_end for messages. The cursor moves on at the same moment.
 */
void scan_events(struct scanner *s, enum scanned kind, const char *text, size_t length,
                 found delivery, void *owner);
/* A message is whole. */
void scan_end(struct scanner *s, found delivery, void *owner);
/* Forget half an event, keep the cursor: a new connection begins. */
void scan_restart(struct scanner *s);
#endif
