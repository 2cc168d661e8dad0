#include "dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int dial_prepare(const char *host)
{
    struct in_addr address;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

int dial_limit(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    return (int)limit.rlim_cur;
}

static int give_up(int fd)
{
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

int dial(const char *host, int port, int source, int receive_buffer)
{
    int one = 1, kind = SOCK_STREAM | SOCK_CLOEXEC | (source < 0 ? 0 : SOCK_NONBLOCK);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    struct sockaddr_in from = { .sin_family = AF_INET };
    int fd = socket(AF_INET, kind, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    inet_pton(AF_INET, host, &to.sin_addr);
    if (source >= 0) {
        from.sin_addr.s_addr = htonl(0x7f000002u + (unsigned)source);
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(fd, (struct sockaddr *)&from, sizeof from))
            return give_up(fd);
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
        return give_up(fd);
    return fd;
}
