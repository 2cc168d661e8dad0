/* What a server sends on one connection, taken apart at any byte: an HTTP head, then a body. */
#ifndef ANSWER_H
#define ANSWER_H
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

enum body { UNTIL_END, CHUNKED, SIZED, FRAMES };
enum progress { GOES_ON, HEAD_DONE, BODY_DONE, CLOSED_BY_SERVER, BROKEN };

struct answer {
    uint8_t body, chunk, in_frame, opcode, header_length, deflated, squeezed, fresh, head_done;
    unsigned char header[14]; /* of a frame, as far as it has come */
    int status, close_code;
    uint64_t remaining;
    char *gathered; /* the head, later the payload of a control frame */
    uint32_t length;
    z_stream *inflater;
};

/* What the owner wants to know; `owner` is handed through. */
struct listener {
    void (*text)(void *owner, const char *bytes, size_t length); /* decoded and inflated */
    void (*message_end)(void *owner);                            /* of a WebSocket message */
    void (*ping)(void *owner, const char *bytes, size_t length);
};

/*
 * Read the head. Gives HEAD_DONE and in *used how many of the bytes belonged to it,
 * GOES_ON when more is needed, BROKEN when it is none.
 */
enum progress answer_head(struct answer *a, const char *bytes, size_t length, size_t *used);
/* Read the body; *used falls short of `length` only where a sized body ends. */
enum progress answer_body(struct answer *a, const char *bytes, size_t length, size_t *used,
                          const struct listener *listener, void *owner);
/* Forget everything: the next byte begins a head. */
void answer_clear(struct answer *a);
#endif
