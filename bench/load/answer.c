#define _GNU_SOURCE
#include "answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_HEAD 16384
#define EXTENSIONS "\r\nsec-websocket-extensions:"
#define ACCEPTED "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" /* of RFC 6455's example key, which all send */

static const char *field(const char *head, const char *name)
{
    const char *found = strcasestr(head, name);
    return found ? found + strlen(name) : NULL;
}

static int field_has(const char *head, const char *name, const char *word)
{
    const char *value = field(head, name), *end = value ? strstr(value, "\r\n") : NULL;
    const char *found = value ? strcasestr(value, word) : NULL;
    return found && end && found < end;
}

static enum progress understand(struct answer *a, const char *head)
{
    const char *size = field(head, "\r\ncontent-length:");
    a->status = strlen(head) > 12 ? atoi(head + 9) : 0;
    if (a->status == 101) {
        if (!strstr(head, ACCEPTED))
            return BROKEN;
        a->body = FRAMES;
        a->deflated = (uint8_t)field_has(head, EXTENSIONS, "permessage-deflate");
        a->fresh = (uint8_t)field_has(head, EXTENSIONS, "server_no_context_takeover");
    } else if (field_has(head, "\r\ntransfer-encoding:", "chunked"))
        a->body = CHUNKED;
    else if (size || a->status == 304 || a->status == 204) {
        a->body = SIZED;
        a->remaining = size && a->status != 304 ? strtoull(size, NULL, 10) : 0;
    } else
        a->body = UNTIL_END;
    a->squeezed = (uint8_t)field_has(head, "\r\ncontent-encoding:", "gzip");
    if (a->squeezed || a->deflated) {
        a->inflater = calloc(1, sizeof *a->inflater);
        if (!a->inflater || inflateInit2(a->inflater, a->deflated ? -15 : 15 + 16) != Z_OK)
            return BROKEN;
    }
    return HEAD_DONE;
}

enum progress answer_head(struct answer *a, const char *bytes, size_t length, size_t *used)
{
    if (!a->gathered && !(a->gathered = malloc(LONGEST_HEAD + 1)))
        return BROKEN;
    const char *begun = bytes;
    while (!a->length && length && (*bytes == '\r' || *bytes == '\n')) {
        bytes++; /* what the end of a chunked answer left */
        length--;
    }
    size_t before = a->length, room = LONGEST_HEAD - before, taken = length < room ? length : room;
    memcpy(a->gathered + before, bytes, taken);
    a->length += (uint32_t)taken;
    a->gathered[a->length] = 0;
    char *end = memmem(a->gathered, a->length, "\r\n\r\n", 4);
    if (!end)
        return a->length >= LONGEST_HEAD ? BROKEN : GOES_ON;
    *used = (size_t)(end + 4 - a->gathered) - before + (size_t)(bytes - begun);
    end[2] = 0;
    enum progress progress = understand(a, a->gathered);
    free(a->gathered);
    a->gathered = NULL;
    a->length = 0;
    a->head_done = 1;
    return progress;
}

static enum progress inflate_bytes(struct answer *a, const char *bytes, size_t length,
                                   const struct listener *listener, void *owner)
{
    static char plain[1 << 16];
    a->inflater->next_in = (Bytef *)(uintptr_t)bytes;
    a->inflater->avail_in = (uInt)length;
    do {
        a->inflater->next_out = (Bytef *)plain;
        a->inflater->avail_out = sizeof plain;
        int result = inflate(a->inflater, Z_SYNC_FLUSH);
        if (result != Z_OK && result != Z_BUF_ERROR && result != Z_STREAM_END)
            return BROKEN;
        listener->text(owner, plain, sizeof plain - a->inflater->avail_out);
        if (result == Z_STREAM_END) /* a browser reads one member and no more */
            return a->squeezed ? CLOSED_BY_SERVER : BROKEN;
    } while (!a->inflater->avail_out);
    return a->inflater->avail_in ? BROKEN : GOES_ON;
}

static enum progress content(struct answer *a, const char *bytes, size_t length,
                             const struct listener *listener, void *owner)
{
    if (a->squeezed)
        return inflate_bytes(a, bytes, length, listener, owner);
    listener->text(owner, bytes, length);
    return GOES_ON;
}

static int hex_digit(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

static enum progress chunked(struct answer *a, const char *p, size_t length,
                             const struct listener *listener, void *owner)
{
    enum { SIZE, DATA, DATA_END, EXTENSION };
    for (const char *end = p + length; p < end;) {
        if (a->chunk == DATA) {
            size_t n = (size_t)(end - p) < a->remaining ? (size_t)(end - p) : a->remaining;
            enum progress progress = content(a, p, n, listener, owner);
            if (progress != GOES_ON)
                return progress;
            p += n;
            if (!(a->remaining -= n))
                a->chunk = DATA_END;
            continue;
        }
        char c = *p++;
        if (a->chunk == SIZE && isxdigit((unsigned char)c))
            a->remaining = a->remaining * 16 + (uint64_t)hex_digit(c);
        else if (a->chunk == SIZE && c == ';')
            a->chunk = EXTENSION;
        else if (c == '\n' && a->chunk == DATA_END) {
            a->chunk = SIZE;
            a->remaining = 0;
        } else if (c == '\n') {
            if (!a->remaining)
                return CLOSED_BY_SERVER;
            a->chunk = DATA;
        }
    }
    return GOES_ON;
}

static enum progress frame_head(struct answer *a, unsigned char byte)
{
    a->header[a->header_length++] = byte;
    if (a->header_length < 2)
        return GOES_ON;
    int length = a->header[1] & 127, more = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (a->header_length < 2 + more)
        return GOES_ON;
    if (a->header[1] & 0x80 || a->header[0] & (a->deflated ? 0x30 : 0x70))
        return BROKEN; /* masked, or with a bit that nobody agreed on: RFC 6455, 5.2 */
    a->remaining = more ? 0 : (uint64_t)length;
    for (int i = 2; i < 2 + more; i++)
        a->remaining = a->remaining << 8 | a->header[i];
    a->opcode = a->header[0] & 15;
    a->header_length = 0;
    a->in_frame = 1;
    a->length = 0;
    if (a->opcode & 8) {
        if (!a->gathered)
            a->gathered = malloc(128);
        return a->remaining <= 125 && a->gathered ? GOES_ON : BROKEN;
    }
    if (a->opcode) { /* the first frame of a message says whether it is deflated: RFC 7692, 6 */
        a->squeezed = a->header[0] >> 6 & 1;
        if (a->squeezed && a->fresh)
            inflateReset(a->inflater);
    }
    return GOES_ON;
}

static enum progress frame_end(struct answer *a, const struct listener *listener, void *owner)
{
    a->in_frame = 0;
    if (a->opcode == 8) {
        const unsigned char *code = (unsigned char *)a->gathered;
        a->close_code = a->length >= 2 ? code[0] << 8 | code[1] : 1005;
        return CLOSED_BY_SERVER;
    }
    if (a->opcode == 9)
        listener->ping(owner, a->gathered, a->length);
    if (a->opcode & 8 || !(a->header[0] & 0x80))
        return GOES_ON;
    enum progress progress = GOES_ON;
    if (a->squeezed)
        progress = inflate_bytes(a, "\0\0\377\377", 4, listener, owner);
    listener->message_end(owner);
    return progress;
}

static enum progress frames(struct answer *a, const char *p, size_t length,
                            const struct listener *listener, void *owner)
{
    enum progress progress = GOES_ON;
    for (const char *end = p + length; progress == GOES_ON;) {
        if (!a->in_frame) {
            if (p == end)
                break;
            progress = frame_head(a, (unsigned char)*p++);
            continue;
        }
        size_t n = (size_t)(end - p) < a->remaining ? (size_t)(end - p) : a->remaining;
        if (a->opcode & 8) {
            memcpy(a->gathered + a->length, p, n);
            a->length += (uint32_t)n;
        } else if (n)
            progress = content(a, p, n, listener, owner);
        p += n;
        if (a->remaining -= n)
            break;
        if (progress == GOES_ON)
            progress = frame_end(a, listener, owner);
    }
    return progress;
}

enum progress answer_body(struct answer *a, const char *bytes, size_t length, size_t *used,
                          const struct listener *listener, void *owner)
{
    *used = length;
    if (a->body == CHUNKED)
        return chunked(a, bytes, length, listener, owner);
    if (a->body == FRAMES)
        return frames(a, bytes, length, listener, owner);
    if (a->body == UNTIL_END)
        return content(a, bytes, length, listener, owner);
    if (length > a->remaining)
        *used = a->remaining;
    a->remaining -= *used;
    enum progress progress = *used ? content(a, bytes, *used, listener, owner) : GOES_ON;
    return progress == BROKEN ? BROKEN : a->remaining ? GOES_ON : BODY_DONE;
}

void answer_clear(struct answer *a)
{
    if (a->inflater)
        inflateEnd(a->inflater);
    free(a->inflater);
    free(a->gathered);
    memset(a, 0, sizeof *a);
}
