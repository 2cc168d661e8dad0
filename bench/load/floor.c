/*
 * floor PORT epoll|uring: what the kernel alone asks for pushing.
 *
 * One thread, one frame made ready, one send() for each reader, or io_uring in batches. It knows no
 * HTTP to speak of, no slow readers and no history: no server that does its work can be below it.
 * GET /sse subscribes, POST /pub sends its body to all. Built WITH_URING where liburing is there.
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#ifdef WITH_URING
#include <liburing.h>
#define BATCH 256
static struct io_uring ring;
#endif

#define MOST 65536
#define LONGEST (1 << 20)

static int readers[MOST], count, use_uring;
static char request[LONGEST + 1], frame[LONGEST + 16];
static size_t request_length;
static int publisher_fd = -1;

static void send_each(size_t length)
{
    for (int i = 0; i < count; i++)
        if (send(readers[i], frame, length, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)length)
            fputs("floor: a reader is too slow\n", stderr);
}

#ifdef WITH_URING
static void send_batches(size_t length)
{
    for (int i = 0; i < count;) {
        struct io_uring_cqe *done;
        unsigned head, taken = 0, asked = 0;
        for (; asked < BATCH && i < count; asked++, i++)
            io_uring_prep_send(io_uring_get_sqe(&ring), readers[i], frame, length,
                               MSG_DONTWAIT | MSG_NOSIGNAL);
        io_uring_submit_and_wait(&ring, asked);
        io_uring_for_each_cqe(&ring, head, done)
        {
            taken++;
            if (done->res != (int)length)
                fputs("floor: a reader is too slow\n", stderr);
        }
        io_uring_cq_advance(&ring, taken);
    }
}

static int prepare_uring(void)
{
    struct io_uring_params wanted = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = 2 * BATCH,
    };
    int error = io_uring_queue_init_params(BATCH, &ring, &wanted);
    if (error)
        fprintf(stderr, "floor: io_uring: %s\n", strerror(-error));
    return !error;
}
#else
static void send_batches(size_t length) { send_each(length); }
static int prepare_uring(void)
{
    fputs("floor: built without liburing\n", stderr);
    return 0;
}
#endif

static int listen_on(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) {
        perror("floor");
        exit(1);
    }
    return fd;
}

static void forget(int fd)
{
    for (int i = 0; i < count; i++)
        if (readers[i] == fd) {
            readers[i] = readers[--count];
            break;
        }
    if (fd == publisher_fd)
        publisher_fd = -1;
    close(fd);
}

static void answer(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        forget(fd);
}

/* A POST may come in pieces; there is one publisher. */
static void take_post(int fd)
{
    char *end = strstr(request, "\r\n\r\n"), *size = strcasestr(request, "content-length:");
    size_t head = end ? (size_t)(end + 4 - request) : 0, wanted;
    publisher_fd = fd;
    if (!end || !size || request_length < head + (wanted = strtoul(size + 15, NULL, 10)))
        return;
    size_t length = (size_t)sprintf(frame, "data: %s\n\n", request + head);
    request_length = 0;
    (use_uring ? send_batches : send_each)(length);
    answer(fd, "HTTP/1.1 204 No Content\r\n\r\n");
}

static void read_from(int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                               "Cache-Control: no-cache\r\n\r\n";
    size_t kept = fd == publisher_fd ? request_length : 0;
    ssize_t n = recv(fd, request + kept, LONGEST - kept, 0);
    if (n <= 0) {
        forget(fd);
        return;
    }
    request_length = kept + (size_t)n;
    request[request_length] = 0;
    if (strncmp(request, "GET", 3)) {
        take_post(fd);
    } else if (count < MOST) {
        request_length = 0;
        readers[count++] = fd;
        answer(fd, head);
    }
}

static void accept_all(int listener, int poller)
{
    int one = 1;
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    struct epoll_event events[512], event = { .events = EPOLLIN };
    use_uring = argc > 2 && !strcmp(argv[2], "uring");
    if (argc < 2 || (use_uring && !prepare_uring()))
        return 2;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = event.data.fd = listen_on(atoi(argv[1])), poller = epoll_create1(0);
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < ready; i++)
            if (events[i].data.fd == listener)
                accept_all(listener, poller);
            else
                read_from(events[i].data.fd);
    }
}
